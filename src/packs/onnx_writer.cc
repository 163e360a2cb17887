// Field numbers are those of onnx/onnx.proto. Tested by onnx_writer_test.cc.
#include "packs/onnx_writer.h"

#include <array>
#include <bit>
#include <limits>

#include "base/check.h"

namespace facepipe::packs {
namespace {

static_assert(std::endian::native == std::endian::little && std::numeric_limits<float>::is_iec559,
              "raw_data holds little-endian integers and IEEE 754 floats");

constexpr std::uint64_t kTypeFloat = 1;  // TensorProto.DataType
// AttributeProto.AttributeType
constexpr std::uint64_t kAttributeFloat = 1;
constexpr std::uint64_t kAttributeInt = 2;
constexpr std::uint64_t kAttributeString = 3;
constexpr std::uint64_t kAttributeFloats = 6;
constexpr std::uint64_t kAttributeInts = 7;

// Wire types of a protocol buffers field.
constexpr std::uint64_t kWireVarint = 0;
constexpr std::uint64_t kWireBytes = 2;
constexpr std::uint64_t kWireFixed32 = 5;

void append_varint(std::string& out, std::uint64_t value) {
  while (value >= 0x80) {
    out.push_back(static_cast<char>(static_cast<unsigned char>((value & 0x7FU) | 0x80U)));
    value >>= 7U;
  }
  out.push_back(static_cast<char>(static_cast<unsigned char>(value)));
}

void append_integer(std::string& out, std::uint64_t field, std::uint64_t value) {
  append_varint(out, (field << 3U) | kWireVarint);
  append_varint(out, value);
}

// A text, raw bytes or an encoded message: all are length-delimited.
void append_bytes(std::string& out, std::uint64_t field, std::string_view bytes) {
  append_varint(out, (field << 3U) | kWireBytes);
  append_varint(out, bytes.size());
  out.append(bytes);
}

std::string encode_dimension(const OnnxDimension& dimension) {
  std::string out;
  if (const auto* fixed = std::get_if<std::int64_t>(&dimension)) {
    append_integer(out, 1, static_cast<std::uint64_t>(*fixed));  // dim_value
  } else {
    append_bytes(out, 2, std::get<std::string>(dimension));  // dim_param
  }
  return out;
}

std::string encode_value_info(std::string_view name, std::span<const OnnxDimension> shape) {
  std::string shape_proto;
  for (const OnnxDimension& dimension : shape) {
    append_bytes(shape_proto, 1, encode_dimension(dimension));
  }
  std::string tensor_type;
  append_integer(tensor_type, 1, kTypeFloat);  // elem_type
  append_bytes(tensor_type, 2, shape_proto);
  std::string type;
  append_bytes(type, 1, tensor_type);
  std::string value_info;
  append_bytes(value_info, 1, name);
  append_bytes(value_info, 2, type);
  return value_info;
}

void append_float(std::string& out, std::uint64_t field, float value) {
  append_varint(out, (field << 3U) | kWireFixed32);
  const auto bits = std::bit_cast<std::array<char, sizeof(float)>>(value);
  out.append(bits.data(), bits.size());
}

// The value of an attribute and, after it, its type (field 20). proto2: what is repeated is not packed.
struct AttributeEncoder {
  std::string& out;

  void operator()(std::int64_t integer) const {
    append_integer(out, 3, static_cast<std::uint64_t>(integer));
    append_integer(out, 20, kAttributeInt);
  }
  void operator()(const std::vector<std::int64_t>& integers) const {
    for (const std::int64_t integer : integers) {
      append_integer(out, 8, static_cast<std::uint64_t>(integer));
    }
    append_integer(out, 20, kAttributeInts);
  }
  void operator()(float number) const {
    append_float(out, 2, number);
    append_integer(out, 20, kAttributeFloat);
  }
  void operator()(const std::vector<float>& numbers) const {
    for (const float number : numbers) {
      append_float(out, 7, number);
    }
    append_integer(out, 20, kAttributeFloats);
  }
  void operator()(const std::string& text) const {
    append_bytes(out, 4, text);
    append_integer(out, 20, kAttributeString);
  }
};

std::string encode_attribute(const OnnxAttribute& attribute) {
  std::string out;
  append_bytes(out, 1, attribute.name);
  std::visit(AttributeEncoder{out}, attribute.value);
  return out;
}

}  // namespace

OnnxModelWriter::OnnxModelWriter(std::string_view graph_name, std::int64_t opset) : opset_(opset) {
  append_bytes(graph_, 2, graph_name);
}

void OnnxModelWriter::add_input(std::string_view name, std::span<const OnnxDimension> shape) {
  append_bytes(graph_, 11, encode_value_info(name, shape));
}

void OnnxModelWriter::add_output(std::string_view name, std::span<const OnnxDimension> shape) {
  append_bytes(graph_, 12, encode_value_info(name, shape));
}

void OnnxModelWriter::add_tensor(std::string_view name, std::span<const std::int64_t> shape, std::uint64_t data_type,
                                 std::size_t count, ByteView raw) {
  std::string tensor;
  std::uint64_t expected = 1;
  for (const std::int64_t extent : shape) {
    FACEPIPE_CHECK(extent >= 0);
    append_integer(tensor, 1, static_cast<std::uint64_t>(extent));  // dims
    expected *= static_cast<std::uint64_t>(extent);
  }
  FACEPIPE_CHECK(expected == count);
  append_integer(tensor, 2, data_type);
  append_bytes(tensor, 8, name);
  append_bytes(tensor, 9, as_text(raw));  // raw_data
  append_bytes(graph_, 5, tensor);
}

void OnnxModelWriter::add_node(const OnnxNode& node) {
  std::string out;
  for (const std::string& input : node.inputs) {
    append_bytes(out, 1, input);
  }
  for (const std::string& output : node.outputs) {
    append_bytes(out, 2, output);
  }
  append_bytes(out, 3, node.name);
  append_bytes(out, 4, node.op_type);
  for (const OnnxAttribute& attribute : node.attributes) {
    append_bytes(out, 5, encode_attribute(attribute));
  }
  append_bytes(graph_, 1, out);
}

Bytes OnnxModelWriter::finish() && {
  std::string model;
  append_integer(model, 1, static_cast<std::uint64_t>(kOnnxIrVersion));
  append_bytes(model, 2, "facepipe");  // producer_name
  append_bytes(model, 7, graph_);
  graph_.clear();
  graph_.shrink_to_fit();
  std::string opset;
  append_bytes(opset, 1, "");  // the default operator set
  append_integer(opset, 2, static_cast<std::uint64_t>(opset_));
  append_bytes(model, 8, opset);
  return to_bytes(as_bytes(model));
}

}  // namespace facepipe::packs
