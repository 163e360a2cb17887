// Takes named tensors for a network's layers and folds what follows a layer into its own weights.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "weights/tensor.h"

namespace facepipe::packs {

// y = weight * x + bias
struct Affine {
  std::vector<std::int64_t> shape;  // of weight: output channels first
  std::vector<float> weight;
  std::vector<float> bias;  // [output channels]
};

// Folding is done in double precision and rounded to float32 once (docs/numerics.md E1). The tensors named must be
// there, in shapes that fit each other (checked: a bug otherwise). Not thread-safe; `weights` must outlive it.
class WeightFolder {
 public:
  explicit WeightFolder(const weights::StateDict& weights) : weights_(weights) {}

  // `weight` without bias, followed by the batch norm `norm` (its .weight, .bias, .running_mean, .running_var).
  [[nodiscard]] Affine with_batch_norm(const std::string& weight, const std::string& norm);
  // `layer`.weight and `layer`.bias, both times `scale`.
  [[nodiscard]] Affine with_scale(const std::string& layer, double scale);

  // The first weight that became a value that is not finite, kInvalidData: a network can be described without an error
  // check between its layers.
  [[nodiscard]] const std::optional<Error>& error() const { return error_; }

 private:
  void check_finite(const Affine& affine, std::string_view name);

  const weights::StateDict& weights_;
  std::optional<Error> error_;
};

}  // namespace facepipe::packs
