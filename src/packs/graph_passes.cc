// Operators: github.com/onnx/onnx docs/Operators.md. Tested by graph_passes_test.cc and mobilefacenet_golden_test.cc.
#include "packs/graph_passes.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
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
    return Error{ErrorCode::kInvalidData,
                 "convolution '" + convolution.name + "': expected weights of four dimensions"};
  }
  const auto channels = static_cast<std::size_t>(weight.shape[0]);
  if (convolution.inputs.size() == 2) {
    const std::string bias = "bias:" + convolution.inputs[1];
    graph.initializers[bias] = {{weight.shape[0]}, std::vector<float>(channels)};
    convolution.inputs.push_back(bias);
  }
  OnnxTensor& bias = graph.initializers.at(convolution.inputs[2]);
  if (bias.values.size() != channels) {
    return Error{ErrorCode::kInvalidData,
                 "convolution '" + convolution.name + "': expected a bias of " + std::to_string(channels) + " values"};
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

void drop_unused(OnnxGraph& graph) {
  const GraphUses uses(graph);
  const auto is_unused = [&](const auto& entry) { return uses.count(entry.first) == 0; };
  std::erase_if(graph.initializers, is_unused);
  std::erase_if(graph.integers, is_unused);
}

}  // namespace facepipe::packs
