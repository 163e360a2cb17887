// TensorFlow Lite files that lie: every claim is checked before it costs memory or is followed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "packs/sources/test_tflite.h"
#include "packs/sources/tflite.h"
#include "weights/test_data.h"

namespace facepipe::weights {
namespace {

using testing::FlatFields;
using ::testing::HasSubstr;
using testing::TfliteBuilder;

// A network of a sum, and what a test changes of it.
struct SumTflite {
  TfliteBuilder builder;
  int input = builder.tensor({1, 2, 2, 3});
  int shift = builder.constant({3}, {1, 2, 3});
  int output = builder.tensor({1, 2, 2, 3});
  SumTflite() { builder.operation(0, {input, shift}, output, 11); }
  [[nodiscard]] Bytes file() const { return builder.file({input}, {output}); }
};

std::string message_of(const Bytes& file) {
  const auto read = read_tflite(file);
  EXPECT_FALSE(read);
  return read ? "" : read.error().message;
}

TEST(TfliteHostile, NoPrefixAndNoChangedByteIsFollowedOutOfTheFile) {
  const Bytes file = SumTflite().file();
  ASSERT_TRUE(read_tflite(file));
  const auto read = [](ByteView bytes) {
    const auto model = read_tflite(bytes);
    EXPECT_TRUE(!model || model->output < model->tensors.size());
    return model.has_value();
  };
  EXPECT_EQ(accepted_prefixes(file, read), 0U);
  read_with_changed_bytes(file, read);
}

TEST(TfliteHostile, IndicesOutsideAreNamed) {
  SumTflite tensor;
  tensor.builder.operation(0, {tensor.output, 99}, tensor.builder.tensor({1, 2, 2, 3}), 11);
  EXPECT_THAT(message_of(tensor.file()), HasSubstr("tensor 99 of 4"));
  SumTflite negative;
  negative.builder.operation(0, {negative.output, -1}, negative.builder.tensor({1, 2, 2, 3}), 11);
  EXPECT_THAT(message_of(negative.file()), HasSubstr("tensor -1 of 4"));
  SumTflite buffer;
  buffer.builder.change(buffer.shift, 2, {std::int64_t{7}});
  EXPECT_THAT(message_of(buffer.file()), HasSubstr("tensor 1 has buffer 7 of 2"));
}

TEST(TfliteHostile, ACycleIsRefused) {
  SumTflite cycle;
  const int early = cycle.builder.tensor({1, 2, 2, 3});
  const int late = cycle.builder.tensor({1, 2, 2, 3});
  cycle.builder.operation(0, {cycle.output, late}, early, 11);
  cycle.builder.operation(0, {cycle.output, early}, late, 11);
  EXPECT_THAT(message_of(cycle.file()), HasSubstr("operator 1 takes what is computed after it"));
  SumTflite twice;
  twice.builder.operation(0, {twice.input, twice.input}, twice.output, 11);
  EXPECT_THAT(message_of(twice.file()), HasSubstr("operator 1 takes"));
  SumTflite constant;
  constant.builder.operation(0, {constant.input, constant.input}, constant.shift, 11);
  EXPECT_THAT(message_of(constant.file()), HasSubstr("tensor 1 is a constant"));
  SumTflite nothing;
  const int loose = nothing.builder.tensor({1, 2, 2, 3});
  EXPECT_THAT(message_of(nothing.builder.file({nothing.input}, {loose})), HasSubstr("nothing computes the output"));
}

TEST(TfliteHostile, ShapesAndSizesAreBounded) {
  for (const std::vector<std::int32_t>& shape :
       {std::vector<std::int32_t>{1, 65'536, 65'536, 65'536}, {1, 0, 2, 3}, {1, -2, 2, 3}, {1, 70'000, 1, 1}}) {
    SumTflite large;
    large.builder.change(large.output, 0, {shape});
    EXPECT_THAT(message_of(large.file()), HasSubstr("expected extents from 1 to 65536"));
  }
  SumTflite ranks;
  ranks.builder.change(ranks.output, 0, {std::vector<std::int32_t>(5, 1)});
  EXPECT_THAT(message_of(ranks.file()), HasSubstr("a vector of 5 elements"));
  SumTflite shorter;
  shorter.builder.change(shorter.shift, 0, {std::vector<std::int32_t>{4}});
  EXPECT_THAT(message_of(shorter.file()), HasSubstr("expected 4 values of 4 bytes, got 12 bytes"));
}

// One constant under many names would be many times the file once it is read.
TEST(TfliteHostile, ASharedConstantIsBoundedByTheFile) {
  SumTflite shared;
  const int large = shared.builder.constant({4'096}, std::vector<float>(4'096, 1));
  for (int i = 0; i < 50; ++i) {
    const int again = shared.builder.tensor({4'096});
    shared.builder.change(again, 2, {std::int64_t{2}});  // the buffer of `large`
  }
  EXPECT_EQ(message_of(shared.file()), "TFLite: the constants together are larger than the file");
  static_cast<void>(large);
}

TEST(TfliteHostile, WindowsAreBounded) {
  for (const auto& [padding, stride] : {std::pair{0, 0}, {0, -1}, {0, 5'000}, {2, 1}}) {
    SumTflite window;
    const int weight = window.builder.constant({1, 1, 1, 3}, {1, 1, 1});
    const int bias = window.builder.constant({1}, {0});
    const int made = window.builder.tensor({1, 2, 2, 1});
    window.builder.operation(3, {window.output, weight, bias}, made, 1,
                             {{0, {std::int64_t{padding}}}, {1, {std::int64_t{stride}}}, {2, {std::int64_t{1}}}});
    EXPECT_THAT(message_of(window.builder.file({window.input}, {made})),
                HasSubstr("expected strides and dilations from 1 to 1024"));
  }
}

TEST(TfliteHostile, OptionsOfAnotherOperatorAreRefused) {
  SumTflite confused;
  const int weight = confused.builder.constant({1, 1, 1, 3}, {1, 1, 1});
  const int bias = confused.builder.constant({1}, {0});
  const int made = confused.builder.tensor({1, 2, 2, 1});
  confused.builder.operation(3, {confused.output, weight, bias}, made, 11, {});
  EXPECT_THAT(message_of(confused.builder.file({confused.input}, {made})), HasSubstr("options of type 11, expected 1"));
}

TEST(TfliteHostile, ValuesOutsideOfTheFlatBufferAreRefused) {
  const Bytes file = testing::FlatWriter::file(
      {{0, {std::int64_t{3}}},
       {1, {std::vector<FlatFields>{}}},
       {2,
        {std::vector<FlatFields>{
            {{0, {std::vector<FlatFields>{{{0, {std::vector<std::int32_t>{1}}}, {2, {std::int64_t{0}}}}}}},
             {1, {std::vector<std::int32_t>{0}}},
             {2, {std::vector<std::int32_t>{0}}}}}}},
       {4, {std::vector<FlatFields>{{{1, {std::int64_t{4'096}}}, {2, {std::int64_t{4}}}}}}}});
  EXPECT_THAT(message_of(file), HasSubstr("has its values outside of the FlatBuffer"));
}

}  // namespace
}  // namespace facepipe::weights
