// Tested by qdq_graph_test.cc and inception_resnet_v1_test.cc.
#include "packs/onnx_graph.h"

#include <utility>

namespace facepipe::packs {

void add_outputs(const OnnxGraph& graph, OnnxModelWriter& writer) {
  writer.add_output(graph.output, graph.output_shape);
  if (!graph.norms.empty()) {
    writer.add_output(graph.norms, std::vector<OnnxDimension>{"N", std::int64_t{1}});
  }
}

Bytes write_onnx(const OnnxGraph& graph, std::span<const std::string> exposed) {
  OnnxModelWriter writer(graph.name, graph.opset);
  writer.add_input(graph.input, graph.input_shape);
  add_outputs(graph, writer);
  for (const std::string& name : exposed) {
    writer.add_output(name, std::vector<OnnxDimension>{name + ".N", name + ".C", name + ".H", name + ".W"});
  }
  for (const auto& [name, tensor] : graph.initializers) {
    writer.add_initializer(name, tensor.shape, std::span(tensor.values));
  }
  for (const auto& [name, tensor] : graph.integers) {
    if (tensor.narrow) {
      writer.add_initializer(name, tensor.shape, std::vector<std::int32_t>(tensor.values.begin(), tensor.values.end()));
    } else {
      writer.add_initializer(name, tensor.shape, std::span(tensor.values));
    }
  }
  for (const OnnxNode& node : graph.nodes) {
    writer.add_node(node);
  }
  return std::move(writer).finish();
}

}  // namespace facepipe::packs
