// Field numbers and types are those of onnx/onnx.proto. Tested by onnx_reader_test.cc.
#include "packs/onnx_messages.h"

#include <algorithm>

#include "weights/parse.h"

namespace facepipe::packs {
namespace {

using weights::ProtoReader;
using weights::quote;

constexpr std::size_t kMaxDimensions = 8;
constexpr std::size_t kMaxArguments = 1'024;  // inputs, outputs, attributes of a node
constexpr std::uint64_t kFloatElements = 1;   // TensorProto.DataType

std::int64_t as_signed(std::uint64_t value) {
  return static_cast<std::int64_t>(value);
}

Status read_shape(ByteView message, std::vector<OnnxDimension>& shape) {
  ProtoReader reader(message);
  while (const auto field = reader.next()) {
    if (field->number != 1) {
      continue;
    }
    OnnxDimension dimension = "D" + std::to_string(shape.size());
    ProtoReader extent(field->bytes);
    while (const auto part = extent.next()) {
      if (part->number == 1 && as_signed(part->value) > 0) {
        dimension = as_signed(part->value);
      }
    }
    FACEPIPE_TRY(proto_status(extent));
    if (shape.size() >= kMaxDimensions) {
      return weights::too_large("ONNX: a value of more than " + std::to_string(kMaxDimensions) + " dimensions");
    }
    shape.push_back(std::move(dimension));
  }
  return proto_status(reader);
}

// TypeProto, of which only tensors (field 1) are read.
Status read_type(ByteView message, OnnxValue& value) {
  ProtoReader reader(message);
  while (const auto field = reader.next()) {
    if (field->number != 1) {
      continue;
    }
    ProtoReader tensor(field->bytes);
    while (const auto part = tensor.next()) {
      if (part->number == 1) {
        value.is_float = part->value == kFloatElements;
      } else if (part->number == 2) {
        FACEPIPE_TRY(read_shape(part->bytes, value.shape));
      }
    }
    FACEPIPE_TRY(proto_status(tensor));
  }
  return proto_status(reader);
}

// AttributeProto: a number, numbers, a text or a tensor.
Status read_attribute(ByteView message, OnnxNodeMessage& node) {
  // AttributeProto.AttributeType
  enum Type : std::uint64_t {
    kTypeFloat = 1,
    kTypeInt = 2,
    kTypeString = 3,
    kTypeTensor = 4,
    kTypeFloats = 6,
    kTypeInts = 7
  };
  ProtoReader reader(message);
  std::string name;
  std::uint64_t type = 0;
  float number = 0;
  std::int64_t integer = 0;
  std::string text;
  std::vector<float> numbers;
  std::vector<std::int64_t> integers;
  std::optional<ByteView> tensor;
  while (const auto field = reader.next()) {
    switch (field->number) {
      case 1:
        name = field->text().substr(0, weights::kMaxNameBytes);
        break;
      case 2:
        number = field->as_float();
        break;
      case 3:
        integer = as_signed(field->value);
        break;
      case 4:
        text = field->text().substr(0, weights::kMaxNameBytes);
        break;
      case 5:
        tensor = field->bytes;
        break;
      case 7:
        FACEPIPE_TRY(append_floats(*field, numbers));
        break;
      case 8:
        FACEPIPE_TRY(append_integers(*field, integers));
        break;
      case 20:
        type = field->value;
        break;
      default:
        break;
    }
  }
  FACEPIPE_TRY(proto_status(reader));
  auto& attributes = node.node.attributes;
  switch (type) {
    case kTypeFloat:
      attributes.push_back({std::move(name), number});
      return {};
    case kTypeInt:
      attributes.push_back({std::move(name), integer});
      return {};
    case kTypeString:
      attributes.push_back({std::move(name), std::move(text)});
      return {};
    case kTypeFloats:
      attributes.push_back({std::move(name), std::move(numbers)});
      return {};
    case kTypeInts:
      attributes.push_back({std::move(name), std::move(integers)});
      return {};
    case kTypeTensor: {
      FACEPIPE_ASSIGN(auto constant, onnx_tensor(tensor.value_or(ByteView())));
      node.tensor = std::move(constant.second);
      return {};
    }
    default:
      return weights::unsupported("ONNX: attribute " + quote(name) + " of type " + std::to_string(type) +
                                  ", expected a number, numbers, a text or a tensor");
  }
}

}  // namespace

Status proto_status(const ProtoReader& reader) {
  return reader.error() ? Status(reader.error()->with_context("ONNX")) : Status();
}

std::string marked_name(std::string_view name) {
  return name.empty() ? std::string() : "file:" + std::string(name);
}

Result<OnnxValue> onnx_value(ByteView message) {
  ProtoReader reader(message);
  OnnxValue value;
  while (const auto field = reader.next()) {
    if (field->number == 1) {
      value.name = marked_name(field->text().substr(0, weights::kMaxNameBytes));
    } else if (field->number == 2) {
      FACEPIPE_TRY(read_type(field->bytes, value));
    }
  }
  FACEPIPE_TRY(proto_status(reader));
  return value;
}

Result<OnnxNodeMessage> onnx_node(ByteView message) {
  ProtoReader reader(message);
  OnnxNodeMessage read;
  while (const auto field = reader.next()) {
    const std::string_view text = field->text().substr(0, weights::kMaxNameBytes);
    switch (field->number) {
      case 1:
        read.node.inputs.push_back(marked_name(text));
        break;
      case 2:
        read.node.outputs.push_back(marked_name(text));
        break;
      case 3:
        read.node.name = text;
        break;
      case 4:
        read.node.op_type = text;
        break;
      case 5:
        FACEPIPE_TRY(read_attribute(field->bytes, read));
        break;
      case 7:
        read.domain = text;
        break;
      default:
        break;
    }
  }
  FACEPIPE_TRY(proto_status(reader));
  if (std::max({read.node.inputs.size(), read.node.outputs.size(), read.node.attributes.size()}) > kMaxArguments) {
    return weights::too_large("ONNX: node " + quote(read.node.name) + " has more than " +
                              std::to_string(kMaxArguments) + " inputs, outputs or attributes");
  }
  return read;
}

std::optional<OnnxConstant> constant_of(const OnnxAttribute& attribute) {
  if (const auto* number = std::get_if<float>(&attribute.value)) {
    return OnnxTensor{{}, {*number}};
  }
  if (const auto* numbers = std::get_if<std::vector<float>>(&attribute.value)) {
    return OnnxTensor{{static_cast<std::int64_t>(numbers->size())}, *numbers};
  }
  if (const auto* integer = std::get_if<std::int64_t>(&attribute.value)) {
    return OnnxIntegers{{}, {*integer}};
  }
  if (const auto* integers = std::get_if<std::vector<std::int64_t>>(&attribute.value)) {
    return OnnxIntegers{{static_cast<std::int64_t>(integers->size())}, *integers};
  }
  return std::nullopt;
}

}  // namespace facepipe::packs
