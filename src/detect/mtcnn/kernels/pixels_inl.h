// R-Net's and O-Net's layers, channels last.
#if defined(FACEPIPE_DETECT_KERNELS_PIXELS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef FACEPIPE_DETECT_KERNELS_PIXELS_INL_H_
#undef FACEPIPE_DETECT_KERNELS_PIXELS_INL_H_
#else
#define FACEPIPE_DETECT_KERNELS_PIXELS_INL_H_
#endif

#include "detect/mtcnn/kernels/vectors_inl.h"

HWY_BEFORE_NAMESPACE();
namespace facepipe::detect::kernels {
namespace HWY_NAMESPACE {

// Walks over the output pixels of a grid and yields the input that each sees.
class PixelCursor {
 public:
  PixelCursor(const float* input, const PixelGrid& grid, int pixel_stride)
      : grid_(grid), pixel_stride_(pixel_stride), batch_(input), row_(input), pixel_(input) {}
  [[nodiscard]] HWY_INLINE const float* get() const { return pixel_; }
  HWY_INLINE void advance() {
    pixel_ += pixel_stride_;
    if (++x_ == grid_.columns) {
      x_ = 0;
      row_ += grid_.row_stride;
      if (++y_ == grid_.rows) {
        y_ = 0;
        batch_ += grid_.batch_stride;
        row_ = batch_;
      }
      pixel_ = row_;
    }
  }

