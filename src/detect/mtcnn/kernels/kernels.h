// The detector's inner loops behind one table of functions, with two implementations of the same contract: plain loops
// (reference.cc, the oracle) and one Highway source compiled for every vector width (highway.cc).
//
// Two layouts, chosen for the shapes of the networks:
// - P-Net sees wide rows and has few channels: *planar rows*, one row of one channel after the other, so that vectors
//   run along x and no lane is wasted on channel counts such as 10. A planar row of `n` columns occupies
//   padded_columns(n) floats; what lies past column n is readable and of no meaning.
// - R-Net and O-Net see small crops and have many channels: *channels last*, [crop, row, column, channel], vectors run
//   along the output channels.
//
// Every function writes only to memory that its caller owns, allocates nothing and keeps no state: thread-safe.
// Pointers come from AlignedBuffer (its slack may be read and written). Columns, rows and channels are >= 1.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/aligned_buffer.h"

namespace facepipe::detect::kernels {

inline constexpr int kMaxLanes = 16;  // floats in the widest vector that is used (AVX-512)

// Room for whole vectors of any width, and for loads that start up to kMaxLanes columns to the right.
[[nodiscard]] constexpr int padded_columns(int columns) {
  return (columns + kMaxLanes - 1) / kMaxLanes * kMaxLanes + kMaxLanes;
}

// A 3x3 convolution without padding, stride 1, followed by PReLU, for planar rows.
struct RowConv {
  int in_channels = 0;
  int out_channels = 0;
  AlignedBuffer<float> weights;  // [in channel][kernel row][kernel column][out channel]
  AlignedBuffer<float> bias;     // [out channel]
  AlignedBuffer<float> slope;    // [out channel], PReLU's slope below zero
  // Winograd's F(4x4,3x3): [component][in channel][out channel] (winograd.h).
  AlignedBuffer<float> tile_weights;
};

// A convolution without padding, stride 1, followed by PReLU, channels last. Out channels are padded to a multiple of
// kChannelBlock with zeros, and lie in blocks of kMaxChannelBlock, the last one narrower: no vector width of a
// supported CPU needs another packing.
inline constexpr int kChannelBlock = 16;
inline constexpr int kMaxChannelBlock = 32;
struct PixelConv {
  int in_channels = 0;
  int kernel_columns = 0;
  int kernel_rows = 0;
  int out_channels = 0;         // as the network has them
  int padded_out_channels = 0;  // as they are stored
  // Of out channel c in block b = c / kMaxChannelBlock: b * kMaxChannelBlock * taps
  // + [kernel row][kernel column][in channel][c within the block], taps = the product of those three extents.
  AlignedBuffer<float> weights;
  AlignedBuffer<float> bias;   // [padded out channel]
  AlignedBuffer<float> slope;  // [padded out channel]; 1 = no PReLU
  // Winograd's F(3x3,3x3) or F(4x4,3x3), for 3x3 kernels: [component], then as `weights` with in_channels taps
  // (winograd.h).
  AlignedBuffer<float> tile_weights;
  int tile_side = 0;  // 3 or 4 with tile_weights
  [[nodiscard]] int taps() const { return in_channels * kernel_columns * kernel_rows; }
};

// Where the outputs of a PixelConv or of a pooling lie in its input. Strides in floats.
struct PixelGrid {
  int batch = 0;
  int rows = 0;     // of the output
  int columns = 0;  // of the output
  std::ptrdiff_t batch_stride = 0;
  std::ptrdiff_t row_stride = 0;
};

// The source columns [begin, end) that one output column averages.
struct Window {
  std::int32_t begin = 0;
  std::int32_t end = 0;
};

inline constexpr int kTileColumns = 4;                  // outputs of one tile of conv_rows
inline constexpr int kTileRows = 4;                     // the same, downwards
inline constexpr int kTileChunk = 24;                   // tiles at once in conv_3x3: they stay in a core's own cache
inline constexpr int kStripSlack = 4 * kMaxLanes + 16;  // columns past a channel's rows that may be read and written
[[nodiscard]] std::size_t conv_rows_scratch(const RowConv& layer, int rows, int pitch);
[[nodiscard]] std::size_t conv_3x3_scratch(const PixelConv& layer);

struct Kernels {
  std::string name;  // "reference", or the Highway target: "AVX2"

