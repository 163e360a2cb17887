// Depthwise convolutions.
#if defined(FACEPIPE_EMBED_LAYERS_DEPTHWISE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef FACEPIPE_EMBED_LAYERS_DEPTHWISE_INL_H_
#undef FACEPIPE_EMBED_LAYERS_DEPTHWISE_INL_H_
#else
#define FACEPIPE_EMBED_LAYERS_DEPTHWISE_INL_H_
#endif

#include "embed/layers/kernels/vectors_inl.h"

HWY_BEFORE_NAMESPACE();
namespace facepipe::embed::layers {
namespace HWY_NAMESPACE {

// The rows or columns of the kernel that lie in the picture.
struct Taps {
  int begin;
  int end;
};
HWY_INLINE Taps taps_inside(const Depthwise& layer, int at) {
  const int first = at * layer.stride - layer.pad;
  return {HWY_MAX(0, -first), HWY_MIN(layer.kernel, layer.in_side - first)};
}

// One vector of channels of one pixel, of any kernel, where some taps are outside.
HWY_INLINE void depthwise_pixel(const Depthwise& layer, Taps rows, int y, int x, int channel,
                                const Activation& activation) {
  const Taps columns = taps_inside(layer, x);
  auto sum = hn::LoadU(kFloats, layer.bias + channel);
  for (int ky = rows.begin; ky < rows.end; ++ky) {
    const float* in =
        layer.in +
        (std::ptrdiff_t{y * layer.stride - layer.pad + ky} * layer.in_side + x * layer.stride - layer.pad) *
            layer.channels +
        channel;
    const float* weights = layer.weights + std::ptrdiff_t{ky} * layer.kernel * layer.channels + channel;
    for (int kx = columns.begin; kx < columns.end; ++kx) {
      sum = hn::MulAdd(hn::LoadU(kFloats, in + std::ptrdiff_t{kx} * layer.channels),
                       hn::LoadU(kFloats, weights + std::ptrdiff_t{kx} * layer.channels), sum);
    }
  }
  hn::StoreU(activation(sum), kFloats, layer.out + (std::ptrdiff_t{y} * layer.out_side + x) * layer.channels + channel);
}

// One vector of channels of the pixels [begin,end) of a row, of a 3x3 kernel that is inside for all of them.
HWY_INLINE void depthwise_3x3_run(const Depthwise& layer, int y, int begin, int end, int channel,
                                  const Activation& activation) {
  const std::ptrdiff_t pixel = layer.channels;
  const std::ptrdiff_t row = pixel * layer.in_side;
  const auto bias = hn::LoadU(kFloats, layer.bias + channel);
  Floats weights[9];
  HWY_UNROLL(9)
  for (int tap = 0; tap < 9; ++tap) {
    weights[tap] = hn::LoadU(kFloats, layer.weights + tap * pixel + channel);
  }
  const float* HWY_RESTRICT in =
      layer.in + (y * layer.stride - layer.pad) * row + (begin * layer.stride - layer.pad) * pixel + channel;
  float* HWY_RESTRICT out = layer.out + (std::ptrdiff_t{y} * layer.out_side + begin) * pixel + channel;
  for (int x = begin; x < end; ++x, in += layer.stride * pixel, out += pixel) {
    auto first = bias;
    auto second = hn::Mul(hn::LoadU(kFloats, in + row), weights[3]);
    auto third = hn::Mul(hn::LoadU(kFloats, in + 2 * row), weights[6]);
    HWY_UNROLL(3)
    for (int kx = 0; kx < 3; ++kx) {
      first = hn::MulAdd(hn::LoadU(kFloats, in + kx * pixel), weights[kx], first);
      if (kx > 0) {
        second = hn::MulAdd(hn::LoadU(kFloats, in + row + kx * pixel), weights[3 + kx], second);
        third = hn::MulAdd(hn::LoadU(kFloats, in + 2 * row + kx * pixel), weights[6 + kx], third);
      }
    }
    hn::StoreU(activation(hn::Add(first, hn::Add(second, third))), kFloats, out);
  }
}

inline void depthwise(const Depthwise& layer) {
  // The pixels [begin,end) of a row or a column whose taps are all inside.
  const int begin = HWY_MIN((layer.pad + layer.stride - 1) / layer.stride, layer.out_side);
  const int last = layer.in_side - layer.kernel + layer.pad;
  const int end = HWY_MAX(begin, HWY_MIN(last < 0 ? 0 : last / layer.stride + 1, layer.out_side));
  for (int y = 0; y < layer.out_side; ++y) {
    const Taps rows = taps_inside(layer, y);
    const bool runs = layer.kernel == 3 && y >= begin && y < end;
    for (int channel = 0; channel < layer.channels; channel += kLanes) {
      const Activation activation(layer.factors, channel);
      for (int x = 0; x < layer.out_side; ++x) {
        if (runs && x == begin && begin < end) {
          depthwise_3x3_run(layer, y, begin, end, channel, activation);
          x = end - 1;
        } else {
          depthwise_pixel(layer, rows, y, x, channel, activation);
        }
      }
    }
  }
}

// NOLINTNEXTLINE(google-readability-namespace-comments)
}  // namespace HWY_NAMESPACE
}  // namespace facepipe::embed::layers
HWY_AFTER_NAMESPACE();

#endif
