// P-Net, MTCNN's first network: slides over every level of the pyramid and proposes boxes.
#pragma once

#include <array>
#include <vector>

#include "base/result.h"
#include "base/work_limit.h"
#include "detect/mtcnn/boxes.h"
#include "detect/mtcnn/kernels/kernels.h"
#include "detect/mtcnn/pyramid.h"
#include "image/image.h"
#include "weights/tensor.h"

namespace facepipe::detect {

// Memory of one thread: the last rows of each layer.
struct PNetScratch {
  PyramidScratch pyramid;
  AlignedBuffer<float> input;
  AlignedBuffer<float> pooled;
  AlignedBuffer<float> middle;
  AlignedBuffer<float> features;
  AlignedBuffer<float> tiles;
  std::vector<std::int32_t> found;
};

class PNet {
 public:
  // Tensors "pnet.*"; errors as in layers.h.
  [[nodiscard]] static Result<PNet> load(const weights::StateDict& mtcnn);

  // Rows of P-Net's output on a level of the pyramid: ceil((height - 2) / 2) - 4.
  [[nodiscard]] static int output_size(int level_size) { return (level_size - 1) / 2 - 4; }

  // Appends the windows of output rows [first_row, last_row) with a probability >= threshold, row by row from left to
  // right. The picture's rows are resampled, convolved and scored in strips of a few rows, so that no layer is ever in
  // memory as a whole. Any split into row ranges that begin at multiples of kernels::kTileRows gives the same boxes.
  // Thread-safe with one scratch a thread. When `limit` is reached it ends early. Of more windows than
  // kMaxLevelCandidates at least that many of the best are left; true if any was dropped.
  bool run(const kernels::Kernels& kernels, image::RgbView picture, const PyramidLevel& level, int first_row,
           int last_row, float threshold, const WorkLimit& limit, PNetScratch& scratch,
           std::vector<Candidate>& found) const;

 private:
  // One row after the pooling; makes the input rows that it needs from `next_input` on.
  void pool_row(const kernels::Kernels& kernels, image::RgbView picture, const PyramidLevel& level, int row,
                int& next_input, PNetScratch& scratch, float* out, std::ptrdiff_t out_stride) const;
  // Appends the windows of one output row.
  void collect(const kernels::Kernels& kernels, const PyramidLevel& level, int row, int columns, const float* features,
               std::ptrdiff_t stride, float threshold, std::vector<std::int32_t>& found_columns,
               std::vector<Candidate>& found) const;

  static constexpr int kFeatures = 32;
  static constexpr int kHeads = 6;  // no face, face, four offsets
  kernels::RowConv conv1_;
  kernels::RowConv conv2_;
  kernels::RowConv conv3_;
  std::array<float, kHeads * kFeatures> head_weights_{};  // [head][feature]
  std::array<float, kHeads> head_bias_{};
  std::array<float, kFeatures> margin_weights_{};  // face minus no face: its sign and size give the probability
  float margin_bias_ = 0;
};

}  // namespace facepipe::detect