  // sums[i] = the sum over `rows` rows of byte i, i < count. rows <= 2^24 (the sum fits 32 bits).
  void (*sum_rows)(const std::uint8_t* first_row, std::ptrdiff_t stride_bytes, int rows, int count,
                   std::uint32_t* sums) = nullptr;

  // Area interpolation of one output row from the column sums of `rows` RGB source rows: the mean over each window,
  // then (mean - 127.5) / 128. out[x * pixel_stride + c], pixel_stride 3 or 4 (then the fourth float is undefined).
  // Every window has ceil(in_columns / columns) source columns or one more. `sums` is readable for kMaxLanes more
  // values than its 3 a column. A window's total is below 2^31.
  void (*average_columns)(const std::uint32_t* sums, int in_columns, const Window* windows, int columns, int rows,
                          int pixel_stride, float* out) = nullptr;

  // [columns, 4] -> three channels, each as its even and its odd columns: out[(2 * c + parity) * half_stride + x / 2].
  void (*split_columns)(const float* rgbx, int columns, float* out, std::ptrdiff_t half_stride) = nullptr;

  // P-Net's first layer: convolution, PReLU and 2x2 maximum with stride 2 (ceil mode) for one pooled row.
  // rows[0..conv_rows+1]: input rows as split_columns writes them. conv_rows: 1 (the last one of an odd count) or 2.
  // conv_columns: columns of the convolution's output. Writes (conv_columns + 1) / 2 columns of each out channel.
  void (*conv_pool_row)(const RowConv& layer, const float* const* rows, std::ptrdiff_t half_stride, int conv_rows,
                        int conv_columns, float* out, std::ptrdiff_t out_stride) = nullptr;

  // `rows` output rows from rows + 2 input rows, all of `pitch` columns, one after the other; the last two output
  // columns of each row are of no meaning. rows: a multiple of kTileRows, pitch: of kTileColumns. Every output depends
  // on all inputs of its tile, by rounding, so that all of them must be finite. Channels are in_stride >= (rows + 2) *
  // pitch + kStripSlack and out_stride >= rows * pitch + kStripSlack floats apart. scratch: conv_rows_scratch() floats.
  void (*conv_rows)(const RowConv& layer, const float* input, std::ptrdiff_t in_stride, int rows, int pitch,
                    float* scratch, float* out, std::ptrdiff_t out_stride) = nullptr;

  // The columns, ascending, in which bias + the weighted sum over `channels` planar rows is >= cut. Returns how many;
  // `found` has room for `columns`.
  int (*find_columns)(const float* rows, std::ptrdiff_t stride, int channels, int columns, const float* weights,
                      float bias, float cut, std::int32_t* found) = nullptr;

  // out[((n * rows + y) * columns + x) * padded_out_channels + c].
  void (*conv_pixels)(const PixelConv& layer, const float* input, const PixelGrid& grid, float* out) = nullptr;

  // The same for a 3x3 kernel with tile_weights, its outputs in tiles. scratch: conv_3x3_scratch() floats.
  void (*conv_3x3)(const PixelConv& layer, const float* input, const PixelGrid& grid, float* scratch,
                   float* out) = nullptr;

  // Maximum over size x size windows, size 2 or 3, with stride 2, cut off at the right and lower edge (ceil mode). The
  // input is [batch][in_rows][in_columns][in_channel_stride], channel stride and grid.*_stride as given; the output is
  // [batch][rows][columns][channels] without gaps. channels <= in_channel_stride, a multiple of kChannelBlock.
  void (*max_pool)(const float* input, int in_rows, int in_columns, int in_channel_stride, int size,
                   const PixelGrid& grid, int channels, float* out) = nullptr;
};

[[nodiscard]] Kernels reference_kernels();

// For the widest vectors of this CPU.
[[nodiscard]] Kernels highway_kernels();

// One table for each vector width that this build holds and this CPU runs, for tests. Not thread-safe.
[[nodiscard]] std::vector<Kernels> all_highway_kernels();

}  // namespace facepipe::detect::kernels
