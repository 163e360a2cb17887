// Who makes and who takes each value of a graph.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "packs/onnx_graph.h"

namespace facepipe::packs {

// As the graph was when this was made: nodes are told by their place in it.
class GraphUses {
 public:
  explicit GraphUses(const OnnxGraph& graph);

  // The node that makes it; nullptr for the graph's input and initializers.
  [[nodiscard]] const OnnxNode* producer(const std::string& value) const;
  // Places of nodes, one for each input that it is; the graph's output counts as one more use.
  [[nodiscard]] const std::vector<std::size_t>& takers(const std::string& value) const;
  [[nodiscard]] std::size_t count(const std::string& value) const;
  // A Conv whose weights and bias, if any, are float32 initializers that nothing else uses.
  [[nodiscard]] bool owns_weights(const OnnxNode& node) const;

 private:
  const OnnxGraph& graph_;
  std::map<std::string, std::size_t> makers_;
  std::map<std::string, std::vector<std::size_t>> takers_;
};

}  // namespace facepipe::packs