 private:
  const PixelGrid& grid_;
  std::ptrdiff_t pixel_stride_;
  const float* batch_;
  const float* row_;
  const float* pixel_;
  int x_ = 0;
  int y_ = 0;
};

// kV vectors of out channels for kP pixels, the first `valid` of which are stored.
template <int kV, int kP>
HWY_INLINE void conv_pixels_block(const PixelConv& layer, const float* const* pixels, std::ptrdiff_t row_stride,
                                  const float* HWY_RESTRICT weights, int weight_stride, int channel, int valid,
                                  float* HWY_RESTRICT out) {
  Floats sums[kP][kV];
  HWY_UNROLL(24)
  for (int v = 0; v < kV; ++v) {
    const auto bias = hn::LoadU(kFloats, layer.bias.data() + channel + v * kLanes);
    HWY_UNROLL(24)
    for (int p = 0; p < kP; ++p) {
      sums[p][v] = bias;
    }
  }
  const int run = layer.kernel_columns * layer.in_channels;
  for (int ky = 0; ky < layer.kernel_rows; ++ky) {
    const float* HWY_RESTRICT in[kP];
    HWY_UNROLL(24)
    for (int p = 0; p < kP; ++p) {
      in[p] = pixels[p] + ky * row_stride;
    }
    for (int k = 0; k < run; ++k) {
      add_products<kP, kV>([&](int p) { return in[p][k]; }, weights, sums);
      weights += weight_stride;
    }
  }
  HWY_UNROLL(24)
  for (int v = 0; v < kV; ++v) {
    const auto slope = hn::LoadU(kFloats, layer.slope.data() + channel + v * kLanes);
    HWY_UNROLL(24)
    for (int p = 0; p < kP; ++p) {
      sums[p][v] = prelu(sums[p][v], slope);
    }
  }
  const std::ptrdiff_t stride = layer.padded_out_channels;
  out += channel;
  if (valid >= kP) {
    HWY_UNROLL(24)
    for (int p = 0; p < kP; ++p) {
      HWY_UNROLL(24)
      for (int v = 0; v < kV; ++v) {
        hn::StoreU(sums[p][v], kFloats, out + p * stride + v * kLanes);
      }
    }
    return;
  }
  HWY_UNROLL(24)
  for (int p = 0; p < kP; ++p) {
    HWY_UNROLL(24)
    for (int v = 0; v < kV; ++v) {
      if (p < valid) {
        hn::StoreU(sums[p][v], kFloats, out + p * stride + v * kLanes);
      }
    }
  }
}

// All pixels for kV vectors of out channels from `channel` on; `weights` are theirs.
template <int kV>
HWY_INLINE void conv_pixels_channels(const PixelConv& layer, const float* input, int pixel_stride,
                                     const PixelGrid& grid, const float* weights, int weight_stride, int channel,
                                     float* out) {
  constexpr int kP = kTile / kV;
  PixelCursor cursor(input, grid, pixel_stride);
  for (int left = grid.batch * grid.rows * grid.columns; left > 0; left -= kP) {
    const float* pixels[kP];
    for (int p = 0; p < kP; ++p) {
      // Past the end, the last pixel again: computed and not stored.
      pixels[p] = p < left ? cursor.get() : pixels[p - 1];
      if (p < left) {
        cursor.advance();
      }
    }
    conv_pixels_block<kV, kP>(layer, pixels, grid.row_stride, weights, weight_stride, channel, left, out);
    out += kP * layer.padded_out_channels;
  }
}

// `weights` have `taps` taps, in the blocks of PixelConv::weights.
HWY_INLINE void conv_pixels_all(const PixelConv& layer, const float* input, int pixel_stride, const PixelGrid& grid,
                                const float* weights, int taps, float* out) {
  for (int start = 0; start < layer.padded_out_channels; start += kMaxChannelBlock) {
    const int block = HWY_MIN(kMaxChannelBlock, layer.padded_out_channels - start);
    if (block == kMaxChannelBlock) {
      for (int c = 0; c < block; c += whole_vectors(kPixelVectors) * kLanes) {
        conv_pixels_channels<whole_vectors(kPixelVectors)>(layer, input, pixel_stride, grid, weights + c, block,
                                                           start + c, out);
      }
    } else {
      for (int c = 0; c < block; c += part_vectors(kPixelVectors) * kLanes) {
        conv_pixels_channels<part_vectors(kPixelVectors)>(layer, input, pixel_stride, grid, weights + c, block,
                                                          start + c, out);
      }
    }
    weights += std::ptrdiff_t{block} * taps;
  }
}

void conv_pixels(const PixelConv& layer, const float* input, const PixelGrid& grid, float* out) {
  conv_pixels_all(layer, input, layer.in_channels, grid, layer.weights.data(), layer.taps(), out);
}

// One output pixel whose window lies inside the input: kSize x kSize.
template <int kSize>
HWY_INLINE void max_pool_pixel(const float* HWY_RESTRICT corner, std::ptrdiff_t row_stride, int channel_stride,
                               int channels, float* HWY_RESTRICT out) {
  // The last vector may reach past `channels`; the next pixel, written later, overwrites that.
  for (int c = 0; c < channels; c += kLanes) {
    auto best = hn::LoadU(kFloats, corner + c);
    HWY_UNROLL(24)
    for (int k = 1; k < kSize * kSize; ++k) {
      best = hn::Max(best, hn::LoadU(kFloats, corner + k / kSize * row_stride + k % kSize * channel_stride + c));
    }
    hn::StoreU(best, kFloats, out + c);
  }
}

// The same for a window that the edge cuts off.
HWY_INLINE void max_pool_edge(const float* HWY_RESTRICT corner, std::ptrdiff_t row_stride, int channel_stride,
                              int channels, int rows, int columns, float* HWY_RESTRICT out) {
  for (int c = 0; c < channels; c += kLanes) {
    auto best = hn::LoadU(kFloats, corner + c);
    for (int y = 0; y < rows; ++y) {
      for (int x = 0; x < columns; ++x) {
        best = hn::Max(best, hn::LoadU(kFloats, corner + y * row_stride + x * channel_stride + c));
      }
    }
    hn::StoreU(best, kFloats, out + c);
  }
}

template <int kSize>
HWY_INLINE void max_pool_sized(const float* HWY_RESTRICT input, int in_rows, int in_columns, int channel_stride,
                               const PixelGrid& grid, int channels, float* HWY_RESTRICT out) {
  for (int n = 0; n < grid.batch; ++n) {
    for (int y = 0; y < grid.rows; ++y) {
      const int rows = HWY_MIN(kSize, in_rows - 2 * y);
      for (int x = 0; x < grid.columns; ++x) {
        const int columns = HWY_MIN(kSize, in_columns - 2 * x);
        const float* corner = input + n * grid.batch_stride + 2 * y * grid.row_stride + 2 * x * channel_stride;
        if (rows == kSize && columns == kSize) {
          max_pool_pixel<kSize>(corner, grid.row_stride, channel_stride, channels, out);
        } else {
          max_pool_edge(corner, grid.row_stride, channel_stride, channels, rows, columns, out);
        }
        out += channels;
      }
    }
  }
}

void max_pool(const float* input, int in_rows, int in_columns, int in_channel_stride, int size, const PixelGrid& grid,
              int channels, float* out) {
  if (size == 3) {
    max_pool_sized<3>(input, in_rows, in_columns, in_channel_stride, grid, channels, out);
  } else {
    max_pool_sized<2>(input, in_rows, in_columns, in_channel_stride, grid, channels, out);
  }
}

// NOLINTNEXTLINE(google-readability-namespace-comments)
}  // namespace HWY_NAMESPACE
}  // namespace facepipe::detect::kernels
HWY_AFTER_NAMESPACE();

#endif  // include guard of each target
