// Tested by layer_chain_test.cc and mobilefacenet_golden_test.cc.
#include "packs/layer_chain.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "embed/graph_session.h"
#include "embed/layers/kernels/kernels.h"
#include "embed/layers/layer_file.h"
#include "embed/layers/network.h"
#include "embed/prepacked.h"

namespace facepipe::packs {
namespace {

using embed::layers::kPanel;
using embed::layers::Layer;
using embed::layers::LayerKind;
using Integers = std::vector<std::int64_t>;

constexpr std::int64_t kPictureChannels = 3;
// What add_unit_norm() puts at the end.
constexpr std::array<std::string_view, 3> kUnitNorm{"ReduceL2", "Max", "Div"};

// An attribute of whole numbers, or `otherwise` where the node has none of that name.
Integers integers_of(const OnnxNode& node, std::string_view name, Integers otherwise) {
  for (const OnnxAttribute& attribute : node.attributes) {
    if (attribute.name != name) {
      continue;
    }
    if (const auto* list = std::get_if<Integers>(&attribute.value)) {
      return *list;
    }
    if (const auto* one = std::get_if<std::int64_t>(&attribute.value)) {
      return {*one};
    }
  }
  return otherwise;
}

bool says_padding_by_name(const OnnxNode& node) {
  return std::ranges::any_of(node.attributes, [](const OnnxAttribute& attribute) {
    const auto* text = std::get_if<std::string>(&attribute.value);
    return attribute.name == "auto_pad" && (text == nullptr || *text != "NOTSET");
  });
}

// [out,in,k,k] of a convolution to panels of out channels: [out/kPanel, k*k*in, kPanel].
std::vector<float> to_panels(const OnnxTensor& weights) {
  const auto out = static_cast<std::size_t>(weights.shape[0]);
  const auto in = static_cast<std::size_t>(weights.shape[1]);
  const auto pixels = static_cast<std::size_t>(weights.shape[2] * weights.shape[3]);
  std::vector<float> panels(weights.values.size());
  for (std::size_t o = 0; o < out; ++o) {
    for (std::size_t i = 0; i < in; ++i) {
      for (std::size_t p = 0; p < pixels; ++p) {
        panels[((o / kPanel) * pixels * in + p * in + i) * kPanel + o % kPanel] =
            weights.values[(o * in + i) * pixels + p];
      }
    }
  }
  return panels;
}

// [channels,1,k,k] to [k,k,channels].
std::vector<float> channels_last(const OnnxTensor& weights) {
  const auto channels = static_cast<std::size_t>(weights.shape[0]);
  const std::size_t pixels = weights.values.size() / channels;
  std::vector<float> turned(weights.values.size());
  for (std::size_t c = 0; c < channels; ++c) {
    for (std::size_t p = 0; p < pixels; ++p) {
      turned[p * channels + c] = weights.values[c * pixels + p];
    }
  }
  return turned;
}

// Reads a graph's nodes in their order. Each take_* says whether the node was what it takes.
class ChainReader {
 public:
  explicit ChainReader(const OnnxGraph& graph) : graph_(graph), value_(graph.input) {}

  std::optional<Bytes> read() {
    std::size_t at = 0;
    for (; at < graph_.nodes.size() && graph_.nodes[at].op_type != kUnitNorm[0]; ++at) {
      const OnnxNode& node = graph_.nodes[at];
      if (!take_conv(node) && !take_activation(node) && !take_sum(node) && !take_flatten(node)) {
        return std::nullopt;
      }
    }
    if (!ends_with_unit_norm(at) || layers_.empty() || layers_.back().out_side != 1 || !relu_.empty()) {
      return std::nullopt;
    }
    return embed::layers::write_layers(layers_);
  }

 private:
  const OnnxTensor* initializer(const OnnxNode& node, std::size_t input) const {
    const auto found =
        node.inputs.size() > input ? graph_.initializers.find(node.inputs[input]) : graph_.initializers.end();
    return found == graph_.initializers.end() ? nullptr : &found->second;
  }
  std::span<const float> keep(std::vector<float> values) { return kept_.emplace_back(std::move(values)); }

