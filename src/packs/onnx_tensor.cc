// TensorProto: field numbers and types are those of onnx/onnx.proto. Tested by onnx_reader_test.cc.
#include <cstring>
#include <limits>
#include <string>
#include <utility>

#include "packs/onnx_messages.h"
#include "weights/parse.h"
#include "weights/tensor.h"

namespace facepipe::packs {
namespace {

using weights::ProtoField;
using weights::ProtoReader;
using weights::quote;

constexpr std::size_t kMaxTensorRank = 8;
// TensorProto.DataType
constexpr std::uint64_t kFloat = 1;
constexpr std::uint64_t kInt32 = 6;
constexpr std::uint64_t kInt64 = 7;

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
    case 1:
      return append_integers(field, tensor.shape);
    case 2:
      tensor.type = field.value;
      return {};
    case 4:
      return append_floats(field, tensor.floats);
    case 5:
    case 7:
      return append_integers(field, tensor.integers);
    case 8:
      tensor.name = marked_name(field.text().substr(0, weights::kMaxNameBytes));
      return {};
    case 9:
      tensor.raw = field.bytes;
      return {};
    case 13:
      tensor.outside = true;
      return {};
    case 14:
      tensor.outside = tensor.outside || field.value != 0;
      return {};
    default:
      return {};
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
  if (found != static_cast<std::size_t>(count) * width || tensor.shape.size() > kMaxTensorRank) {
    return weights::invalid_data("ONNX: initializer " + quote(tensor.name) + ": expected " + std::to_string(count) +
                                 " values of " + std::to_string(width) + " bytes for " +
                                 weights::shape_to_string(tensor.shape) + ", got " + std::to_string(found) + " bytes");
  }
  return count;
}

}  // namespace

Status append_integers(const ProtoField& field, std::vector<std::int64_t>& out) {
  if (field.kind == ProtoField::Kind::kVarint) {
    out.push_back(static_cast<std::int64_t>(field.value));
    return {};
  }
  ProtoReader packed(field.bytes);
  while (const auto value = packed.varint()) {
    out.push_back(static_cast<std::int64_t>(*value));
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

}  // namespace facepipe::packs
