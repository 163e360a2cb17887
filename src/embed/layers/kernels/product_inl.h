// Pointwise convolutions: a product of two matrices in tiles that fill the registers.
#if defined(FACEPIPE_EMBED_LAYERS_PRODUCT_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef FACEPIPE_EMBED_LAYERS_PRODUCT_INL_H_
#undef FACEPIPE_EMBED_LAYERS_PRODUCT_INL_H_
#else
#define FACEPIPE_EMBED_LAYERS_PRODUCT_INL_H_
#endif

#include "embed/layers/kernels/vectors_inl.h"

HWY_BEFORE_NAMESPACE();
namespace facepipe::embed::layers {
namespace HWY_NAMESPACE {

// kRows rows from `row` on by kVectors vectors of columns from `column` on.
template <int kRows, int kVectors>
HWY_INLINE void multiply_tile(const Product& product, int row, int column) {
  const float* HWY_RESTRICT weights[kVectors];
  Floats sums[kRows][kVectors];
  HWY_UNROLL(8)
  for (int v = 0; v < kVectors; ++v) {
    const int first = column + v * kLanes;
    weights[v] = product.weights + std::ptrdiff_t{first / kPanel} * product.depth * kPanel + first % kPanel;
    const auto bias = hn::LoadU(kFloats, product.bias + first);
    HWY_UNROLL(8)
    for (int r = 0; r < kRows; ++r) {
      sums[r][v] = bias;
    }
  }
  const float* HWY_RESTRICT in = product.in + std::ptrdiff_t{row} * product.depth;
  for (int k = 0; k < product.depth; ++k) {
    Floats factors[kVectors];
    HWY_UNROLL(8)
    for (int v = 0; v < kVectors; ++v) {
      factors[v] = hn::LoadU(kFloats, weights[v] + std::ptrdiff_t{k} * kPanel);
    }
    HWY_UNROLL(8)
    for (int r = 0; r < kRows; ++r) {
      const auto value = hn::Set(kFloats, in[std::ptrdiff_t{r} * product.depth + k]);
      HWY_UNROLL(8)
      for (int v = 0; v < kVectors; ++v) {
        sums[r][v] = hn::MulAdd(value, factors[v], sums[r][v]);
      }
    }
  }
  HWY_UNROLL(8)
  for (int v = 0; v < kVectors; ++v) {
    const int first = column + v * kLanes;
    const Activation activation(product.factors, first);
    HWY_UNROLL(8)
    for (int r = 0; r < kRows; ++r) {
      const std::ptrdiff_t at = std::ptrdiff_t{row + r} * product.columns + first;
      auto sum = activation(sums[r][v]);
      if (product.add != nullptr) {
        sum = hn::Add(sum, hn::LoadU(kFloats, product.add + at));
      }
      hn::StoreU(sum, kFloats, product.out + at);
    }
  }
}

// All rows of kVectors vectors of columns. The last rows are computed with some that are done already.
template <int kVectors>
HWY_INLINE void multiply_columns(const Product& product, int column) {
  constexpr int kRows = kTile / kVectors;
  if (product.rows < kRows) {
    for (int row = 0; row < product.rows; ++row) {
      multiply_tile<1, kVectors>(product, row, column);
    }
    return;
  }
  for (int row = 0; row < product.rows; row += kRows) {
    multiply_tile<kRows, kVectors>(product, HWY_MIN(row, product.rows - kRows), column);
  }
}

inline void multiply(const Product& product) {
  int column = 0;
  for (; column + kWide * kLanes <= product.columns; column += kWide * kLanes) {
    multiply_columns<kWide>(product, column);
  }
  for (; column < product.columns; column += kLanes) {
    multiply_columns<1>(product, column);
  }
}

// NOLINTNEXTLINE(google-readability-namespace-comments)
}  // namespace HWY_NAMESPACE
}  // namespace facepipe::embed::layers
HWY_AFTER_NAMESPACE();

#endif
