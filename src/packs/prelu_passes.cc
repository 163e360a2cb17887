// The passes on PReLUs. New values are named "WHAT:" and the name of an old one; a file's own names begin with another
// word (onnx_reader.h). Tested by graph_passes_test.cc and mobilefacenet_golden_test.cc.
#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "packs/graph_passes.h"
#include "packs/graph_uses.h"

namespace facepipe::packs {
namespace {

// The constant factor of a Mul and its other input; nullptr if it has none.
const OnnxTensor* factor_of(const OnnxGraph& graph, const OnnxNode& mul, std::string& other) {
  for (const std::size_t i : {0U, 1U}) {
    if (const auto found = graph.initializers.find(mul.inputs[i]); found != graph.initializers.end()) {
      other = mul.inputs[1 - i];
      return &found->second;
    }
  }
  return nullptr;
}

const OnnxNode* producer_of(const GraphUses& uses, const std::string& value, std::string_view op_type,
                            std::size_t inputs) {
  const OnnxNode* node = uses.producer(value);
  return node != nullptr && node->op_type == op_type && node->inputs.size() == inputs ? node : nullptr;
}

// x and the slopes if `add` is Relu(x) + c * (x - |x|) in either order.
struct FoundPrelu {
  std::string x;
  OnnxTensor slopes;
};
std::optional<FoundPrelu> prelu_at(const OnnxGraph& graph, const GraphUses& uses, const OnnxNode& add) {
  for (const std::size_t i : {0U, 1U}) {
    const OnnxNode* relu = producer_of(uses, add.inputs[i], "Relu", 1);
    const OnnxNode* mul = producer_of(uses, add.inputs[1 - i], "Mul", 2);
    if (relu == nullptr || mul == nullptr) {
      continue;
    }
    std::string difference;
    const OnnxTensor* factor = factor_of(graph, *mul, difference);
    const OnnxNode* sub = factor == nullptr ? nullptr : producer_of(uses, difference, "Sub", 2);
    const OnnxNode* abs = sub == nullptr ? nullptr : producer_of(uses, sub->inputs[1], "Abs", 1);
    if (abs == nullptr || sub->inputs[0] != relu->inputs[0] || abs->inputs[0] != relu->inputs[0]) {
      continue;
    }
    FoundPrelu found{relu->inputs[0], *factor};
    for (float& slope : found.slopes.values) {
      slope *= 2;
    }
    return found;
  }
  return std::nullopt;
}

// Nodes whose results nobody takes.
void drop_dead_nodes(OnnxGraph& graph) {
  std::set<std::string> wanted{graph.output};
  std::vector<OnnxNode> kept;
  for (auto node = graph.nodes.rbegin(); node != graph.nodes.rend(); ++node) {
    if (std::ranges::any_of(node->outputs, [&](const std::string& output) { return wanted.contains(output); })) {
      wanted.insert(node->inputs.begin(), node->inputs.end());
      kept.push_back(std::move(*node));
    }
  }
  std::ranges::reverse(kept);
  graph.nodes = std::move(kept);
}

void negate(OnnxTensor& tensor) {
  for (float& value : tensor.values) {
    value = -value;
  }
}

// May the values of this PRelu be kept with a minus sign?
bool is_between_convolutions(const OnnxGraph& graph, const GraphUses& uses, const OnnxNode& prelu) {
  const OnnxNode* before = uses.producer(prelu.inputs[0]);
  const auto takes_its_sign = [&](std::size_t place) {
    const OnnxNode& node = graph.nodes[place];
    return uses.owns_weights(node) && node.inputs[0] == prelu.outputs[0];
  };
  const auto& takers = uses.takers(prelu.outputs[0]);
  return before != nullptr && uses.owns_weights(*before) && uses.count(prelu.inputs[0]) == 1 && !takers.empty() &&
         prelu.outputs[0] != graph.output && std::ranges::all_of(takers, takes_its_sign);
}

// Slopes through `change`, as a new initializer.
template <typename Change>
std::string changed_slopes(OnnxGraph& graph, const OnnxNode& prelu, std::string_view prefix, const Change& change) {
  OnnxTensor slopes = graph.initializers.at(prelu.inputs[1]);
  for (float& slope : slopes.values) {
    slope = static_cast<float>(change(double{slope}));
  }
  std::string name = std::string(prefix) + prelu.outputs[0];
  graph.initializers[name] = std::move(slopes);
  return name;
}

void negated_prelu(OnnxGraph& graph, const GraphUses& uses, const OnnxNode& prelu, std::vector<OnnxNode>& nodes) {
  const OnnxNode& before = *uses.producer(prelu.inputs[0]);
  std::for_each(before.inputs.begin() + 1, before.inputs.end(),
                [&](const std::string& name) { negate(graph.initializers.at(name)); });
  for (const std::size_t place : uses.takers(prelu.outputs[0])) {
    negate(graph.initializers.at(graph.nodes[place].inputs[1]));
  }
  const std::string& z = prelu.inputs[0];
  const std::string& y = prelu.outputs[0];
  const std::string factor = changed_slopes(graph, prelu, "factor:", [](double slope) { return slope - 1; });
  nodes.push_back({"Relu", "relu:" + y, {z}, {"relu:" + y}, {}});
  nodes.push_back({"Mul", "scaled:" + y, {"relu:" + y, factor}, {"scaled:" + y}, {}});
  nodes.push_back({"Add", y, {"scaled:" + y, z}, {y}, {}});
}

void plain_prelu(OnnxGraph& graph, const OnnxNode& prelu, std::vector<OnnxNode>& nodes) {
  const std::string& x = prelu.inputs[0];
  const std::string& y = prelu.outputs[0];
  const std::string linear = changed_slopes(graph, prelu, "slope:", [](double slope) { return slope; });
  const std::string factor = changed_slopes(graph, prelu, "factor:", [](double slope) { return 1 - slope; });
  nodes.push_back({"Relu", "relu:" + y, {x}, {"relu:" + y}, {}});
  nodes.push_back({"Mul", "linear:" + y, {x, linear}, {"linear:" + y}, {}});
  nodes.push_back({"Mul", "scaled:" + y, {"relu:" + y, factor}, {"scaled:" + y}, {}});
  nodes.push_back({"Add", y, {"linear:" + y, "scaled:" + y}, {y}, {}});
}

}  // namespace

void recognise_prelus(OnnxGraph& graph) {
  const GraphUses uses(graph);
  std::vector<std::pair<std::size_t, FoundPrelu>> found;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const OnnxNode& node = graph.nodes[i];
    if (node.op_type != "Add" || node.inputs.size() != 2) {
      continue;
    }
    if (auto prelu = prelu_at(graph, uses, node)) {
      found.emplace_back(i, *std::move(prelu));
    }
  }
  for (auto& [place, prelu] : found) {
    OnnxNode& node = graph.nodes[place];
    const std::string slopes = "slopes:" + node.outputs[0];
    graph.initializers[slopes] = std::move(prelu.slopes);
    node = {"PRelu", node.name, {prelu.x, slopes}, node.outputs, {}};
  }
  drop_dead_nodes(graph);
}

void rewrite_prelus(OnnxGraph& graph) {
  const GraphUses uses(graph);
  std::vector<OnnxNode> nodes;
  for (const OnnxNode& node : graph.nodes) {
    if (node.op_type != "PRelu" || node.inputs.size() != 2 || !graph.initializers.contains(node.inputs[1])) {
      nodes.push_back(node);
    } else if (is_between_convolutions(graph, uses, node)) {
      negated_prelu(graph, uses, node, nodes);
    } else {
      plain_prelu(graph, node, nodes);
    }
  }
  graph.nodes = std::move(nodes);
}

}  // namespace facepipe::packs
