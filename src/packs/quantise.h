// The arithmetic of int8 quantisation: real = scale * (integer - zero_point).
// Jacob et al., "Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference", 2018;
// Nagel et al., "A White Paper on Neural Network Quantization", 2021 (range search, bias correction).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "packs/value_histogram.h"

namespace facepipe::packs {

// What a tensor's values lie between.
struct ValueRange {
  float low = 0;
  float high = 0;
};

// Of a whole uint8 tensor. Zero is exact: padding and a ReLU's zeros must not be moved.
struct ActivationScale {
  float scale = 1;
  std::uint8_t zero_point = 0;
};

// 0..255 over `range`, which is widened to hold 0. A range of nothing but 0 gives scale 1. The ends are finite.
[[nodiscard]] ActivationScale activation_scale(const ValueRange& range);

// To the nearest integer, halves to the even one (as ONNX's QuantizeLinear), values outside to the nearest end.
[[nodiscard]] std::uint8_t quantise(float value, const ActivationScale& scale);

// The part of `range` whose scale gives the values in `histogram` the smallest mean square error: rare large ones are
// cut off where that makes the many small ones finer. Both ends shrink by the same share. No values -> `range`.
[[nodiscard]] ValueRange best_range(const ValueHistogram& histogram, const ValueRange& range);

// Symmetric, -127..127, one scale for each output channel.
struct QuantisedWeights {
  std::vector<std::int8_t> values;  // in the order of the weights
  std::vector<float> scales;        // [output channels], above 0
};

// `weights` [O,I,H,W], finite. x86 kernels without VNNI add the products of two neighbouring inputs in 16 bits
// (vpmaddubsw) and saturate: a channel's scale is the smallest at which no such pair, with inputs of 255, can.
// Neighbours are those of the runtime's kernels: ordered by y, x, input channel, from an even place on.
[[nodiscard]] QuantisedWeights quantise_weights(std::span<const float> weights, std::span<const std::int64_t> shape);

// [O]: what rounding the weights adds to each output channel on average, if input channel i has the mean
// `input_means[i]` (padding is not considered).
[[nodiscard]] std::vector<double> mean_shift(std::span<const float> weights, std::span<const std::int64_t> shape,
                                             const QuantisedWeights& quantised, std::span<const double> input_means);

// round((bias - shift) / (input_scale * weight scale)), to int32.
[[nodiscard]] std::vector<std::int32_t> quantise_bias(std::span<const float> bias, std::span<const double> shift,
                                                      float input_scale, std::span<const float> weight_scales);

}  // namespace facepipe::packs
