// Field numbers and types are those of onnx/onnx.proto. Tested by onnx_reader_test.cc.
#include "packs/onnx_messages.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "weights/parse.h"
#include "weights/tensor.h"

namespace facepipe::packs {
namespace {

using weights::ProtoField;
using weights::ProtoReader;
using weights::quote;

constexpr std::size_t kMaxRank = 8;
constexpr std::size_t kMaxArguments = 1'024;  // inputs, outputs, attributes of a node
// TensorProto.DataType
constexpr std::uint64_t kFloat = 1;
constexpr std::uint64_t kInt32 = 6;
constexpr std::uint64_t kInt64 = 7;

std::int64_t as_signed(std::uint64_t value) {
  return static_cast<std::int64_t>(value);
}

// A repeated number, packed or one by one.
Status append_integers(const ProtoField& field, std::vector<std::int64_t>& out) {
  if (field.kind == ProtoField::Kind::kVarint) {
    out.push_back(as_signed(field.value));
    return {};
  }
  ProtoReader packed(field.bytes);
  while (const auto value = packed.varint()) {
    out.push_back(as_signed(*value));
  }
  return proto_status(packed);
}

Status append_floats(const ProtoField& field, std::vector<float>& out) {
  if (field.kind == ProtoField::Kind::kFixed32) {
    out.push_back(field.as_float());
    return {};
  }
  if (field.kind != ProtoField::Kind::kBytes || field.bytes.size() % sizeof(float) != 0) {
    return weights::invalid_data("ONNX: numbers of float32 that are none");
  }
  const std::size_t before = out.size();
  out.resize(before + field.bytes.size() / sizeof(float));
  std::memcpy(out.data() + before, field.bytes.data(), field.bytes.size());
  return {};
}

// What a TensorProto says, before it is known to go together.
struct RawTensor {
  std::string name;
  std::vector<std::int64_t> shape;
  std::uint64_t type = 0;
  std::vector<float> floats;
  std::vector<std::int64_t> integers;
  std::optional<ByteView> raw;
  bool outside = false;
};

Status read_tensor_field(const ProtoField& field, RawTensor& tensor) {
  switch (field.number) {
    case 1: return append_integers(field, tensor.shape);
    case 2: tensor.type = field.value; return {};
    case 4: return append_floats(field, tensor.floats);
    case 5:
    case 7: return append_integers(field, tensor.integers);
    case 8: tensor.name = marked_name(field.text().substr(0, weights::kMaxNameBytes)); return {};
    case 9: tensor.raw = field.bytes; return {};
    case 13: tensor.outside = true; return {};
    case 14: tensor.outside = tensor.outside || field.value != 0; return {};
    default: return {};
  }
}

template <typename Stored, typename Value>
std::vector<Value> from_raw(ByteView raw) {
  std::vector<Value> values(raw.size() / sizeof(Stored));
  for (std::size_t i = 0; i < values.size(); ++i) {
    Stored stored{};
    std::memcpy(&stored, raw.data() + i * sizeof(Stored), sizeof(Stored));
    values[i] = stored;
  }
  return values;
}

// As many values as the shape has, be they counted or taken from `raw`.
Result<std::int64_t> check_shape(const RawTensor& tensor) {
  std::int64_t count = 1;
  for (const std::int64_t extent : tensor.shape) {
    if (extent < 0 || (extent > 0 && count > std::numeric_limits<std::int32_t>::max() / extent)) {
      return weights::invalid_data("ONNX: initializer " + quote(tensor.name) + " has a shape of " +
                                   weights::shape_to_string(tensor.shape));
    }
    count *= extent;
  }
  const std::size_t width = tensor.type == kInt64 ? sizeof(std::int64_t) : sizeof(float);
  const std::size_t listed = tensor.type == kFloat ? tensor.floats.size() : tensor.integers.size();
  const std::size_t found = tensor.raw ? tensor.raw->size() : listed * width;
  if (found != static_cast<std::size_t>(count) * width || tensor.shape.size() > kMaxRank) {
    return weights::invalid_data("ONNX: initializer " + quote(tensor.name) + ": expected " + std::to_string(count) +
                                 " values of " + std::to_string(width) + " bytes for " +
                                 weights::shape_to_string(tensor.shape) + ", got " + std::to_string(found) + " bytes");
  }
  return count;
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
    if (shape.size() >= kMaxRank) {
      return weights::too_large("ONNX: a value of more than " + std::to_string(kMaxRank) + " dimensions");
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
        value.is_float = part->value == kFloat;
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
  enum Type : std::uint64_t { kTypeFloat = 1, kTypeInt = 2, kTypeString = 3, kTypeTensor = 4, kTypeFloats = 6, kTypeInts = 7 };
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
      case 1: name = field->text().substr(0, weights::kMaxNameBytes); break;
      case 2: number = field->as_float(); break;
      case 3: integer = as_signed(field->value); break;
      case 4: text = field->text().substr(0, weights::kMaxNameBytes); break;
      case 5: tensor = field->bytes; break;
      case 7: FACEPIPE_TRY(append_floats(*field, numbers)); break;
      case 8: FACEPIPE_TRY(append_integers(*field, integers)); break;
      case 20: type = field->value; break;
      default: break;
    }
  }
  FACEPIPE_TRY(proto_status(reader));
  auto& attributes = node.node.attributes;
  switch (type) {
    case kTypeFloat: attributes.push_back({std::move(name), number}); return {};
    case kTypeInt: attributes.push_back({std::move(name), integer}); return {};
    case kTypeString: attributes.push_back({std::move(name), std::move(text)}); return {};
    case kTypeFloats: attributes.push_back({std::move(name), std::move(numbers)}); return {};
    case kTypeInts: attributes.push_back({std::move(name), std::move(integers)}); return {};
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

Result<std::pair<std::string, OnnxConstant>> onnx_tensor(ByteView message) {
  ProtoReader reader(message);
  RawTensor tensor;
  while (const auto field = reader.next()) {
    FACEPIPE_TRY(read_tensor_field(*field, tensor));
  }
  FACEPIPE_TRY(proto_status(reader));
  if (tensor.outside) {
    return weights::unsupported("ONNX: initializer " + quote(tensor.name) + " has its data outside of the file");
  }
  if (tensor.type != kFloat && tensor.type != kInt32 && tensor.type != kInt64) {
    return weights::unsupported("ONNX: initializer " + quote(tensor.name) + " is of type " +
                                std::to_string(tensor.type) + ", expected float32, int32 or int64");
  }
  FACEPIPE_TRY(check_shape(tensor));
  if (tensor.type == kFloat) {
    OnnxTensor made{std::move(tensor.shape), std::move(tensor.floats)};
    if (tensor.raw) {
      made.values = from_raw<float, float>(*tensor.raw);
    }
    return std::pair{std::move(tensor.name), OnnxConstant(std::move(made))};
  }
  OnnxIntegers made{std::move(tensor.shape), std::move(tensor.integers), tensor.type == kInt32};
  if (tensor.raw) {
    made.values = made.narrow ? from_raw<std::int32_t, std::int64_t>(*tensor.raw)
                              : from_raw<std::int64_t, std::int64_t>(*tensor.raw);
  }
  return std::pair{std::move(tensor.name), OnnxConstant(std::move(made))};
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
      case 1: read.node.inputs.push_back(marked_name(text)); break;
      case 2: read.node.outputs.push_back(marked_name(text)); break;
      case 3: read.node.name = text; break;
      case 4: read.node.op_type = text; break;
      case 5: FACEPIPE_TRY(read_attribute(field->bytes, read)); break;
      case 7: read.domain = text; break;
      default: break;
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
