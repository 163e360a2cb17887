// Which tensors a network has, and the check of a state dict against it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "weights/tensor.h"

namespace facepipe::weights {

struct TensorSpec {
  std::string name;
  std::vector<std::int64_t> shape;  // kAnyExtent: any, at least 1
};

// kInvalidData whose message names the tensors that are missing, misshapen (both shapes) and unknown, at most five of
// each kind, after `network` ("P-Net").
[[nodiscard]] Status check_against(const std::vector<TensorSpec>& specs, const StateDict& tensors,
                                   std::string_view network);

}  // namespace facepipe::weights
