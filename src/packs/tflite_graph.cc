// Operators: tensorflow.org/mlir/tfl_ops; padding SAME: tensorflow.org/api_docs/python/tf/nn ("Notes on padding").
// Tested by tflite_graph_test.cc and mobilefacenet_golden_test.cc.
#include "packs/tflite_graph.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <tuple>
#include <utility>

#include "embed/graph_session.h"
#include "weights/tensor.h"

namespace facepipe::packs {
namespace {

using weights::TfliteOp;
using weights::TfliteOperator;
using weights::TfliteTensor;
using weights::TfliteWindow;
using Extents = std::vector<std::int64_t>;

// The file's [a,b,c,d] as float32, its dimensions in the order `from`: result[i,j,k,l] has i along dimension from[0].
OnnxTensor transposed(const TfliteTensor& tensor, const std::array<std::size_t, 4>& from) {
  const Extents& shape = tensor.shape;
  const std::array<std::int64_t, 4> step{shape[1] * shape[2] * shape[3], shape[2] * shape[3], shape[3], 1};
  OnnxTensor result{{shape[from[0]], shape[from[1]], shape[from[2]], shape[from[3]]}, {}};
  result.values.resize(tensor.constant.size() / sizeof(float));
  float* out = result.values.data();
  for (std::int64_t i = 0; i < result.shape[0]; ++i) {
    for (std::int64_t j = 0; j < result.shape[1]; ++j) {
      for (std::int64_t k = 0; k < result.shape[2]; ++k) {
        for (std::int64_t l = 0; l < result.shape[3]; ++l, ++out) {
          const std::int64_t at = i * step[from[0]] + j * step[from[1]] + k * step[from[2]] + l * step[from[3]];
          std::memcpy(out, tensor.constant.data() + static_cast<std::size_t>(at) * sizeof(float), sizeof(float));
        }
      }
    }
  }
  return result;
}

OnnxTensor as_is(const TfliteTensor& tensor, Extents shape) {
  OnnxTensor result{std::move(shape), std::vector<float>(tensor.constant.size() / sizeof(float))};
  std::memcpy(result.values.data(), tensor.constant.data(), tensor.constant.size());
  return result;
}

// One side of a picture under a window.
struct WindowWalk {
  std::int64_t out = 0;  // below 1: the window is larger than the picture
  std::int64_t before = 0;
  std::int64_t after = 0;
};
WindowWalk walk_window(std::int64_t in, std::int64_t kernel, std::int64_t stride, std::int64_t dilation, bool same) {
  const std::int64_t reach = (kernel - 1) * dilation + 1;
  if (!same) {
    return {in < reach ? 0 : (in - reach) / stride + 1, 0, 0};
  }
  const std::int64_t out = (in + stride - 1) / stride;
  const std::int64_t total = std::max<std::int64_t>((out - 1) * stride + reach - in, 0);
  return {out, total / 2, total - total / 2};
}

class TfliteConverter {
 public:
  explicit TfliteConverter(const weights::TfliteModel& model) : model_(model) {}

  Result<OnnxGraph> convert() &&;

 private:
  [[nodiscard]] const TfliteTensor& tensor(std::size_t index) const { return model_.tensors[index]; }
  [[nodiscard]] std::string name_of(std::size_t index) const {
    return index == model_.input    ? embed::kNetworkInput
           : index == model_.output ? embed::kNetworkOutput
                                    : "t" + std::to_string(index);
  }
  Status check_ends() const;
  Status add(const TfliteOperator& operation, const std::string& what);
  Status convolution(const TfliteOperator& operation, const std::string& what);
  Status elementwise(const TfliteOperator& operation, const std::string& what);
  Status reshape(const TfliteOperator& operation, const std::string& what);
  // A picture of features, computed: [B,H,W,C].
  Status check_picture(std::size_t index, const std::string& what) const;
  Status check_output(std::size_t index, const Extents& expected, const std::string& what) const;
  Result<std::string> operand(std::size_t index, const Extents& shape, const std::string& what);
  void finish(const TfliteOperator& operation, OnnxNode node);

