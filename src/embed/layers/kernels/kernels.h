// The two loops that a network of pointwise and depthwise convolutions consists of, float32, channels last: pictures
// are [side,side,channels]. A layer ends with its bias, then z + factor * max(z, 0) for each channel, the form in which
// packs keep PReLUs, or nothing, then another layer's output. Thread-safe.
#pragma once

#include <vector>

namespace facepipe::embed::layers {

// Channels that lie side by side in the weights of a Product; those of all layers are multiples of it.
inline constexpr int kPanel = 16;

// out[r,c] = activation(sum over k of in[r,k] * weights[k,c] + bias[c]) + add[r,c].
struct Product {
  const float* in = nullptr;  // [rows,depth]
  int rows = 0;
  int depth = 0;
  int columns = 0;                 // a multiple of kPanel
  const float* weights = nullptr;  // [columns/kPanel,depth,kPanel]
  const float* bias = nullptr;     // [columns]
  const float* factors = nullptr;  // [columns]; null: no activation
  const float* add = nullptr;      // [rows,columns]; null: nothing. Not `out`
  float* out = nullptr;            // [rows,columns]
};

// Each channel by itself: out[y,x,c] = activation(sum over ky, kx of in[y*stride-pad+ky, x*stride-pad+kx, c] *
// weights[ky,kx,c] + bias[c]), where what is outside of the picture is 0.
struct Depthwise {
  const float* in = nullptr;  // [in_side,in_side,channels]
  int in_side = 0;
  int channels = 0;  // a multiple of kPanel
  int kernel = 0;    // its side
  int stride = 1;
  int pad = 0;                     // before the first row and column
  const float* weights = nullptr;  // [kernel,kernel,channels]
  const float* bias = nullptr;     // [channels]
  const float* factors = nullptr;  // [channels]; null: no activation
  int out_side = 0;
  float* out = nullptr;  // [out_side,out_side,channels]
};

struct Kernels {
  const char* name;  // of the instruction set
  void (*multiply)(const Product& product);
  void (*depthwise)(const Depthwise& layer);
};

// Plain loops, what the others are tested against.
[[nodiscard]] Kernels reference_kernels();
// On the widest vectors that this CPU runs.
[[nodiscard]] Kernels highway_kernels();
// For tests: one for every instruction set that this CPU runs.
[[nodiscard]] std::vector<Kernels> all_highway_kernels();

}  // namespace facepipe::embed::layers
