// The weights of Winograd's minimal filtering for the two kinds of convolution (Winograd 1980; Lavin and Gray 2016,
// arXiv:1509.09308). A tile's outputs are A^T [(G g) * (B^T d)] of its inputs d and the kernel g, `*` elementwise; in
// two dimensions the matrices apply on both sides. The matrices are Toom and Cook's for these points:
//   F(4,3), points 0, 1, -1, 2, -2, infinity:      F(3,3), points 0, 1, -1, 2, infinity:
//   A^T = 1 1  1 1  1 0    B^T = 4  0 -5  0 1 0    A^T = 1 1  1 1 0    B^T = 2 -1 -2  1 0
//         0 1 -1 2 -2 0          0 -4 -4  1 1 0          0 1 -1 2 0          0 -2 -1  1 0
//         0 1  1 4  4 0          0  4 -4 -1 1 0          0 1  1 4 1          0  2 -3  1 0
//         0 1 -1 8 -8 1          0 -2 -1  2 1 0                              0 -1  0  1 0
//                                0  2 -1 -2 1 0                              0  2 -1 -2 1
//                                0  4  0 -5 0 1
// G's are in winograd.cc. Outputs differ from the direct sums by rounding alone, a few units in the sixth digit
// (docs/numerics.md N14).
#pragma once

#include "detect/mtcnn/kernels/kernels.h"

namespace facepipe::detect::kernels {

inline constexpr int kRowComponents = 6;  // of F(4,3)
inline constexpr int kSquareComponents = kRowComponents * kRowComponents;

// Floats at the start of conv_rows' scratch memory, for up to 3 vectors of tiles.
[[nodiscard]] inline std::ptrdiff_t row_tiles_packed(const RowConv& layer) {
  return std::ptrdiff_t{kSquareComponents} * layer.in_channels * 3 * kMaxLanes;
}

// Tiles that a plane of conv_rows' transformed input has room for: one of 4 for each in channel and component. Vectors
// may start at any tile, up to two further on, and one line of tiles lower.
[[nodiscard]] inline std::ptrdiff_t row_tiles_plane(int rows, int pitch) {
  return padded_columns((rows / kTileRows + 1) * (pitch / kTileColumns)) + 2 * kMaxLanes;
}

// Fills tile_weights from weights.
void add_tile_weights(RowConv& layer);

// The same, with tiles of side x side outputs, 3 or 4. `layer` has a 3x3 kernel.
void add_tile_weights(PixelConv& layer, int side);

}  // namespace facepipe::detect::kernels