  const weights::TfliteModel& model_;
  OnnxGraph graph_;
};

Status TfliteConverter::check_ends() const {
  const Extents& in = tensor(model_.input).shape;
  const Extents& out = tensor(model_.output).shape;
  if (in.size() != 4 || in[1] != in[2] || in[3] != 3) {
    return Error{ErrorCode::kUnsupported, "TFLite: the input is " + weights::shape_to_string(in) +
                                              ", expected square pictures of 3 channels, [B,S,S,3]"};
  }
  if (out.size() != 2 || out[0] != in[0]) {
    return Error{ErrorCode::kUnsupported, "TFLite: the output is " + weights::shape_to_string(out) +
                                              ", expected one row for each of the " + std::to_string(in[0]) +
                                              " pictures"};
  }
  return {};
}

Status TfliteConverter::check_picture(std::size_t index, const std::string& what) const {
  const TfliteTensor& found = tensor(index);
  if (!found.constant.empty() || found.shape.size() != 4 || found.shape[0] != tensor(model_.input).shape[0]) {
    return Error{ErrorCode::kUnsupported, what +
                                              ": expected a computed tensor of four dimensions, one picture for each "
                                              "of the input's, got " +
                                              weights::shape_to_string(found.shape)};
  }
  return {};
}

Status TfliteConverter::check_output(std::size_t index, const Extents& expected, const std::string& what) const {
  if (const Extents& found = tensor(index).shape; found != expected) {
    return Error{ErrorCode::kInvalidData, what + ": makes " + weights::shape_to_string(expected) + ", the file says " +
                                              weights::shape_to_string(found)};
  }
  return {};
}

// Enters the node, and the activation that the file fused with it.
void TfliteConverter::finish(const TfliteOperator& operation, OnnxNode node) {
  const std::string output = name_of(operation.output);
  node.name = output;
  node.outputs = {operation.fused_relu ? output + ".linear" : output};
  graph_.nodes.push_back(std::move(node));
  if (operation.fused_relu) {
    graph_.nodes.push_back({"Relu", output + ".relu", {output + ".linear"}, {output}, {}});
  }
}

Status TfliteConverter::convolution(const TfliteOperator& operation, const std::string& what) {
  const bool depthwise = operation.op == TfliteOp::kDepthwiseConv2d;
  const auto& [input, weight, bias] = std::tie(operation.inputs[0], operation.inputs[1], operation.inputs[2]);
  FACEPIPE_TRY(check_picture(input, what));
  const Extents& in = tensor(input).shape;
  const Extents& kernel = tensor(weight).shape;  // [O,h,w,I], depthwise [1,h,w,O]
  const bool is_kernel = kernel.size() == 4 && tensor(weight).is_float && !tensor(weight).constant.empty() &&
                         (depthwise ? kernel[0] == 1 && kernel[3] % in[3] == 0 : kernel[3] == in[3]);
  const std::int64_t channels = is_kernel ? kernel[depthwise ? 3 : 0] : 0;
  if (!is_kernel || !tensor(bias).is_float || tensor(bias).constant.empty() ||
      tensor(bias).shape != Extents{channels}) {
    return Error{ErrorCode::kInvalidData, what + ": weights " + weights::shape_to_string(kernel) + " and bias " +
                                              weights::shape_to_string(tensor(bias).shape) +
                                              " are no float32 constants that go with " + weights::shape_to_string(in)};
  }
  const TfliteWindow& window = operation.window;
  const WindowWalk y = walk_window(in[1], kernel[1], window.stride_y, window.dilation_y, window.same_padding);
  const WindowWalk x = walk_window(in[2], kernel[2], window.stride_x, window.dilation_x, window.same_padding);
  FACEPIPE_TRY(check_output(operation.output, {in[0], y.out, x.out, channels}, what));
  const std::string name = name_of(operation.output);
  graph_.initializers[name + ".weight"] =
      depthwise ? transposed(tensor(weight), {3, 0, 1, 2}) : transposed(tensor(weight), {0, 3, 1, 2});
  graph_.initializers[name + ".bias"] = as_is(tensor(bias), {channels});
  finish(operation, {"Conv",
                     "",
                     {name_of(input), name + ".weight", name + ".bias"},
                     {},
                     {{"group", depthwise ? in[3] : std::int64_t{1}},
                      {"kernel_shape", Extents{kernel[1], kernel[2]}},
                      {"strides", Extents{window.stride_y, window.stride_x}},
                      {"dilations", Extents{window.dilation_y, window.dilation_x}},
                      {"pads", Extents{y.before, x.before, y.after, x.after}}}});
  return {};
}

// A picture of `shape`, or a constant for each of its channels.
Result<std::string> TfliteConverter::operand(std::size_t index, const Extents& shape, const std::string& what) {
  const TfliteTensor& found = tensor(index);
  if (found.constant.empty() && found.shape == shape) {
    return name_of(index);
  }
  if (found.constant.empty() || !found.is_float || found.shape != Extents{shape[3]}) {
    return Error{ErrorCode::kUnsupported, what + ": expected " + weights::shape_to_string(shape) +
                                              " or a float32 constant for each of its channels, got " +
                                              weights::shape_to_string(found.shape)};
  }
  std::string name = name_of(index);
  graph_.initializers[name] = as_is(found, {shape[3], 1, 1});
  return name;
}

Status TfliteConverter::elementwise(const TfliteOperator& operation, const std::string& what) {
  const auto computed =
      std::ranges::find_if(operation.inputs, [&](std::size_t input) { return tensor(input).constant.empty(); });
  if (computed == operation.inputs.end()) {
    return Error{ErrorCode::kUnsupported, what + ": of constants alone"};
  }
  FACEPIPE_TRY(check_picture(*computed, what));
  const Extents& shape = tensor(*computed).shape;
  FACEPIPE_TRY(check_output(operation.output, shape, what));
  OnnxNode node;
  for (const std::size_t input : operation.inputs) {
    FACEPIPE_ASSIGN(std::string name, operand(input, shape, what));
    node.inputs.push_back(std::move(name));
  }
  switch (operation.op) {
    case TfliteOp::kAbs:
      node.op_type = "Abs";
      break;
    case TfliteOp::kAdd:
      node.op_type = "Add";
      break;
    case TfliteOp::kMul:
      node.op_type = "Mul";
      break;
    case TfliteOp::kSub:
      node.op_type = "Sub";
      break;
    default:
      node.op_type = "Relu";
      break;
  }
  finish(operation, std::move(node));
  return {};
}

// Where a picture has one pixel, the order of its channels is the order of the row.
Status TfliteConverter::reshape(const TfliteOperator& operation, const std::string& what) {
  FACEPIPE_TRY(check_picture(operation.inputs[0], what));
  const Extents& in = tensor(operation.inputs[0]).shape;
  if (in[1] != 1 || in[2] != 1 || tensor(operation.output).shape != Extents{in[0], in[3]}) {
    return Error{ErrorCode::kUnsupported, what + ": expected [B,1,1,D] to [B,D], got " + weights::shape_to_string(in) +
                                              " to " + weights::shape_to_string(tensor(operation.output).shape)};
  }
  finish(operation, {"Flatten", "", {name_of(operation.inputs[0])}, {}, {{"axis", std::int64_t{1}}}});
  return {};
}

Status TfliteConverter::add(const TfliteOperator& operation, const std::string& what) {
  switch (operation.op) {
    case TfliteOp::kConv2d:
    case TfliteOp::kDepthwiseConv2d:
      return convolution(operation, what);
    case TfliteOp::kReshape:
      return reshape(operation, what);
    default:
      return elementwise(operation, what);
  }
}

Result<OnnxGraph> TfliteConverter::convert() && {
  FACEPIPE_TRY(check_ends());
  for (std::size_t i = 0; i < model_.operators.size(); ++i) {
    const TfliteOperator& operation = model_.operators[i];
    FACEPIPE_TRY(add(operation, "TFLite: operator " + std::to_string(i) + " (" +
                                    std::string(weights::to_string(operation.op)) + ")"));
  }
  const Extents& in = tensor(model_.input).shape;
  graph_.name = "tflite";
  graph_.input = embed::kNetworkInput;
  graph_.input_shape = {"N", in[3], in[1], in[2]};
  graph_.output = embed::kNetworkOutput;
  graph_.output_shape = {"N", tensor(model_.output).shape[1]};
  return std::move(graph_);
}

}  // namespace

Result<OnnxGraph> tflite_graph(const weights::TfliteModel& model) {
  return TfliteConverter(model).convert();
}

}  // namespace facepipe::packs
