#include <algorithm>
#include <cstddef>

#include "embed/layers/kernels/kernels.h"

namespace facepipe::embed::layers {
namespace {

float activated(float value, const float* factors, int channel) {
  return factors == nullptr ? value : value + factors[channel] * std::max(value, 0.0F);
}

void multiply(const Product& product) {
  for (int r = 0; r < product.rows; ++r) {
    for (int c = 0; c < product.columns; ++c) {
      const std::ptrdiff_t at = std::ptrdiff_t{r} * product.columns + c;
      const float* panel = product.weights + std::ptrdiff_t{c / kPanel} * product.depth * kPanel + c % kPanel;
      float sum = product.bias[c];
      for (int k = 0; k < product.depth; ++k) {
        sum += product.in[std::ptrdiff_t{r} * product.depth + k] * panel[std::ptrdiff_t{k} * kPanel];
      }
      product.out[at] = activated(sum, product.factors, c) + (product.add == nullptr ? 0 : product.add[at]);
    }
  }
}

void depthwise(const Depthwise& layer) {
  const auto inside = [&](int at) { return at >= 0 && at < layer.in_side; };
  const auto value = [&](int y, int x, int c) {
    return inside(y) && inside(x) ? layer.in[(std::ptrdiff_t{y} * layer.in_side + x) * layer.channels + c] : 0;
  };
  for (int y = 0; y < layer.out_side; ++y) {
    for (int x = 0; x < layer.out_side; ++x) {
      for (int c = 0; c < layer.channels; ++c) {
        float sum = layer.bias[c];
        for (int tap = 0; tap < layer.kernel * layer.kernel; ++tap) {
          sum += value(y * layer.stride - layer.pad + tap / layer.kernel,
                       x * layer.stride - layer.pad + tap % layer.kernel, c) *
                 layer.weights[std::ptrdiff_t{tap} * layer.channels + c];
        }
        layer.out[(std::ptrdiff_t{y} * layer.out_side + x) * layer.channels + c] = activated(sum, layer.factors, c);
      }
    }
  }
}

}  // namespace

Kernels reference_kernels() {
  return {"reference", multiply, depthwise};
}

}  // namespace facepipe::embed::layers
