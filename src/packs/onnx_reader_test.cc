#include "packs/onnx_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "weights/test_data.h"

namespace facepipe::packs {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using namespace std::string_literals;

// What onnx_reader.h reads back: one node of each kind of attribute, both kinds of initializers.
OnnxGraph sample_graph() {
  OnnxGraph graph;
  graph.name = "g";
  graph.opset = 13;
  graph.input = "x";
  graph.input_shape = {"N", std::int64_t{3}, std::int64_t{4}, std::int64_t{4}};
  graph.output = "y";
  graph.output_shape = {"N", std::int64_t{48}};
  graph.initializers["w"] = {{3, 1, 1}, {0.5F, -1, 2}};
  graph.integers["shape"] = {{2}, {0, -1}};
  graph.nodes = {{"LeakyRelu", "leaky", {"x"}, {"a"}, {{"alpha", 0.25F}}},
                 {"PRelu", "prelu", {"a", "w"}, {"b"}, {}},
                 {"Transpose", "turn", {"b"}, {"c"}, {{"perm", std::vector<std::int64_t>{0, 1, 3, 2}}}},
                 {"Reshape", "rows", {"c", "shape"}, {"y"}, {}}};
  return graph;
}

// A file around fields of the GraphProto.
std::string proto_field(char tag, const std::string& content) {
  std::string length;
  std::size_t size = content.size();
  for (; size >= 0x80; size >>= 7U) {
    length += static_cast<char>((size & 0x7FU) | 0x80U);
  }
  return std::string(1, tag) + length + static_cast<char>(size) + content;
}
std::string onnx_value_text(const std::string& name) {
  return proto_field('\x0A', name) + proto_field('\x12', proto_field('\x0A', "\x08\x01"s));
}
std::string onnx_file(const std::string& graph, const std::string& opset = "\x10\x0D"s) {
  return "\x08\x08"s + proto_field('\x3A', graph) + proto_field('\x42', opset);
}
// x -> NODE -> y
std::string node_file(const std::string& node) {
  return onnx_file(proto_field('\x0A', node) + proto_field('\x5A', onnx_value_text("x")) +
                   proto_field('\x62', onnx_value_text("y")));
}
std::string node_text(const std::string& op, const std::string& more = "") {
  return proto_field('\x0A', "x") + proto_field('\x12', "y") + proto_field('\x1A', "n") + proto_field('\x22', op) +
         more;
}
std::string reader_refusal(const std::string& file) {
  const auto read = read_onnx(as_bytes(file));
  return read ? "" : read.error().message;
}

TEST(OnnxReader, ReadsWhatTheWriterWrites) {
  const Bytes file = write_onnx(sample_graph());
  ASSERT_TRUE(is_onnx(file));
  const auto read = read_onnx(file);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->opset, 13);
  EXPECT_EQ(read->input, "file:x");
  EXPECT_EQ(read->output, "file:y");
  EXPECT_THAT(read->input_shape, ElementsAre(OnnxDimension("D0"), OnnxDimension(std::int64_t{3}),
                                             OnnxDimension(std::int64_t{4}), OnnxDimension(std::int64_t{4})));
  ASSERT_EQ(read->nodes.size(), 4U);
  EXPECT_EQ(std::get<float>(read->nodes[0].attributes.at(0).value), 0.25F);
  EXPECT_THAT(read->nodes[1].inputs, ElementsAre("file:a", "file:w"));
  EXPECT_THAT(std::get<std::vector<std::int64_t>>(read->nodes[2].attributes.at(0).value), ElementsAre(0, 1, 3, 2));
  EXPECT_THAT(read->initializers.at("file:w").values, ElementsAre(0.5F, -1, 2));
  EXPECT_THAT(read->integers.at("file:shape").values, ElementsAre(0, -1));
}

TEST(OnnxReader, ReadsNumbersThatAreNotRaw) {
  // dims 2, data_type, float_data packed; dims 2, int64_data one by one; a Constant of value_ints.
  const std::string floats =
      "\x08\x02\x10\x01"s + proto_field('\x22', "\0\0\x80\x3F\0\0\0\xC0"s) + proto_field('\x42', "f");
  const std::string integers = "\x08\x02\x10\x07\x38\x05\x38\x06"s + proto_field('\x42', "i");
  const std::string constant = proto_field('\x12', "k") + proto_field('\x22', "Constant") +
                               proto_field('\x2A', proto_field('\x0A', "value_ints") + "\x40\x07\x40\x08\xA0\x01\x07"s);
  const std::string file =
      onnx_file(proto_field('\x0A', constant) + proto_field('\x0A', node_text("Relu")) + proto_field('\x2A', floats) +
                proto_field('\x2A', integers) + proto_field('\x5A', onnx_value_text("x")) +
                proto_field('\x5A', onnx_value_text("f")) + proto_field('\x62', onnx_value_text("y")));
  const auto read = read_onnx(as_bytes(file));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->input, "file:x") << "IR 3 lists initializers among the inputs";
  EXPECT_THAT(read->initializers.at("file:f").values, ElementsAre(1, -2));
  EXPECT_THAT(read->integers.at("file:i").values, ElementsAre(5, 6));
  EXPECT_THAT(read->integers.at("file:k").values, ElementsAre(7, 8));
  EXPECT_EQ(read->nodes.size(), 1U);
}

