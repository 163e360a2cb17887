// Takes named tensors for a network's layers and folds what follows a layer into its own weights.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "weights/tensor.h"

namespace facepipe::packs {

// y = weight * x + bias
struct Affine {
  std::vector<float> weight;  // in the shape of the layer, output channels first
  std::vector<float> bias;    // [output channels]
};

// Folding is done in double precision and rounded to float32 once (docs/numerics.md E1).
// The first trouble is kept in error() and everything after it is zeros of the right size: a network can then be
// described without an error check between its layers. Not thread-safe; `weights` must outlive it.
class WeightFolder {
 public:
  explicit WeightFolder(const weights::StateDict& weights) : weights_(weights) {}

  // `weight` without bias, followed by the batch norm `norm` (its .weight, .bias, .running_mean, .running_var).
  [[nodiscard]] Affine with_batch_norm(std::string_view weight, std::span<const std::int64_t> shape,
                                       std::string_view norm);
  // `layer`.weight and `layer`.bias, both times `scale`.
  [[nodiscard]] Affine with_scale(std::string_view layer, std::span<const std::int64_t> shape, double scale);

  // kInvalidData naming the tensor: absent, another shape (both given), or values that are not finite.
  [[nodiscard]] const std::optional<Error>& error() const { return error_; }

 private:
  // Null after an error.
  const float* find(std::string_view name, std::span<const std::int64_t> shape);
  void fail(std::string_view name, std::string_view trouble);
  void check_finite(const Affine& affine, std::string_view name);

  const weights::StateDict& weights_;
  std::optional<Error> error_;
};

}  // namespace facepipe::packs
