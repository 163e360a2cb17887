#include "packs/sources/tflite.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "packs/sources/test_tflite.h"

namespace facepipe::weights {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::TfliteBuilder;

// [2,4,4,3] -> a 3x3 convolution of stride 2 -> PReLU -> a row.
struct SmallTflite {
  TfliteBuilder builder;
  int input = builder.tensor({2, 4, 4, 3});
  int weight = builder.constant({2, 4, 4, 3}, std::vector<float>(96, 0.5F));
  int bias = builder.constant({2}, {1, 2});
  int conv = builder.conv(input, weight, bias, {2, 1, 1, 2}, false, 2);
  int prelu = builder.prelu(conv, {2, 1, 1, 2}, {0.25F, -3});
  int output = builder.flatten(prelu, 2, 2);

  [[nodiscard]] Bytes file() const { return builder.file({input}, {output}); }
};

std::string refusal_of(const Bytes& file, ErrorCode code) {
  const auto read = read_tflite(file);
  EXPECT_FALSE(read);
  if (read) {
    return "";
  }
  EXPECT_EQ(read.error().code, code) << read.error().message;
  return read.error().message;
}

TEST(Tflite, ReadsTensorsAndOperatorsInOrder) {
  const SmallTflite small;
  const Bytes file = small.file();
  ASSERT_TRUE(is_tflite(file));
  const auto model = read_tflite(file);
  ASSERT_TRUE(model) << model.error().message;
  EXPECT_EQ(model->input, static_cast<std::size_t>(small.input));
  EXPECT_EQ(model->output, static_cast<std::size_t>(small.output));
  ASSERT_EQ(model->operators.size(), 7U);
  const TfliteOperator& conv = model->operators[0];
  EXPECT_EQ(conv.op, TfliteOp::kConv2d);
  EXPECT_THAT(conv.inputs, ElementsAre(0U, 1U, 2U));
  EXPECT_FALSE(conv.window.same_padding);
  EXPECT_EQ(conv.window.stride_x, 2);
  EXPECT_EQ(conv.window.dilation_y, 1) << "the default of a field that is not there";
  EXPECT_EQ(model->operators[6].op, TfliteOp::kReshape);
  const TfliteTensor& bias = model->tensors.at(2);
  EXPECT_THAT(bias.shape, ElementsAre(2));
  ASSERT_EQ(bias.constant.size(), 8U);
  float second = 0;
  std::memcpy(&second, bias.constant.data() + 4, sizeof(second));
  EXPECT_EQ(second, 2.0F);
  EXPECT_TRUE(model->tensors.at(0).constant.empty());
}

TEST(Tflite, RefusesOtherFilesAndVersions) {
  SmallTflite small;
  small.builder.version = 4;
  EXPECT_EQ(refusal_of(small.file(), ErrorCode::kUnsupported), "TFLite: schema version 4, expected 3");
  EXPECT_FALSE(is_tflite(as_bytes("TFL3")));
  EXPECT_THAT(refusal_of(to_bytes(as_bytes("\x08\x07")), ErrorCode::kInvalidData), HasSubstr("TFL3"));
  small.builder.version = 3;
  small.builder.extra_graph = {{0, {std::vector<testing::FlatFields>{}}}};
  EXPECT_EQ(refusal_of(small.file(), ErrorCode::kUnsupported), "TFLite: 2 graphs, expected 1");
}

TEST(Tflite, RefusesAnOperatorThatItDoesNotKnow) {
  SmallTflite small;
  const int tanh = small.builder.tensor({2, 2});
  small.builder.operation(28, {small.output}, tanh);
  EXPECT_THAT(refusal_of(small.builder.file({small.input}, {tanh}), ErrorCode::kUnsupported),
              HasSubstr("operator code 28 is none of those that are read: ABS, ADD"));
}

TEST(Tflite, RefusesTensorsOfOtherKinds) {
  SmallTflite half;
  half.builder.change(half.conv, 1, {std::int64_t{1}});
  EXPECT_THAT(refusal_of(half.file(), ErrorCode::kUnsupported), HasSubstr("tensor 3: type 1"));
  SmallTflite quantised;
  quantised.builder.change(quantised.conv, 4, {testing::FlatFields{{2, {std::vector<std::int32_t>{1}}}}});
  EXPECT_THAT(refusal_of(quantised.file(), ErrorCode::kUnsupported), HasSubstr("quantised"));
  SmallTflite variable;
  variable.builder.change(variable.conv, 5, {std::int64_t{1}});
  EXPECT_THAT(refusal_of(variable.file(), ErrorCode::kUnsupported), HasSubstr("variable"));
  SmallTflite computed_integers;
  computed_integers.builder.change(computed_integers.conv, 1, {std::int64_t{2}});
  EXPECT_THAT(refusal_of(computed_integers.file(), ErrorCode::kUnsupported), HasSubstr("integers that the graph"));
}

TEST(Tflite, RefusesAnotherNumberOfInputsAndOutputs) {
  const SmallTflite small;
  EXPECT_THAT(refusal_of(small.builder.file({small.input, small.input}, {small.output}), ErrorCode::kUnsupported),
              HasSubstr("the graph's input: expected one tensor, got 2"));
  EXPECT_THAT(refusal_of(small.builder.file({small.input}, {}), ErrorCode::kUnsupported), HasSubstr("got 0"));
  SmallTflite fewer;
  fewer.builder.operation(0, {fewer.output}, fewer.builder.tensor({2, 2}), 11);
  EXPECT_THAT(refusal_of(fewer.file(), ErrorCode::kUnsupported), HasSubstr("(ADD): expected 2 inputs, got 1"));
}

TEST(Tflite, AFusedActivationIsReadOrRefused) {
  for (const int activation : {1, 3}) {  // RELU, RELU6
    SmallTflite small;
    const int sum = small.builder.tensor({2, 2});
    small.builder.operation(0, {small.output, small.output}, sum, 11, {{0, {std::int64_t{activation}}}});
    const Bytes file = small.builder.file({small.input}, {sum});
    const auto read = read_tflite(file);
    if (activation == 1) {
      ASSERT_TRUE(read) << read.error().message;
      EXPECT_TRUE(read->operators.back().fused_relu);
    } else {
      EXPECT_THAT(refusal_of(file, ErrorCode::kUnsupported), HasSubstr("fused activation 3"));
    }
  }
}

}  // namespace
}  // namespace facepipe::weights
