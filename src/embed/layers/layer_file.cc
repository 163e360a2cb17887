// Tested by layer_file_test.cc.
#include "embed/layers/layer_file.h"

#include <array>
#include <cstdint>
#include <string>
#include <utility>

#include "base/json_reader.h"
#include "base/json_writer.h"
#include "embed/layers/kernels/kernels.h"
#include "weights/tensor_file.h"

namespace facepipe::embed::layers {
namespace {

using Shape = std::vector<std::int64_t>;

constexpr std::string_view kLayers = "layers";  // the metadata, and what errors of it begin with
constexpr std::size_t kMaxLayers = 512;
constexpr int kMaxSide = 1'024;
constexpr int kMaxChannels = 8'192;
constexpr int kMaxKernel = 32;
constexpr int kMaxStride = 8;
constexpr int kPictureChannels = 3;
constexpr std::int64_t kMaxOutputValues = std::int64_t{1} << 24U;  // of a layer: 64 MiB
constexpr std::array<std::string_view, 3> kKinds{"convolution", "pointwise", "depthwise"};

// "007.bias": names sort as the layers do.
std::string tensor_name(std::size_t layer, std::string_view what) {
  const std::string place = std::to_string(layer);
  return std::string(3 - place.size(), '0') + place + "." + std::string(what);
}

Shape weights_shape(const Layer& layer) {
  return layer.kind == LayerKind::kDepthwise ? Shape{layer.kernel, layer.kernel, layer.out_channels}
                                             : Shape{layer.out_channels / kPanel, taps(layer), kPanel};
}

std::string layers_json(std::span<const Layer> layers) {
  JsonWriter json;
  json.begin_array();
  for (const Layer& layer : layers) {
    json.begin_object().key("kind").string(kKinds.at(static_cast<std::size_t>(layer.kind)));
    json.key("in_side").integer(layer.in_side).key("in_channels").integer(layer.in_channels);
    json.key("out_side").integer(layer.out_side).key("out_channels").integer(layer.out_channels);
    json.key("kernel").integer(layer.kernel).key("stride").integer(layer.stride).key("pad").integer(layer.pad);
    json.key("activated").boolean(!layer.factors.empty());
    if (layer.add) {
      json.key("add").integer(*layer.add);
    }
    json.end_object();
  }
  json.end_array();
  return std::move(json).text();
}

Result<int> number(const JsonValue& layer, std::string_view name, int low, int high) {
  FACEPIPE_ASSIGN(const std::int64_t value, layer[name].integer(low, high));
  return static_cast<int>(value);
}

// What one layer says of itself, without its weights.
Result<Layer> parse_layer(const JsonValue& value, std::size_t place) {
  Layer layer;
  FACEPIPE_ASSIGN(const std::size_t kind, value["kind"].one_of({kKinds[0], kKinds[1], kKinds[2]}));
  layer.kind = static_cast<LayerKind>(kind);
  FACEPIPE_ASSIGN(layer.in_side, number(value, "in_side", 1, kMaxSide));
  FACEPIPE_ASSIGN(layer.in_channels, number(value, "in_channels", 1, kMaxChannels));
  FACEPIPE_ASSIGN(layer.out_side, number(value, "out_side", 1, kMaxSide));
  FACEPIPE_ASSIGN(layer.out_channels, number(value, "out_channels", 1, kMaxChannels));
  FACEPIPE_ASSIGN(layer.kernel, number(value, "kernel", 1, kMaxKernel));
  FACEPIPE_ASSIGN(layer.stride, number(value, "stride", 1, kMaxStride));
  FACEPIPE_ASSIGN(layer.pad, number(value, "pad", 0, layer.kernel - 1));
  if (value["add"].type() != JsonType::kAbsent) {
    FACEPIPE_ASSIGN(layer.add, number(value, "add", 0, static_cast<int>(place) - 1));
  }
  return layer;
}

// `layers` are those before it.
Status check_layer(const Layer& layer, std::span<const Layer> layers) {
  const auto refuse = [&](const std::string& what) {
    return Error{ErrorCode::kInvalidData, "layer " + std::to_string(layers.size()) + ": " + what};
  };
  if ((layer.kind == LayerKind::kConvolution) != layers.empty()) {
    return refuse("expected a convolution as the first layer and nowhere else");
  }
  const int side = layers.empty() ? layer.in_side : layers.back().out_side;
  const int channels = layers.empty() ? kPictureChannels : layers.back().out_channels;
  if (layer.in_side != side || layer.in_channels != channels) {
    return refuse("expected an input of side " + std::to_string(side) + " and " + std::to_string(channels) +
                  " channels, got " + std::to_string(layer.in_side) + " and " + std::to_string(layer.in_channels));
  }
  if (layer.out_channels % kPanel != 0) {
    return refuse("expected a multiple of " + std::to_string(kPanel) + " channels, got " +
                  std::to_string(layer.out_channels));
  }
  if (std::int64_t{layer.out_side} * layer.out_side * layer.out_channels > kMaxOutputValues) {
    return Error{ErrorCode::kTooLarge, "layer " + std::to_string(layers.size()) + ": makes more than " +
                                           std::to_string(kMaxOutputValues) + " values"};
  }
  if (layer.kind == LayerKind::kPointwise &&
      (layer.kernel != 1 || layer.stride != 1 || layer.out_side != layer.in_side)) {
    return refuse("expected a pointwise layer to keep the picture's size");
  }
  if (layer.kind == LayerKind::kDepthwise && layer.out_channels != layer.in_channels) {
    return refuse("expected a depthwise layer to keep the channels");
  }
  if ((layer.out_side - 1) * layer.stride - layer.pad >= layer.in_side) {
    return refuse("its output reaches past its input");
  }
  if (layer.add) {
    const Layer& added = layers[static_cast<std::size_t>(*layer.add)];
    if (added.out_side != layer.out_side || added.out_channels != layer.out_channels) {
      return refuse("adds an output of another size");
    }
  }
  return {};
}

class TensorTaker {
 public:
  explicit TensorTaker(weights::TensorFileView file) : file_(std::move(file)) {}

