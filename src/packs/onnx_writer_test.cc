#include "packs/onnx_writer.h"

#include <gtest/gtest.h>

#include <string>

namespace facepipe::packs {
namespace {

using namespace std::string_literals;

std::string text(const Bytes& bytes) {
  return std::string(as_text(bytes));
}

// Length-delimited field `tag` with a content below 128 bytes.
std::string field(char tag, const std::string& content) {
  return std::string(1, tag) + static_cast<char>(content.size()) + content;
}

const std::string kHead = "\x08\x08"s + field(0x12, "facepipe");  // ir_version 8, producer_name
const std::string kOpset = field(0x42, "\x0A\x00\x10\x11"s);      // opset_import: domain "", version 17

TEST(OnnxModelWriter, AnEmptyGraphHasItsNameAndTheVersions) {
  EXPECT_EQ(text(OnnxModelWriter("g").finish()), kHead + field(0x3A, "\x12\x01g"s) + kOpset);
}

TEST(OnnxModelWriter, WritesInputsAndOutputsWithFixedAndFreeExtents) {
  OnnxModelWriter writer("g");
  const std::vector<OnnxDimension> shape{"N", std::int64_t{300}};
  writer.add_input("x", shape);
  writer.add_output("y", shape);
  const std::string dimensions = field(0x0A, field(0x12, "N")) + field(0x0A, "\x08\xAC\x02"s);  // 300 as a varint
  const std::string type = field(0x12, field(0x0A, "\x08\x01"s + field(0x12, dimensions)));     // elem_type FLOAT
  EXPECT_EQ(
      text(std::move(writer).finish()),
      kHead + field(0x3A, "\x12\x01g"s + field(0x5A, field(0x0A, "x") + type) + field(0x62, field(0x0A, "y") + type)) +
          kOpset);
}

TEST(OnnxModelWriter, WritesInitializersAsLittleEndianRawData) {
  OnnxModelWriter writer("g");
  writer.add_initializer("w", std::array<std::int64_t, 2>{2, 1}, std::array{1.0F, -2.5F});
  writer.add_initializer("s", {}, std::array{0.5F});  // a scalar has no dims
  const std::string matrix = "\x08\x02\x08\x01\x10\x01"s + field(0x42, "w") + field(0x4A, "\0\0\x80\x3F\0\0\x20\xC0"s);
  const std::string scalar = "\x10\x01"s + field(0x42, "s") + field(0x4A, "\0\0\0\x3F"s);
  EXPECT_EQ(text(std::move(writer).finish()),
            kHead + field(0x3A, "\x12\x01g"s + field(0x2A, matrix) + field(0x2A, scalar)) + kOpset);
}

TEST(OnnxModelWriter, WritesIntegersOfThreeKinds) {
  OnnxModelWriter writer("g");
  writer.add_initializer("u", {}, std::array{std::uint8_t{200}});
  writer.add_initializer("i", {}, std::array{std::int8_t{-2}});
  writer.add_initializer("j", std::array<std::int64_t, 1>{1}, std::array{std::int32_t{-256}});
  EXPECT_EQ(text(std::move(writer).finish()),
            kHead +
                field(0x3A, "\x12\x01g"s + field(0x2A, "\x10\x02"s + field(0x42, "u") + field(0x4A, "\xC8")) +
                                field(0x2A, "\x10\x03"s + field(0x42, "i") + field(0x4A, "\xFE")) +
                                field(0x2A, "\x08\x01\x10\x06"s + field(0x42, "j") + field(0x4A, "\0\xFF\xFF\xFF"s))) +
                kOpset);
}

TEST(OnnxModelWriter, WritesNodesWithIntegerAttributes) {
  OnnxModelWriter writer("g");
  writer.add_node(
      {"Conv", "c", {"x", "w"}, {"y"}, {{"axis", std::int64_t{-1}}, {"pads", std::vector<std::int64_t>{1, 0}}}});
  // -1 is ten bytes: varints carry the two's complement of 64 bits.
  const std::string axis = field(0x0A, "axis") + "\x18\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01\xA0\x01\x02"s;
  const std::string pads = field(0x0A, "pads") + "\x40\x01\x40\x00\xA0\x01\x07"s;
  const std::string node = field(0x0A, "x") + field(0x0A, "w") + field(0x12, "y") + field(0x1A, "c") +
                           field(0x22, "Conv") + field(0x2A, axis) + field(0x2A, pads);
  EXPECT_EQ(text(std::move(writer).finish()), kHead + field(0x3A, "\x12\x01g"s + field(0x0A, node)) + kOpset);
}

TEST(OnnxModelWriter, LongContentsHaveLengthsOfSeveralBytes) {
  OnnxModelWriter writer(std::string(200, 'g'));
  EXPECT_EQ(text(std::move(writer).finish()), kHead + "\x3A\xCB\x01\x12\xC8\x01"s + std::string(200, 'g') + kOpset);
}

TEST(OnnxModelWriterDeathTest, RefusesAnInitializerWithAnotherNumberOfValues) {
  OnnxModelWriter writer("g");
  EXPECT_DEATH(writer.add_initializer("w", std::array<std::int64_t, 1>{3}, std::array{1.0F, 2.0F}),
               "expected == count");
}

}  // namespace
}  // namespace facepipe::packs
