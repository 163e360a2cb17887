// Batch norm at inference is y = (x - mean) / sqrt(variance + epsilon) * gamma + beta, an affine map of each channel.
// Tested by weight_folding_test.cc.
#include "packs/weight_folding.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <numeric>

#include "base/check.h"

namespace facepipe::packs {
namespace {

constexpr double kBatchNormEpsilon = 0.001;  // of the network's origin in TensorFlow slim; PyTorch's default is 1e-5

std::size_t value_count(std::span<const std::int64_t> shape) {
  return std::accumulate(shape.begin(), shape.end(), std::size_t{1}, [](std::size_t product, std::int64_t extent) {
    FACEPIPE_CHECK(extent > 0);
    return product * static_cast<std::size_t>(extent);
  });
}

Affine zeros(std::span<const std::int64_t> shape) {
  return {std::vector<float>(value_count(shape)), std::vector<float>(static_cast<std::size_t>(shape[0]))};
}

}  // namespace

Affine WeightFolder::with_batch_norm(std::string_view weight, std::span<const std::int64_t> shape,
                                     std::string_view norm) {
  const std::array<std::int64_t, 1> channels{shape[0]};
  const std::string prefix(norm);
  const float* source = find(weight, shape);
  const float* gamma = find(prefix + ".weight", channels);
  const float* beta = find(prefix + ".bias", channels);
  const float* mean = find(prefix + ".running_mean", channels);
  const float* variance = find(prefix + ".running_var", channels);
  Affine folded = zeros(shape);
  if (error_) {
    return folded;
  }
  const std::size_t per_channel = folded.weight.size() / folded.bias.size();
  for (std::size_t c = 0; c < folded.bias.size(); ++c) {
    // A variance below -epsilon makes the root NaN, which check_finite() finds.
    const double scale = double{gamma[c]} / std::sqrt(double{variance[c]} + kBatchNormEpsilon);
    for (std::size_t i = c * per_channel; i < (c + 1) * per_channel; ++i) {
      folded.weight[i] = static_cast<float>(double{source[i]} * scale);
    }
    folded.bias[c] = static_cast<float>(double{beta[c]} - double{mean[c]} * scale);
  }
  check_finite(folded, weight);
  return folded;
}

Affine WeightFolder::with_scale(std::string_view layer, std::span<const std::int64_t> shape, double scale) {
  const std::string prefix(layer);
  const float* weight = find(prefix + ".weight", shape);
  const float* bias = find(prefix + ".bias", shape.first(1));
  Affine folded = zeros(shape);
  if (error_) {
    return folded;
  }
  const auto scaled = [scale](float value) { return static_cast<float>(double{value} * scale); };
  std::transform(weight, weight + folded.weight.size(), folded.weight.begin(), scaled);
  std::transform(bias, bias + folded.bias.size(), folded.bias.begin(), scaled);
  check_finite(folded, prefix + ".weight");
  return folded;
}

const float* WeightFolder::find(std::string_view name, std::span<const std::int64_t> shape) {
  if (error_) {
    return nullptr;
  }
  const auto found = weights_.find(name);
  if (found == weights_.end()) {
    fail(name, "is absent");
    return nullptr;
  }
  const weights::Tensor& tensor = found->second;
  if (!std::ranges::equal(tensor.shape, shape)) {
    fail(name,
         "expected shape " + weights::shape_to_string(shape) + ", found " + weights::shape_to_string(tensor.shape));
    return nullptr;
  }
  if (tensor.values.size() != value_count(shape)) {
    fail(name,
         "expected " + std::to_string(value_count(shape)) + " values, found " + std::to_string(tensor.values.size()));
    return nullptr;
  }
  return tensor.values.data();
}

void WeightFolder::fail(std::string_view name, std::string_view trouble) {
  if (!error_) {
    error_ = Error{ErrorCode::kInvalidData, "tensor '" + std::string(name) + "': " + std::string(trouble)};
  }
}

void WeightFolder::check_finite(const Affine& affine, std::string_view name) {
  const auto is_finite = [](float value) { return std::isfinite(value); };
  if (!std::ranges::all_of(affine.weight, is_finite) || !std::ranges::all_of(affine.bias, is_finite)) {
    fail(name, "with its batch norm, scale and bias makes values that are not finite");
  }
}

}  // namespace facepipe::packs
