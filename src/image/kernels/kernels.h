// The loops that resampling consists of. All versions give the same to the bit: sums of 8-bit samples are whole
// numbers, sums of floats keep their order, and no multiplication is fused with an addition. Thread-safe.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace facepipe::image::kernels {

// Fractional bits of a weight: 32-bit sums of 8-bit samples, with 2 bits to spare for weights that overshoot.
inline constexpr int kWeightBits = 32 - 8 - 2;
inline constexpr std::int32_t kHalf = 1 << (kWeightBits - 1);
inline constexpr int kLowBits = 11;

// Weights of two neighbouring rows, high * 2^kLowBits + low, so that products of 16 bits suffice. The first row's are
// the lower halves.
struct WeightPair {
  std::uint32_t low = 0;
  std::uint32_t high = 0;
};

// What one row of the result takes: rows[first, first + count) of the source.
struct Window {
  int first = 0;
  int count = 0;                          // at least 1
  const std::int32_t* weights = nullptr;  // of `count`; the sum is at most count / 2 above 2^kWeightBits
  const WeightPair* pairs = nullptr;      // the same, (count + 1) / 2; where count is odd the last weight is 0

  [[nodiscard]] int end() const { return first + count; }
};

// Of a weighted sum that kHalf was added to. Positive weights that sum to about 1 may pass 255 by rounding, never 0.
[[nodiscard]] inline std::uint8_t to_sample(std::int32_t sum) {
  return static_cast<std::uint8_t>(std::min(sum >> kWeightBits, 255));
}

// out[y][i] = to_sample(kHalf + the sum of weight * in[row][i] over the rows of windows[y]).
struct Blend {
  const std::uint8_t* in = nullptr;  // the source's row first_row
  std::ptrdiff_t in_stride = 0;      // bytes
  int first_row = 0;
  const Window* windows = nullptr;  // [rows]
  int rows = 0;
  std::size_t bytes = 0;        // of a row
  std::uint8_t* out = nullptr;  // not within `in`
  std::ptrdiff_t out_stride = 0;
};

// out[column][row] = in[row][column].
struct Transposition {
  const std::uint8_t* in = nullptr;
  std::ptrdiff_t in_stride = 0;  // bytes
  std::ptrdiff_t rows = 0;
  std::ptrdiff_t columns = 0;   // bytes
  std::uint8_t* out = nullptr;  // not within `in`
  std::ptrdiff_t out_stride = 0;
};

// sums[i] = ((0 + before * in[0][i]) + in[begin][i] + ... + in[end - 1][i]) + after * in[height - 1][i].
struct RowSums {
  const std::uint8_t* in = nullptr;  // [height][bytes]
  std::ptrdiff_t in_stride = 0;      // bytes
  int height = 0;
  std::size_t bytes = 0;
  int begin = 0;
  int end = 0;
  float before = 0;
  float after = 0;
  float* sums = nullptr;  // [bytes]
};

// Pixels that are sampled at once, side by side.
inline constexpr int kRun = 16;
inline constexpr int kMostSamples = 16;

struct Offset {
  float right = 0;
  float below = 0;
};

// Each of `pixels` pixels is the mean of bilinear samples around it, rounded: one at (across + right, down + below) for
// each offset, in columns and rows of the cells, added in that order. A cell is three bytes R,G,B (`bytes`) or four
// floats R, G, B and anything (`floats`). In a row of bytes two bytes more than the last cell's are read.
struct Sampling {
  const std::uint8_t* bytes = nullptr;  // the cell in first_column and first_row
  const float* floats = nullptr;        // the same
  int stride = 0;                       // from a row to the next: bytes, or cells of floats
  int first_column = 0;
  int first_row = 0;
  std::array<float, kRun> across{};  // also those past `pixels` lie within the cells; none below 0
  std::array<float, kRun> down{};
  const Offset* offsets = nullptr;
  int samples = 0;              // 1..kMostSamples
  int pixels = 0;               // 1..kRun
  std::uint8_t* out = nullptr;  // [pixels][3]
};

struct Kernels {
  const char* name;  // of the instruction set
  void (*blend_rows)(const Blend& blend);
  void (*transpose)(const Transposition& transposition);
  void (*sum_rows)(const RowSums& rows);
  void (*sample_bytes)(const Sampling& sampling);
  void (*sample_floats)(const Sampling& sampling);
};

// Plain loops.
[[nodiscard]] Kernels reference_kernels();
// On the widest vectors that this CPU runs.
[[nodiscard]] Kernels highway_kernels();
// For tests: one for every instruction set that this CPU runs.
[[nodiscard]] std::vector<Kernels> all_highway_kernels();

}  // namespace facepipe::image::kernels
