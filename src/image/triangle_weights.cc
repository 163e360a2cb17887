#include "image/triangle_weights.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace facepipe::image {
namespace {

kernels::WeightPair pair_of(const std::int32_t* weights) {
  constexpr std::uint32_t kLow = (1U << kernels::kLowBits) - 1;
  const auto first = static_cast<std::uint32_t>(weights[0]);
  const auto second = static_cast<std::uint32_t>(weights[1]);
  return {(first & kLow) | (second & kLow) << 16U, first >> kernels::kLowBits | second >> kernels::kLowBits << 16U};
}

}  // namespace

TriangleWeights::TriangleWeights(int in_size, int out_size) {
  const double scale = static_cast<double>(in_size) / out_size;
  const double filter_scale = std::max(scale, 1.0);
  const double support = filter_scale;  // a triangle of half-width 1, widened when shrinking
  const std::size_t stride = static_cast<std::size_t>(std::ceil(support)) + 1;  // in pairs
  pairs_.resize(stride * static_cast<std::size_t>(out_size));
  weights_.resize(2 * pairs_.size());
  windows_.reserve(static_cast<std::size_t>(out_size));
  std::vector<double> exact(2 * stride);
  for (int i = 0; i < out_size; ++i) {
    const double center = (i + 0.5) * scale;
    const int first = std::max(static_cast<int>(center - support + 0.5), 0);
    const int count = std::min(static_cast<int>(center + support + 0.5), in_size) - first;
    double sum = 0;
    for (int k = 0; k < count; ++k) {
      const double distance = std::abs((k + first - center + 0.5) * (1.0 / filter_scale));
      const double weight = distance < 1.0 ? 1.0 - distance : 0.0;
      exact[static_cast<std::size_t>(k)] = weight;
      sum += weight;
    }
    const std::size_t at = stride * static_cast<std::size_t>(i);
    std::int32_t* weights = weights_.data() + 2 * at;
    for (int k = 0; k < count; ++k) {
      const double weight = sum != 0.0 ? exact[static_cast<std::size_t>(k)] / sum : 0.0;
      weights[k] = static_cast<std::int32_t>(0.5 + weight * (1 << kernels::kWeightBits));
    }
    kernels::WeightPair* pairs = pairs_.data() + at;
    for (int k = 0; k < count; k += 2) {
      pairs[k / 2] = pair_of(weights + k);
    }
    windows_.push_back({first, count, weights, pairs});
    most_ = std::max(most_, count);
  }
}

}  // namespace facepipe::image