  // Kind, sides and channels by the weights' shape and the attributes; nullopt for what the kernels do not know.
  std::optional<Layer> shape_of(const OnnxNode& node, const OnnxTensor& weights) const {
    const std::vector<std::int64_t>& shape = weights.shape;
    const std::int64_t kernel = shape[2];
    const Integers strides = integers_of(node, "strides", {1, 1});
    const Integers pads = integers_of(node, "pads", {0, 0, 0, 0});
    const Integers group = integers_of(node, "group", {1});
    const bool first = layers_.empty();
    const std::int64_t channels = first ? kPictureChannels : layers_.back().out_channels;
    const bool depthwise = !first && group == Integers{channels} && shape[0] == channels && shape[1] == 1;
    if (shape[3] != kernel || kernel < 1 || strides.size() != 2 || strides[0] != strides[1] || strides[0] < 1 ||
        pads.size() != 4 || pads[0] != pads[1] || pads[2] != pads[3] || pads[0] < 0 || pads[2] < 0 ||
        pads[0] >= kernel || integers_of(node, "dilations", {1, 1}) != Integers{1, 1} || says_padding_by_name(node) ||
        shape[0] % kPanel != 0 || (!depthwise && (group != Integers{1} || shape[1] != channels))) {
      return std::nullopt;
    }
    if (!first && !depthwise && (kernel != 1 || strides[0] != 1 || pads != Integers{0, 0, 0, 0})) {
      return std::nullopt;
    }
    const std::int64_t side = first ? picture_side() : layers_.back().out_side;
    if (side + pads[0] + pads[2] < kernel) {
      return std::nullopt;
    }
    return Layer{.kind = first       ? LayerKind::kConvolution
                         : depthwise ? LayerKind::kDepthwise
                                     : LayerKind::kPointwise,
                 .in_side = static_cast<int>(side),
                 .in_channels = static_cast<int>(channels),
                 .out_side = static_cast<int>((side + pads[0] + pads[2] - kernel) / strides[0] + 1),
                 .out_channels = static_cast<int>(shape[0]),
                 .kernel = static_cast<int>(kernel),
                 .stride = static_cast<int>(strides[0]),
                 .pad = static_cast<int>(pads[0])};
  }

  // The picture's side; 0 where it is free.
  std::int64_t picture_side() const {
    const auto* side = graph_.input_shape.size() == 4 ? std::get_if<std::int64_t>(&graph_.input_shape[2]) : nullptr;
    return side == nullptr ? 0 : *side;
  }

  bool take_conv(const OnnxNode& node) {
    const OnnxTensor* weights = initializer(node, 1);
    if (node.op_type != "Conv" || !relu_.empty() || node.inputs.empty() || node.inputs[0] != value_ ||
        weights == nullptr || weights->shape.size() != 4 ||
        (node.inputs.size() > 2 && initializer(node, 2) == nullptr)) {
      return false;
    }
    std::optional<Layer> layer = shape_of(node, *weights);
    if (!layer) {
      return false;
    }
    layer->weights = keep(layer->kind == LayerKind::kDepthwise ? channels_last(*weights) : to_panels(*weights));
    layer->bias = keep(node.inputs.size() > 2 ? initializer(node, 2)->values
                                              : std::vector<float>(static_cast<std::size_t>(layer->out_channels)));
    finish_layer();
    layers_.push_back(*layer);
    value_ = node.outputs[0];
    return true;
  }

  // Relu, Mul by a factor a channel, Add: z + factor * max(z, 0).
  bool take_activation(const OnnxNode& node) {
    if (node.op_type == "Relu" && relu_.empty() && !layers_.empty() && !finished_ && node.inputs[0] == value_ &&
        layers_.back().factors.empty() && !layers_.back().add) {
      relu_ = node.outputs[0];
      return true;
    }
    if (node.op_type == "Mul" && !relu_.empty() && scaled_.empty() && node.inputs[0] == relu_) {
      const OnnxTensor* factors = initializer(node, 1);
      const Layer& layer = layers_.back();
      if (factors == nullptr || factors->shape != Integers{layer.out_channels, 1, 1}) {
        return false;
      }
      layers_.back().factors = keep(factors->values);
      scaled_ = node.outputs[0];
      return true;
    }
    if (node.op_type == "Add" && !scaled_.empty() && is_sum_of(node, scaled_, value_)) {
      value_ = node.outputs[0];
      relu_.clear();
      scaled_.clear();
      return true;
    }
    return false;
  }

