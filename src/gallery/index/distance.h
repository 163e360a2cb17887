// Squared Euclidean distance of two embeddings.
#pragma once

#include <array>
#include <cstddef>
#include <span>

namespace facepipe::gallery {

// Both of one size. Sixteen partial sums: the order of additions is fixed, so that results are equal on every CPU, and
// the compiler may keep them in vector registers without reordering float arithmetic. An overflow gives infinity.
[[nodiscard]] inline float squared_distance(std::span<const float> a, std::span<const float> b) {
  constexpr std::size_t kLanes = 16;
  std::array<float, kLanes> sums{};
  std::size_t i = 0;
  for (; i + kLanes <= a.size(); i += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      const float difference = a[i + lane] - b[i + lane];
      sums[lane] += difference * difference;
    }
  }
  for (std::size_t lane = 0; i < a.size(); ++i, ++lane) {
    const float difference = a[i] - b[i];
    sums[lane] += difference * difference;
  }
  float total = 0;
  for (const float sum : sums) {
    total += sum;
  }
  return total;
}

}  // namespace facepipe::gallery