  // Values where they lie.
  Result<std::span<const float>> take(const std::string& name, const Shape& shape) {
    const auto found = file_.tensors.find(name);
    if (found == file_.tensors.end() || found->second.shape != shape) {
      return Error{ErrorCode::kInvalidData,
                   "tensor '" + name + "': expected " + weights::shape_to_string(shape) + ", got " +
                       (found == file_.tensors.end() ? "none" : weights::shape_to_string(found->second.shape))};
    }
    const ByteView bytes = found->second.values;
    if (reinterpret_cast<std::uintptr_t>(bytes.data()) % alignof(float) != 0) {
      return Error{ErrorCode::kUnsupported, "tensor '" + name + "': expected values at a multiple of 4 bytes"};
    }
    ++taken_;
    return std::span(reinterpret_cast<const float*>(bytes.data()), bytes.size() / sizeof(float));
  }
  [[nodiscard]] bool all_taken() const { return taken_ == file_.tensors.size(); }

 private:
  weights::TensorFileView file_;
  std::size_t taken_ = 0;
};

}  // namespace

Bytes write_layers(std::span<const Layer> layers) {
  weights::TensorFile file;
  file.metadata.emplace(kLayers, layers_json(layers));
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const Layer& layer = layers[i];
    const auto add = [&](std::string_view what, Shape shape, std::span<const float> values) {
      file.tensors.emplace(tensor_name(i, what), weights::Tensor{std::move(shape), {values.begin(), values.end()}});
    };
    add("weights", weights_shape(layer), layer.weights);
    add("bias", {layer.out_channels}, layer.bias);
    if (!layer.factors.empty()) {
      add("factors", {layer.out_channels}, layer.factors);
    }
  }
  return weights::write_tensor_file(file);
}

Result<std::vector<Layer>> read_layers(ByteView bytes) {
  FACEPIPE_ASSIGN(weights::TensorFileView file, weights::view_tensor_file(bytes));
  const auto text = file.metadata.find(kLayers);
  if (text == file.metadata.end()) {
    return Error{ErrorCode::kInvalidData, "expected a tensor file that says its layers"};
  }
  FACEPIPE_ASSIGN(const JsonDocument document, JsonDocument::parse(text->second, {.context = kLayers}));
  if (const std::size_t count = document.root().size(); count == 0 || count > kMaxLayers) {
    return Error{ErrorCode::kTooLarge,
                 "expected 1 to " + std::to_string(kMaxLayers) + " layers, got " + std::to_string(count)};
  }
  TensorTaker tensors(std::move(file));
  std::vector<Layer> layers;
  const auto take_layer = [&](const JsonValue& value) -> Status {
    const std::size_t place = layers.size();
    FACEPIPE_ASSIGN(Layer layer, parse_layer(value, place));
    FACEPIPE_TRY(check_layer(layer, layers));
    FACEPIPE_ASSIGN(layer.weights, tensors.take(tensor_name(place, "weights"), weights_shape(layer)));
    FACEPIPE_ASSIGN(layer.bias, tensors.take(tensor_name(place, "bias"), {layer.out_channels}));
    FACEPIPE_ASSIGN(const bool activated, value["activated"].boolean());
    if (activated) {
      FACEPIPE_ASSIGN(layer.factors, tensors.take(tensor_name(place, "factors"), {layer.out_channels}));
    }
    layers.push_back(layer);
    return {};
  };
  FACEPIPE_TRY(document.root().each_item(take_layer));
  if (!tensors.all_taken()) {
    return Error{ErrorCode::kInvalidData, "the file holds tensors of no layer"};
  }
  return layers;
}

}  // namespace facepipe::embed::layers
