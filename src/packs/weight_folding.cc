// Batch norm at inference is y = (x - mean) / sqrt(variance + epsilon) * gamma + beta, an affine map of each channel.
// Tested by weight_folding_test.cc.
#include "packs/weight_folding.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"

namespace facepipe::packs {
namespace {

constexpr double kBatchNormEpsilon = 0.001;  // of the network's origin in TensorFlow slim; PyTorch's default is 1e-5

const weights::Tensor& tensor_of(const weights::StateDict& weights, const std::string& name) {
  const auto found = weights.find(name);
  FACEPIPE_CHECK(found != weights.end() && !found->second.values.empty());
  return found->second;
}

// One value for each of `channels`.
const std::vector<float>& vector_of(const weights::StateDict& weights, const std::string& name, std::size_t channels) {
  const std::vector<float>& values = tensor_of(weights, name).values;
  FACEPIPE_CHECK(values.size() == channels);
  return values;
}

}  // namespace

Affine WeightFolder::with_batch_norm(const std::string& weight, const std::string& norm) {
  const weights::Tensor& source = tensor_of(weights_, weight);
  const auto channels = static_cast<std::size_t>(source.shape.at(0));
  const std::vector<float>& gamma = vector_of(weights_, norm + ".weight", channels);
  const std::vector<float>& beta = vector_of(weights_, norm + ".bias", channels);
  const std::vector<float>& mean = vector_of(weights_, norm + ".running_mean", channels);
  const std::vector<float>& variance = vector_of(weights_, norm + ".running_var", channels);
  Affine folded{source.shape, source.values, std::vector<float>(channels)};
  const std::size_t per_channel = folded.weight.size() / channels;
  for (std::size_t c = 0; c < channels; ++c) {
    // A variance below -epsilon makes the root NaN, which check_finite() finds.
    const double scale = double{gamma[c]} / std::sqrt(double{variance[c]} + kBatchNormEpsilon);
    for (std::size_t i = c * per_channel; i < (c + 1) * per_channel; ++i) {
      folded.weight[i] = static_cast<float>(double{folded.weight[i]} * scale);
    }
    folded.bias[c] = static_cast<float>(double{beta[c]} - double{mean[c]} * scale);
  }
  check_finite(folded, weight);
  return folded;
}

Affine WeightFolder::with_scale(const std::string& layer, double scale) {
  const weights::Tensor& source = tensor_of(weights_, layer + ".weight");
  const auto channels = static_cast<std::size_t>(source.shape.at(0));
  Affine folded{source.shape, source.values, vector_of(weights_, layer + ".bias", channels)};
  const auto scaled = [scale](float value) { return static_cast<float>(double{value} * scale); };
  std::ranges::transform(folded.weight, folded.weight.begin(), scaled);
  std::ranges::transform(folded.bias, folded.bias.begin(), scaled);
  check_finite(folded, layer + ".weight");
  return folded;
}

void WeightFolder::check_finite(const Affine& affine, std::string_view name) {
  const auto is_finite = [](float value) { return std::isfinite(value); };
  if (!error_ && !(std::ranges::all_of(affine.weight, is_finite) && std::ranges::all_of(affine.bias, is_finite))) {
    error_ =
        Error{ErrorCode::kInvalidData, "tensor '" + std::string(name) +
                                           "': with its batch norm, scale and bias makes values that are not finite"};
  }
}

}  // namespace facepipe::packs
