// Tested by quantise_test.cc. What each choice gains is measured in docs/numerics.md.
#include "packs/quantise.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/check.h"

namespace facepipe::packs {
namespace {

constexpr float kUint8Max = 255;
constexpr float kInt8Max = 127;
// The largest sum of two weights of one sign whose products with 255 fit 16 bits: 255 * 128 = 32,640 <= 32,767. Half a
// step less, since each of the two is rounded.
constexpr double kPairMax = 127.5;

// The search for a range: shares of the full one, from all of it downwards.
constexpr int kRangeSteps = 71;  // a hundredth each
constexpr float kSmallestShare = 0.3F;

// [O,I,H,W] seen in the order of the kernels.
struct Layout {
  std::size_t outputs = 0;
  std::size_t inputs = 0;
  std::size_t positions = 0;  // H * W

  explicit Layout(std::span<const std::int64_t> shape) {
    FACEPIPE_CHECK(shape.size() == 4);
    outputs = static_cast<std::size_t>(shape[0]);
    inputs = static_cast<std::size_t>(shape[1]);
    positions = static_cast<std::size_t>(shape[2] * shape[3]);
  }
  [[nodiscard]] std::size_t channel_size() const { return inputs * positions; }
  // The weight of `output` that the kernel has in place k: y, x, then input channel.
  [[nodiscard]] std::size_t index(std::size_t output, std::size_t k) const {
    return output * channel_size() + k % inputs * positions + k / inputs;
  }
};

// What a channel must be divided by: its largest weight fits 127, and no pair of neighbours kPairMax.
float channel_scale(std::span<const float> weights, const Layout& layout, std::size_t output) {
  float largest = 0;
  double largest_pair = 0;
  for (std::size_t k = 0; k < layout.channel_size(); k += 2) {
    const float a = weights[layout.index(output, k)];
    const float b = k + 1 < layout.channel_size() ? weights[layout.index(output, k + 1)] : 0.0F;
    largest = std::max({largest, std::abs(a), std::abs(b)});
    const double positive = std::max(double{a}, 0.0) + std::max(double{b}, 0.0);
    const double negative = std::max(-double{a}, 0.0) + std::max(-double{b}, 0.0);
    largest_pair = std::max({largest_pair, positive, negative});
  }
  const float scale = std::max(largest / kInt8Max, static_cast<float>(largest_pair / kPairMax));
  // Weights too small to be divided by are zeros.
  return scale >= std::numeric_limits<float>::min() ? scale : 1.0F;
}

}  // namespace

ActivationScale activation_scale(const ValueRange& range) {
  const float low = std::min(range.low, 0.0F);
  const float high = std::max(range.high, 0.0F);
  const float scale = (high - low) / kUint8Max;
  if (!(scale >= std::numeric_limits<float>::min()) || !std::isfinite(scale)) {
    return {};
  }
  const float zero = std::clamp(std::nearbyint(-low / scale), 0.0F, kUint8Max);
  return {.scale = scale, .zero_point = static_cast<std::uint8_t>(zero)};
}

std::uint8_t quantise(float value, const ActivationScale& scale) {
  const float integer = std::nearbyint(value / scale.scale) + static_cast<float>(scale.zero_point);
  return static_cast<std::uint8_t>(std::clamp(integer, 0.0F, kUint8Max));
}

ValueRange best_range(const ValueHistogram& histogram, const ValueRange& range) {
  const std::vector<ValueHistogram::Bin> bins = histogram.bins();
  if (bins.empty()) {
    return range;
  }
  ValueRange best = range;
  double smallest = std::numeric_limits<double>::infinity();
  for (int step = 0; step < kRangeSteps; ++step) {
    const float share = 1.0F - (1.0F - kSmallestShare) * static_cast<float>(step) / static_cast<float>(kRangeSteps - 1);
    const ValueRange candidate{range.low * share, range.high * share};
    const ActivationScale scale = activation_scale(candidate);
    double error = 0;
    for (const ValueHistogram::Bin& bin : bins) {
      const double integer = quantise(bin.value, scale);
      const double difference = (integer - scale.zero_point) * double{scale.scale} - double{bin.value};
      error += static_cast<double>(bin.count) * difference * difference;
    }
    if (error < smallest) {
      smallest = error;
      best = candidate;
    }
  }
  return best;
}

QuantisedWeights quantise_weights(std::span<const float> weights, std::span<const std::int64_t> shape) {
  const Layout layout(shape);
  FACEPIPE_CHECK(weights.size() == layout.outputs * layout.channel_size());
  QuantisedWeights quantised{std::vector<std::int8_t>(weights.size()), std::vector<float>(layout.outputs)};
  for (std::size_t output = 0; output < layout.outputs; ++output) {
    const float scale = channel_scale(weights, layout, output);
    quantised.scales[output] = scale;
    for (std::size_t i = output * layout.channel_size(); i < (output + 1) * layout.channel_size(); ++i) {
      quantised.values[i] =
          static_cast<std::int8_t>(std::clamp(std::nearbyint(weights[i] / scale), -kInt8Max, kInt8Max));
    }
  }
  return quantised;
}

std::vector<double> mean_shift(std::span<const float> weights, std::span<const std::int64_t> shape,
                               const QuantisedWeights& quantised, std::span<const double> input_means) {
  const Layout layout(shape);
  FACEPIPE_CHECK(input_means.size() == layout.inputs);
  std::vector<double> shift(layout.outputs);
  for (std::size_t output = 0; output < layout.outputs; ++output) {
    for (std::size_t k = 0; k < layout.channel_size(); ++k) {
      const std::size_t i = layout.index(output, k);
      const double rounded = double{quantised.scales[output]} * quantised.values[i];
      shift[output] += (rounded - double{weights[i]}) * input_means[k % layout.inputs];
    }
  }
  return shift;
}

std::vector<std::int32_t> quantise_bias(std::span<const float> bias, std::span<const double> shift, float input_scale,
                                        std::span<const float> weight_scales) {
  FACEPIPE_CHECK(bias.size() == shift.size() && bias.size() == weight_scales.size());
  std::vector<std::int32_t> quantised(bias.size());
  for (std::size_t i = 0; i < bias.size(); ++i) {
    const double integer =
        std::nearbyint((double{bias[i]} - shift[i]) / (double{input_scale} * double{weight_scales[i]}));
    quantised[i] = static_cast<std::int32_t>(std::clamp(integer, double{std::numeric_limits<std::int32_t>::min()},
                                                        double{std::numeric_limits<std::int32_t>::max()}));
  }
  return quantised;
}

}  // namespace facepipe::packs
