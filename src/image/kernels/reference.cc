// Plain loops: what runs on a CPU without vectors, and the ends of rows that are shorter than one.
#include <algorithm>
#include <array>

#include "image/kernels/kernels.h"

namespace facepipe::image::kernels {
namespace {

constexpr std::size_t kPart = 16;

// At most kPart samples of a row.
void blend_part(const Window& window, const std::uint8_t* in, std::ptrdiff_t stride, std::size_t bytes,
                std::uint8_t* out) {
  std::array<std::int32_t, kPart> sums;
  sums.fill(kHalf);
  for (int k = 0; k < window.count; ++k, in += stride) {
    const std::int32_t weight = window.weights[k];
    for (std::size_t i = 0; i < bytes; ++i) {
      sums[i] += in[i] * weight;
    }
  }
  std::transform(sums.begin(), sums.begin() + static_cast<std::ptrdiff_t>(bytes), out, to_sample);
}

void blend_row(const Blend& blend, const Window& window, std::uint8_t* out) {
  const std::uint8_t* in = blend.in + std::ptrdiff_t{window.first - blend.first_row} * blend.in_stride;
  for (std::size_t i = 0; i < blend.bytes; i += kPart) {
    blend_part(window, in + i, blend.in_stride, std::min(kPart, blend.bytes - i), out + i);
  }
}

void blend_rows(const Blend& blend) {
  for (int y = 0; y < blend.rows; ++y) {
    blend_row(blend, blend.windows[y], blend.out + y * blend.out_stride);
  }
}

void transpose(const Transposition& transposition) {
  for (std::ptrdiff_t column = 0; column < transposition.columns; ++column) {
    std::uint8_t* out = transposition.out + column * transposition.out_stride;
    const std::uint8_t* in = transposition.in + column;
    for (std::ptrdiff_t row = 0; row < transposition.rows; ++row, in += transposition.in_stride) {
      out[row] = *in;
    }
  }
}

void add_row(const RowSums& rows, int row, float times) {
  const std::uint8_t* in = rows.in + row * rows.in_stride;
  for (std::size_t i = 0; i < rows.bytes; ++i) {
    rows.sums[i] += times * static_cast<float>(in[i]);
  }
}

void sum_rows(const RowSums& rows) {
  std::fill_n(rows.sums, rows.bytes, 0.0F);
  add_row(rows, 0, rows.before);
  for (int row = rows.begin; row < rows.end; ++row) {
    add_row(rows, row, 1);
  }
  add_row(rows, rows.height - 1, rows.after);
}

// `cells` is `channel` of the first cell; one is `step` values.
template <typename Value>
float sample(const Sampling& sampling, const Value* cells, int step, int row_step, float x, float y) {
  const int column = static_cast<int>(x);
  const int row = static_cast<int>(y);
  const float right = x - static_cast<float>(column);
  const float below = y - static_cast<float>(row);
  const Value* const upper = cells + std::ptrdiff_t{row - sampling.first_row} * row_step +
                             std::ptrdiff_t{column - sampling.first_column} * step;
  const Value* const lower = upper + row_step;
  const auto between = [&](const Value* pair) {
    const auto left = static_cast<float>(pair[0]);
    return left + right * (static_cast<float>(pair[step]) - left);
  };
  const float above = between(upper);
  return above + below * (between(lower) - above);
}

template <typename Value>
void sample_cells(const Sampling& sampling, const Value* cells, int step, int row_step) {
  const float share = 1 / static_cast<float>(sampling.samples);
  std::uint8_t* out = sampling.out;
  for (std::size_t pixel = 0; pixel < static_cast<std::size_t>(sampling.pixels); ++pixel) {
    for (int channel = 0; channel < 3; ++channel) {
      float sum = 0;
      for (int i = 0; i < sampling.samples; ++i) {
        const Offset& offset = sampling.offsets[i];
        sum += sample(sampling, cells + channel, step, row_step, sampling.across[pixel] + offset.right,
                      sampling.down[pixel] + offset.below);
      }
      *out++ = static_cast<std::uint8_t>(sum * share + 0.5F);
    }
  }
}

void sample_bytes(const Sampling& sampling) {
  sample_cells(sampling, sampling.bytes, 3, sampling.stride);
}

void sample_floats(const Sampling& sampling) {
  sample_cells(sampling, sampling.floats, 4, 4 * sampling.stride);
}

}  // namespace

Kernels reference_kernels() {
  return {"plain loops", blend_rows, transpose, sum_rows, sample_bytes, sample_floats};
}

}  // namespace facepipe::image::kernels