  // The last layer's output and an earlier one's.
  bool take_sum(const OnnxNode& node) {
    if (node.op_type != "Add" || node.inputs.size() != 2 || !relu_.empty() || layers_.empty() || finished_ ||
        layers_.back().kind != LayerKind::kPointwise || layers_.back().add) {
      return false;
    }
    const std::string& other = node.inputs[0] == value_ ? node.inputs[1] : node.inputs[0];
    const auto found = outputs_.find(other);
    if (found == outputs_.end() || !is_sum_of(node, other, value_)) {
      return false;
    }
    const Layer& added = layers_[static_cast<std::size_t>(found->second)];
    if (added.out_side != layers_.back().out_side || added.out_channels != layers_.back().out_channels) {
      return false;
    }
    layers_.back().add = found->second;
    value_ = node.outputs[0];
    return true;
  }

  // Of one pixel, another name for its channels.
  bool take_flatten(const OnnxNode& node) {
    if (node.op_type != "Flatten" || !relu_.empty() || layers_.empty() || layers_.back().out_side != 1 ||
        node.inputs[0] != value_ || integers_of(node, "axis", {1}) != Integers{1}) {
      return false;
    }
    finished_ = true;
    value_ = node.outputs[0];
    return true;
  }

  static bool is_sum_of(const OnnxNode& node, const std::string& a, const std::string& b) {
    return node.inputs == std::vector<std::string>{a, b} || node.inputs == std::vector<std::string>{b, a};
  }

  bool ends_with_unit_norm(std::size_t at) const {
    if (graph_.nodes.size() - at != kUnitNorm.size()) {
      return false;
    }
    for (std::size_t i = 0; i < kUnitNorm.size(); ++i) {
      if (graph_.nodes[at + i].op_type != kUnitNorm[i]) {
        return false;
      }
    }
    return graph_.nodes[at].inputs[0] == value_ && graph_.nodes.back().inputs[0] == value_ &&
           graph_.nodes.back().outputs[0] == graph_.output;
  }

  // The output of the last layer is whole: later ones may add it.
  void finish_layer() {
    if (!layers_.empty()) {
      outputs_.emplace(value_, static_cast<int>(layers_.size()) - 1);
    }
  }

  const OnnxGraph& graph_;
  std::string value_;      // what the layers so far make
  std::string relu_;       // of the last layer, on its way to become an activation
  std::string scaled_;     // that, times its factors
  bool finished_ = false;  // flattened
  std::vector<Layer> layers_;
  std::map<std::string, int> outputs_;   // of finished layers
  std::deque<std::vector<float>> kept_;  // what the layers look at
};

}  // namespace

std::optional<Bytes> layer_file(const OnnxGraph& graph) {
  return ChainReader(graph).read();
}

Status try_layers(ByteView layers, ByteView onnx, int embedding_size) {
  // Float32 sums in another order differ by some 1e-6; another face is a million times as far.
  constexpr double kTolerance = 1e-4;
  FACEPIPE_ASSIGN(const embed::layers::Network network, embed::layers::Network::view(layers));
  FACEPIPE_ASSIGN(const embed::GraphSession graph, embed::GraphSession::open(onnx));
  const std::vector<float> picture = embed::test_pattern(network.input_px());
  FACEPIPE_ASSIGN(const auto expected, embed::embed_values(graph, picture, network.input_px(), embedding_size));
  embed::Embedding found(static_cast<std::size_t>(network.output_size()));
  if (network.output_size() != embedding_size) {
    return Error{ErrorCode::kInternal, "the layers make " + std::to_string(network.output_size()) +
                                           " values, the graph " + std::to_string(embedding_size)};
  }
  network.run(picture, found);
  const double length = embed::length_of(found);
  std::ranges::for_each(found, [&](float& value) { value = static_cast<float>(double{value} / length); });
  if (!embed::are_near(found, expected[0].embedding, kTolerance)) {
    return Error{ErrorCode::kInternal, "the layers do not make the graph's embedding of a pattern"};
  }
  return {};
}

}  // namespace facepipe::packs
