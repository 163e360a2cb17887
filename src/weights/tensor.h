// Named arrays as read from a weights file.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace facepipe::weights {

// float32, row-major (C order), whatever the file's own type and strides were.
struct Tensor {
  std::vector<std::int64_t> shape;  // every extent >= 0; empty = a scalar
  std::vector<float> values;        // size = product of shape
};

// "conv2d_1a.conv.weight" -> tensor. Ordered, so that everything made from it is reproducible.
using StateDict = std::map<std::string, Tensor, std::less<>>;

inline constexpr std::int64_t kAnyExtent = -1;  // in a shape that is expected: any, at least 1
// "[32,3,3,3]"; kAnyExtent is "D".
[[nodiscard]] std::string shape_to_string(std::span<const std::int64_t> shape);

}  // namespace facepipe::weights
