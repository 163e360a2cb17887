// An ONNX graph in memory: how a network is described before it is written or quantised.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "packs/onnx_writer.h"

namespace facepipe::packs {

struct OnnxTensor {
  std::vector<std::int64_t> shape;
  std::vector<float> values;  // row-major, as many as the product of `shape`
};

struct OnnxIntegers {
  std::vector<std::int64_t> shape;
  std::vector<std::int64_t> values;
  bool narrow = false;  // written as int32
};

// One float32 input, one float32 output, and that of norms. Nodes are in topological order.
struct OnnxGraph {
  std::string name;
  std::string input;
  std::string output;
  std::string norms;  // the tensor [N,1] that is an output, too (embed/graph_session.h); empty: none is
  std::vector<OnnxDimension> input_shape;
  std::vector<OnnxDimension> output_shape;
  std::vector<OnnxNode> nodes;
  std::map<std::string, OnnxTensor> initializers;
  std::map<std::string, OnnxIntegers> integers;  // initializers, too: shapes, axes
  std::int64_t opset = kOnnxOpset;               // that the nodes are written in
};

// The graph's own outputs.
void add_outputs(const OnnxGraph& graph, OnnxModelWriter& writer);

// The ModelProto: inputs, outputs, initializers by name, nodes. `exposed` are tensors of four dimensions that become
// outputs, too, after the graph's own. Equal graphs give equal bytes.
[[nodiscard]] Bytes write_onnx(const OnnxGraph& graph, std::span<const std::string> exposed = {});

}  // namespace facepipe::packs
