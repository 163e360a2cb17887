// Writes an ONNX model: just enough of its protocol buffers for one graph of float32 tensors,
// some of them quantised.
// Source of the format: onnx/onnx.proto of github.com/onnx/onnx (IR version 8, operator set 17) and the protocol
// buffers' wire format. Written here because the build needs one graph, not the protobuf compiler and library.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/bytes.h"

namespace facepipe::packs {

inline constexpr std::int64_t kOnnxIrVersion = 8;
inline constexpr std::int64_t kOnnxOpset = 17;  // of graphs that are described here; one that was read keeps its own

// A fixed extent, or the name of one that is known only when the model runs ("N").
using OnnxDimension = std::variant<std::int64_t, std::string>;

struct OnnxAttribute {
  std::string name;
  std::variant<std::int64_t, std::vector<std::int64_t>, float, std::vector<float>, std::string> value;
};

struct OnnxNode {
  std::string op_type;  // of the default operator set: "Conv"
  std::string name;     // for messages and profiles
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
  std::vector<OnnxAttribute> attributes;
};

// Collects a graph in the order of the calls, which for nodes must be a topological one: ONNX demands it. The writer
// does not check the graph; the engine that loads it does. Not thread-safe.
class OnnxModelWriter {
 public:
  explicit OnnxModelWriter(std::string_view graph_name, std::int64_t opset = kOnnxOpset);

  void add_input(std::string_view name, std::span<const OnnxDimension> shape);   // float32
  void add_output(std::string_view name, std::span<const OnnxDimension> shape);  // float32
  // `values` in row-major order, as many as the product of `shape`: float, std::uint8_t, std::int8_t,
  // std::int32_t or std::int64_t.
  template <typename Values>
  void add_initializer(std::string_view name, std::span<const std::int64_t> shape, const Values& values) {
    const std::span all(values);
    add_tensor(name, shape, data_type(all.data()), all.size(), std::as_bytes(all));
  }
  void add_node(const OnnxNode& node);

  // The ModelProto. Equal calls give equal bytes.
  [[nodiscard]] Bytes finish() &&;

 private:
  // TensorProto.DataType
  static std::uint64_t data_type(const float*) { return 1; }
  static std::uint64_t data_type(const std::uint8_t*) { return 2; }
  static std::uint64_t data_type(const std::int8_t*) { return 3; }
  static std::uint64_t data_type(const std::int32_t*) { return 6; }
  static std::uint64_t data_type(const std::int64_t*) { return 7; }
  // `count` values of a TensorProto.DataType, `raw` in all.
  void add_tensor(std::string_view name, std::span<const std::int64_t> shape, std::uint64_t data_type,
                  std::size_t count, ByteView raw);

  std::int64_t opset_;
  std::string graph_;  // fields of the GraphProto, encoded
};

}  // namespace facepipe::packs
