// Tested by graph_passes_test.cc.
#include "packs/graph_uses.h"

#include <algorithm>

namespace facepipe::packs {

GraphUses::GraphUses(const OnnxGraph& graph) : graph_(graph) {
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    for (const std::string& input : graph.nodes[i].inputs) {
      takers_[input].push_back(i);
    }
    for (const std::string& output : graph.nodes[i].outputs) {
      makers_.emplace(output, i);
    }
  }
}

const OnnxNode* GraphUses::producer(const std::string& value) const {
  const auto found = makers_.find(value);
  return found == makers_.end() ? nullptr : &graph_.nodes[found->second];
}

const std::vector<std::size_t>& GraphUses::takers(const std::string& value) const {
  static const std::vector<std::size_t> kNone;
  const auto found = takers_.find(value);
  return found == takers_.end() ? kNone : found->second;
}

std::size_t GraphUses::count(const std::string& value) const {
  return takers(value).size() + (value == graph_.output ? 1 : 0);
}

bool GraphUses::owns_weights(const OnnxNode& node) const {
  const auto is_own = [&](const std::string& name) { return graph_.initializers.contains(name) && count(name) == 1; };
  return node.op_type == "Conv" && node.inputs.size() >= 2 &&
         std::all_of(node.inputs.begin() + 1, node.inputs.end(), is_own);
}

}  // namespace facepipe::packs
