// The weights of Pillow's bilinear filter.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "image/kernels/kernels.h"

namespace facepipe::image {

// What each of `out_size` samples takes of `in_size`, both at least 1: a triangle around its centre, widened by the
// scale when shrinking, computed in double, normalised to a sum of 1 and rounded to kWeightBits fractional bits.
// Source: Pillow, src/libImaging/Resample.c (precompute_coeffs, normalize_coeffs_8bpc). Tested by resize_test.cc.
class TriangleWeights {
 public:
  TriangleWeights(int in_size, int out_size);
  TriangleWeights(const TriangleWeights&) = delete;
  TriangleWeights& operator=(const TriangleWeights&) = delete;

  [[nodiscard]] std::span<const kernels::Window> windows() const { return windows_; }
  // The most samples that one takes.
  [[nodiscard]] int most() const { return most_; }

 private:
  std::vector<std::int32_t> weights_;
  std::vector<kernels::WeightPair> pairs_;
  std::vector<kernels::Window> windows_;
  int most_ = 0;
};

}  // namespace facepipe::image
