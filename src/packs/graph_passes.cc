// Operators: github.com/onnx/onnx docs/Operators.md. Tested by graph_passes_test.cc and mobilefacenet_golden_test.cc.
#include "packs/graph_passes.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>

#include "packs/graph_uses.h"

namespace facepipe::packs {
namespace {

// New values are named "WHAT:" and the name of an old one; a file's own names begin with another word (onnx_reader.h).
constexpr float kDefaultEpsilon = 1e-5F;  // of ONNX's BatchNormalization

void erase_marked(OnnxGraph& graph, const std::vector<bool>& marked) {
  std::vector<OnnxNode> kept;
  for (std::size_t i = 0; i < marked.size(); ++i) {
    if (!marked[i]) {
      kept.push_back(std::move(graph.nodes[i]));
    }
  }
  graph.nodes = std::move(kept);
}

bool does_nothing(const OnnxNode& node, const GraphUses& uses, const OnnxGraph& graph) {
  const bool known = node.op_type == "Identity" || (node.op_type == "Dropout" && node.inputs.size() <= 2);
  return known && !node.inputs.empty() && !node.outputs.empty() && node.outputs[0] != graph.output &&
         std::all_of(node.outputs.begin() + 1, node.outputs.end(),
                     [&](const std::string& mask) { return uses.count(mask) == 0; });
}

float epsilon_of(const OnnxNode& node) {
  for (const OnnxAttribute& attribute : node.attributes) {
    if (const auto* value = std::get_if<float>(&attribute.value); attribute.name == "epsilon" && value != nullptr) {
      return *value;
    }
  }
  return kDefaultEpsilon;
}

bool is_plain_batch_norm(const OnnxNode& node) {
  const auto is_plain = [](const OnnxAttribute& attribute) {
    const auto* flag = std::get_if<std::int64_t>(&attribute.value);
    return attribute.name == "spatial" ? flag != nullptr && *flag != 0
                                       : attribute.name != "training_mode" || (flag != nullptr && *flag == 0);
  };
  return node.op_type == "BatchNormalization" && node.inputs.size() == 5 && node.outputs.size() == 1 &&
         std::ranges::all_of(node.attributes, is_plain);
}

// y = scale * x + shift of each channel, in double precision.
struct ChannelMap {
  std::vector<double> scale;
  std::vector<double> shift;
};
Result<ChannelMap> channel_map(const OnnxGraph& graph, const OnnxNode& norm, std::size_t channels) {
  std::array<std::span<const float>, 4> parameters;  // scale, bias, mean, variance
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const auto found = graph.initializers.find(norm.inputs[i + 1]);
    if (found == graph.initializers.end() || found->second.values.size() != channels) {
      return Error{ErrorCode::kInvalidData, "batch norm '" + norm.name + "': expected " + std::to_string(channels) +
                                                " constants of each of its four kinds"};
    }
    parameters.at(i) = found->second.values;
  }
  ChannelMap map;
  for (std::size_t c = 0; c < channels; ++c) {
    const double scale = double{parameters[0][c]} / std::sqrt(double{parameters[3][c]} + double{epsilon_of(norm)});
    map.scale.push_back(scale);
    map.shift.push_back(double{parameters[1][c]} - double{parameters[2][c]} * scale);
    if (!std::isfinite(map.scale.back()) || !std::isfinite(map.shift.back())) {
      return Error{ErrorCode::kInvalidData, "batch norm '" + norm.name + "' makes values that are not finite"};
    }
  }
  return map;
}

Status fold_into(OnnxGraph& graph, OnnxNode& convolution, const OnnxNode& norm) {
  OnnxTensor& weight = graph.initializers.at(convolution.inputs[1]);
  if (weight.shape.size() != 4 || weight.shape[0] < 1) {
    return Error{ErrorCode::kInvalidData, "convolution '" + convolution.name + "': expected weights of four dimensions"};
  }
  const auto channels = static_cast<std::size_t>(weight.shape[0]);
  if (convolution.inputs.size() == 2) {
    const std::string bias = "bias:" + convolution.inputs[1];
    graph.initializers[bias] = {{weight.shape[0]}, std::vector<float>(channels)};
    convolution.inputs.push_back(bias);
  }
  OnnxTensor& bias = graph.initializers.at(convolution.inputs[2]);
  if (bias.values.size() != channels) {
    return Error{ErrorCode::kInvalidData, "convolution '" + convolution.name + "': expected a bias of " +
                                              std::to_string(channels) + " values"};
  }
  FACEPIPE_ASSIGN(const ChannelMap map, channel_map(graph, norm, channels));
  const std::size_t per_channel = weight.values.size() / channels;
  for (std::size_t c = 0; c < channels; ++c) {
    for (float& value : std::span(weight.values).subspan(c * per_channel, per_channel)) {
      value = static_cast<float>(double{value} * map.scale[c]);
    }
    bias.values[c] = static_cast<float>(double{bias.values[c]} * map.scale[c] + map.shift[c]);
  }
  convolution.outputs = norm.outputs;
  return {};
}

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

void drop_identities(OnnxGraph& graph) {
  const GraphUses uses(graph);
  std::map<std::string, std::string> same;  // what a node passed on -> what it took
  std::vector<bool> dropped;
  for (OnnxNode& node : graph.nodes) {
    for (std::string& input : node.inputs) {
      if (const auto found = same.find(input); found != same.end()) {
        input = found->second;
      }
    }
    dropped.push_back(does_nothing(node, uses, graph));
    if (dropped.back()) {
      same.emplace(node.outputs[0], node.inputs[0]);
    }
  }
  erase_marked(graph, dropped);
}

Status fold_batch_norms(OnnxGraph& graph) {
  const GraphUses uses(graph);
  std::vector<bool> folded(graph.nodes.size());
  std::map<std::string, std::size_t> convolutions;  // by what they make
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    OnnxNode& node = graph.nodes[i];
    if (node.op_type == "Conv" && uses.owns_weights(node)) {
      convolutions.emplace(node.outputs[0], i);
    }
    if (!is_plain_batch_norm(node)) {
      continue;
    }
    if (const auto before = convolutions.find(node.inputs[0]);
        before != convolutions.end() && uses.count(node.inputs[0]) == 1) {
      FACEPIPE_TRY(fold_into(graph, graph.nodes[before->second], node));
      folded[i] = true;
    }
  }
  erase_marked(graph, folded);
  return {};
}

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

void drop_unused(OnnxGraph& graph) {
  const GraphUses uses(graph);
  const auto is_unused = [&](const auto& entry) { return uses.count(entry.first) == 0; };
  std::erase_if(graph.initializers, is_unused);
  std::erase_if(graph.integers, is_unused);
}

}  // namespace facepipe::packs
