// The messages inside an ONNX graph, each checked on its own (onnx_reader.h reads the file).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "packs/onnx_graph.h"
#include "packs/sources/protobuf.h"

namespace facepipe::packs {

using OnnxConstant = std::variant<OnnxTensor, OnnxIntegers>;

// A value's name as the graph has it: the file's with a mark before it; none stays none.
[[nodiscard]] std::string marked_name(std::string_view name);

// TensorProto: name and values. kUnsupported for data outside of the file and other types than float32, int32, int64;
// kInvalidData where values and shape do not go together.
[[nodiscard]] Result<std::pair<std::string, OnnxConstant>> onnx_tensor(ByteView message);

// ValueInfoProto. No shape in the file -> none here; extents that are not known have a name.
struct OnnxValue {
  std::string name;
  bool is_float = false;
  std::vector<OnnxDimension> shape;
};
[[nodiscard]] Result<OnnxValue> onnx_value(ByteView message);

// NodeProto. kUnsupported for attributes that are graphs, types or lists of tensors.
struct OnnxNodeMessage {
  OnnxNode node;
  std::string domain;
  std::optional<OnnxConstant> tensor;  // the one attribute that is a tensor
};
[[nodiscard]] Result<OnnxNodeMessage> onnx_node(ByteView message);

// The value of a Constant that is written as numbers: value_float, value_ints and so on.
[[nodiscard]] std::optional<OnnxConstant> constant_of(const OnnxAttribute& attribute);

// Appends a repeated number, packed or one by one. kInvalidData for what is none.
[[nodiscard]] Status append_integers(const weights::ProtoField& field, std::vector<std::int64_t>& out);
[[nodiscard]] Status append_floats(const weights::ProtoField& field, std::vector<float>& out);

// The reader's error, if it met one.
[[nodiscard]] Status proto_status(const weights::ProtoReader& reader);

}  // namespace facepipe::packs