TEST(OnnxReader, RefusesWhatCouldDoMoreThanCompute) {
  EXPECT_EQ(reader_refusal(node_file(node_text("Relu"))), "");
  EXPECT_THAT(reader_refusal(node_file(node_text("Loop"))),
              HasSubstr("operator 'Loop' is none of those that are read"));
  EXPECT_THAT(reader_refusal(node_file(node_text("RandomNormalLike"))), HasSubstr("'RandomNormalLike'"));
  EXPECT_THAT(reader_refusal(node_file(node_text("Relu", proto_field('\x3A', "com.microsoft")))),
              HasSubstr("operator 'Relu' of domain 'com.microsoft' is none"));
  const std::string graph_attribute =
      proto_field('\x2A', proto_field('\x0A', "body") + proto_field('\x32', "") + "\xA0\x01\x05"s);
  EXPECT_THAT(reader_refusal(node_file(node_text("Relu", graph_attribute))), HasSubstr("attribute 'body' of type 5"));
  const std::string outside = "\x08\x01\x10\x01"s + proto_field('\x42', "w") + proto_field('\x6A', "") + "\x70\x01"s;
  EXPECT_THAT(reader_refusal(onnx_file(proto_field('\x2A', outside))), HasSubstr("has its data outside of the file"));
  EXPECT_THAT(
      reader_refusal("\x08\x08"s + proto_field('\x3A', "") + proto_field('\x42', "\x10\x0D"s) + "\xCA\x01\x00"s),
      HasSubstr("functions of its own"));
}

TEST(OnnxReader, RefusesOtherVersionsAndTypes) {
  EXPECT_THAT(reader_refusal(onnx_file("", "\x10\x06"s)), HasSubstr("operator set 7 to 22, got 8 and 6"));
  EXPECT_THAT(reader_refusal(onnx_file("", "\x10\x63"s)), HasSubstr("got 8 and a later one"));
  EXPECT_THAT(reader_refusal("\x08\x02"s), HasSubstr("expected IR version 3 to 13"));
  const std::string half = "\x08\x01\x10\x0A"s + proto_field('\x42', "w") + proto_field('\x4A', "\0\0"s);
  EXPECT_THAT(reader_refusal(onnx_file(proto_field('\x2A', half))),
              HasSubstr("'file:w' is of type 10, expected float32"));
  EXPECT_FALSE(is_onnx(as_bytes("PK\x03\x04")));
}

TEST(OnnxReader, RefusesWhatDoesNotGoTogether) {
  const std::string few = "\x08\x03\x10\x01"s + proto_field('\x42', "w") + proto_field('\x4A', "\0\0\0\0"s);
  EXPECT_THAT(reader_refusal(onnx_file(proto_field('\x2A', few))),
              HasSubstr("expected 3 values of 4 bytes for [3], got 4 bytes"));
  const std::string huge = "\x08\xFF\xFF\xFF\x7F\x08\xFF\xFF\xFF\x7F\x10\x01"s + proto_field('\x42', "w");
  EXPECT_THAT(reader_refusal(onnx_file(proto_field('\x2A', huge))), HasSubstr("has a shape of"));
  const std::string negative = "\x08\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01\x10\x01"s + proto_field('\x42', "w");
  EXPECT_THAT(reader_refusal(onnx_file(proto_field('\x2A', negative))), HasSubstr("has a shape of"));
  const std::string loop = proto_field('\x0A', "y") + proto_field('\x12', "y") + proto_field('\x22', "Relu");
  EXPECT_THAT(reader_refusal(node_file(loop)), HasSubstr("takes what nothing before it makes"));
  const std::string node = proto_field('\x0A', node_text("Relu"));
  const std::string ends = proto_field('\x5A', onnx_value_text("x")) + proto_field('\x62', onnx_value_text("y"));
  EXPECT_THAT(reader_refusal(onnx_file(node + node + ends)), HasSubstr("'file:y' is made twice"));
  EXPECT_THAT(reader_refusal(onnx_file(ends)), HasSubstr("nothing makes the output"));
  EXPECT_THAT(reader_refusal(onnx_file(node + ends + proto_field('\x5A', onnx_value_text("z")))),
              HasSubstr("got 2 and 1"));
}

TEST(OnnxReader, NoPrefixAndNoChangedByteIsFollowedOutOfTheFile) {
  const Bytes file = write_onnx(sample_graph());
  const auto read = [](ByteView bytes) { return read_onnx(bytes).has_value(); };
  // Without the last field, the operator set, nothing is accepted.
  EXPECT_EQ(weights::accepted_prefixes(file, read), 0U);
  weights::read_with_changed_bytes(file, read);
}

}  // namespace
}  // namespace facepipe::packs
