// Operators: github.com/onnx/onnx docs/Operators.md (QuantizeLinear-13, DequantizeLinear-13, Conv-11). Which of them
// the runtime turns into integer kernels: its "QDQ" format,
// onnxruntime.ai/docs/performance/model-optimizations/quantization. Tested by qdq_graph_test.cc and
// int8_golden_test.cc.
#include "packs/qdq_graph.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>

#include "base/check.h"
#include "packs/quantise.h"

namespace facepipe::packs {
namespace {

bool runs_on_integers(const OnnxNode& node) {
  static constexpr std::array<std::string_view, 4> kOperators{"Conv", "Concat", "Add", "MaxPool"};
  return std::ranges::find(kOperators, node.op_type) != kOperators.end();
}

// The inputs that are pictures of features, not parameters.
std::span<const std::string> data_inputs(const OnnxNode& node) {
  return node.op_type == "Conv" ? std::span(node.inputs).first(1) : std::span(node.inputs);
}

// tensor -> the tensor whose statistics make its scale.
std::map<std::string, std::string> scale_sources(const OnnxGraph& graph) {
  std::map<std::string, std::string> sources;
  std::set<std::string> pooled;
  for (const OnnxNode& node : graph.nodes) {
    if (node.op_type == "MaxPool") {
      // The largest of some values lies between the same ends; with the same scale pooling needs no arithmetic.
      const auto found = sources.find(node.inputs[0]);
      sources.insert_or_assign(node.outputs[0], found == sources.end() ? node.inputs[0] : found->second);
      pooled.insert(node.outputs[0]);
    }
    if (node.op_type == "Concat") {
      for (const std::string& part : node.inputs) {
        if (!pooled.contains(part)) {
          sources.insert_or_assign(part, node.outputs[0]);
        }
      }
    }
  }
  return sources;
}

class QdqWriter {
 public:
  QdqWriter(const OnnxGraph& graph, const Calibration& calibration)
      : graph_(graph), calibration_(calibration), sources_(scale_sources(graph)), onnx_(graph.name) {}

  Result<Bytes> write() && {
    onnx_.add_input(graph_.input, graph_.input_shape);
    add_outputs(graph_, onnx_);
    for (const OnnxNode& node : graph_.nodes) {
      if (node.op_type == "Conv") {
        FACEPIPE_TRY(add_convolution(node));
      } else if (runs_on_integers(node)) {
        OnnxNode quantised = node;
        for (std::string& input : quantised.inputs) {
          input = dequantised(input);
        }
        onnx_.add_node(quantised);
      } else {
        for (const std::string& input : node.inputs) {
          add_float_initializer(input);
        }
        onnx_.add_node(node);
      }
    }
    return std::move(onnx_).finish();
  }

 private:
  ActivationScale scale_of(const std::string& tensor);
  std::string dequantised(const std::string& tensor);
  Status add_convolution(const OnnxNode& node);
  void add_float_initializer(const std::string& name);

  const OnnxGraph& graph_;
  const Calibration& calibration_;
  std::map<std::string, std::string> sources_;
  std::map<std::string, ActivationScale> scales_;  // of a source
  std::set<std::string> dequantised_;
  std::set<std::string> written_;  // float32 initializers
  OnnxModelWriter onnx_;
};

ActivationScale QdqWriter::scale_of(const std::string& tensor) {
  const auto source = sources_.find(tensor);
  const std::string& name = source == sources_.end() ? tensor : source->second;
  if (const auto found = scales_.find(name); found != scales_.end()) {
    return found->second;
  }
  const auto statistics = calibration_.tensors.find(name);
  FACEPIPE_CHECK(statistics != calibration_.tensors.end());
  const ActivationScale scale = activation_scale(best_range(statistics->second.histogram, statistics->second.range));
  scales_.emplace(name, scale);
  return scale;
}

// Through uint8 and back: the name of the result.
std::string QdqWriter::dequantised(const std::string& tensor) {
  const std::string result = tensor + ".dequantised";
  if (!dequantised_.insert(tensor).second) {
    return result;
  }
  const ActivationScale scale = scale_of(tensor);
  const std::string scale_name = tensor + ".scale";
  const std::string zero_name = tensor + ".zero_point";
  const std::string quantised = tensor + ".quantised";
  onnx_.add_initializer(scale_name, {}, std::span<const float>(&scale.scale, 1));
  onnx_.add_initializer(zero_name, {}, std::span<const std::uint8_t>(&scale.zero_point, 1));
  onnx_.add_node({"QuantizeLinear", quantised, {tensor, scale_name, zero_name}, {quantised}, {}});
  onnx_.add_node({"DequantizeLinear", result, {quantised, scale_name, zero_name}, {result}, {}});
  return result;
}

Status QdqWriter::add_convolution(const OnnxNode& node) {
  const auto weights = node.inputs.size() == 3 ? graph_.initializers.find(node.inputs[1]) : graph_.initializers.end();
  const auto bias = node.inputs.size() == 3 ? graph_.initializers.find(node.inputs[2]) : graph_.initializers.end();
  if (weights == graph_.initializers.end() || bias == graph_.initializers.end() || weights->second.shape.size() != 4) {
    return Error{ErrorCode::kInvalidData,
                 "convolution '" + node.name + "': expected weights of four dimensions and a bias as initializers"};
  }
  const auto& [shape, values] = weights->second;
  const QuantisedWeights quantised = quantise_weights(values, shape);
  const auto& statistics = calibration_.tensors.find(node.inputs[0]);
  FACEPIPE_CHECK(statistics != calibration_.tensors.end());
  const std::vector<double> shift = mean_shift(values, shape, quantised, statistics->second.channel_means);
  const float input_scale = scale_of(node.inputs[0]).scale;
  const std::vector<std::int32_t> integers = quantise_bias(bias->second.values, shift, input_scale, quantised.scales);
  std::vector<float> bias_scales(quantised.scales);
  for (float& scale : bias_scales) {
    scale *= input_scale;
  }
  const std::span channels = std::span(shape).first(1);
  const std::int64_t axis = 0;
  // Named by the node: two convolutions of one weight may have inputs of different scales.
  const std::string weights_name = node.name + ".weight";
  const std::string bias_name = node.name + ".bias";
  const std::vector<std::int8_t> zeros(quantised.scales.size());
  const std::vector<std::int32_t> bias_zeros(quantised.scales.size());
  onnx_.add_initializer(weights_name + ".quantised", shape, std::span(quantised.values));
  onnx_.add_initializer(weights_name + ".scale", channels, std::span<const float>(quantised.scales));
  onnx_.add_initializer(weights_name + ".zero_point", channels, std::span(zeros));
  onnx_.add_initializer(bias_name + ".quantised", channels, std::span(integers));
  onnx_.add_initializer(bias_name + ".scale", channels, std::span<const float>(bias_scales));
  onnx_.add_initializer(bias_name + ".zero_point", channels, std::span(bias_zeros));
  OnnxNode convolution = node;
  convolution.inputs[0] = dequantised(node.inputs[0]);
  for (std::size_t i = 1; i < convolution.inputs.size(); ++i) {
    const std::string& name = i == 1 ? weights_name : bias_name;
    convolution.inputs[i] = name + ".dequantised";
    onnx_.add_node({"DequantizeLinear",
                    convolution.inputs[i],
                    {name + ".quantised", name + ".scale", name + ".zero_point"},
                    {convolution.inputs[i]},
                    {{"axis", axis}}});
  }
  onnx_.add_node(convolution);
  return {};
}

void QdqWriter::add_float_initializer(const std::string& name) {
  const auto found = graph_.initializers.find(name);
  if (found != graph_.initializers.end() && written_.insert(name).second) {
    onnx_.add_initializer(name, found->second.shape, std::span(found->second.values));
  }
}

}  // namespace

std::vector<std::string> tensors_to_quantise(const OnnxGraph& graph) {
  std::vector<std::string> tensors;
  std::set<std::string> seen{graph.input};
  const auto add = [&](const std::string& tensor) {
    if (!graph.initializers.contains(tensor) && seen.insert(tensor).second) {
      tensors.push_back(tensor);
    }
  };
  for (const OnnxNode& node : graph.nodes) {
    if (!runs_on_integers(node)) {
      continue;
    }
    std::ranges::for_each(data_inputs(node), add);
    if (node.op_type == "Concat") {
      add(node.outputs[0]);
    }
  }
  return tensors;
}

Result<Bytes> quantised_onnx(const OnnxGraph& graph, const Calibration& calibration) {
  return QdqWriter(graph, calibration).write();
}

}  // namespace facepipe::packs
