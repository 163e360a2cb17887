// facenet-pytorch 2.6.0, models/mtcnn.py class PNet and utils/detect_face.py generateBoundingBox. 1830 multiply-adds a
// level pixel as written there; the offsets (128 of them) are computed here only where a face is likely. Tested by
// mtcnn_test.cc and mtcnn_golden_test.cc.
#include "detect/mtcnn/pnet.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "detect/mtcnn/candidate_bound.h"
#include "detect/mtcnn/kernels/winograd.h"
#include "detect/mtcnn/layers.h"

namespace facepipe::detect {
namespace {

constexpr int kPooledChannels = 10;
constexpr int kMiddleChannels = 16;
constexpr int kInputRows = 4;  // under one row of the pooling
// Rows that must be there below those of the output, in whole tiles: two for each convolution.
constexpr int kMiddleAhead = kernels::kTileRows;
constexpr int kPooledAhead = kMiddleAhead + 2;

// Rows of one strip: enough that the two rows which neighbouring strips share hardly count, few enough for a core's own
// cache. At about 2000 columns a strip and all that is made from it take some 700 KB.
constexpr int kStripColumns = 2048;
constexpr int kMinStripRows = 4;
constexpr int kMaxStripRows = 16;

// Tiles of the convolutions begin at multiples of this row of the level, whichever way it is cut: N14.
int to_tile_rows(int rows) {
  return (rows + kernels::kTileRows - 1) / kernels::kTileRows * kernels::kTileRows;
}

// The smallest difference of the two scores that can reach the probability `threshold`, less a little: the exact
// decision is collect()'s.
float margin_cut(float threshold) {
  const double bounded = std::clamp(static_cast<double>(threshold), 1e-6, 1 - 1e-6);
  const double logit = std::log(bounded / (1 - bounded));
  return static_cast<float>(logit - 0.01);
}

// Extents of a level's layers.
struct LevelShape {
  explicit LevelShape(const PyramidLevel& level)
      : conv_columns(level.width - 2),
        conv_rows(level.height - 2),
        pooled_columns((conv_columns + 1) / 2),
        pooled_rows((conv_rows + 1) / 2),
        half_stride(kernels::padded_columns(pooled_columns + 1)),
        // Three columns more: the tile of the last output reads that far, within its own row.
        pitch((pooled_columns + 3 + kernels::kTileColumns - 1) / kernels::kTileColumns * kernels::kTileColumns),
        strip_rows(to_tile_rows(std::clamp(kStripColumns / pitch, kMinStripRows, kMaxStripRows))) {}

  int conv_columns;
  int conv_rows;
  int pooled_columns;
  int pooled_rows;
  std::ptrdiff_t half_stride;  // of the input's even and odd columns
  int pitch;                   // columns from one row to the next after the pooling
  int strip_rows;
};

// Rows [first, last) of one layer, channel after channel. Later rows are appended; earlier ones are dropped.
class Strip {
 public:
  Strip(AlignedBuffer<float>& memory, int channels, int capacity_rows, int pitch, int first_row)
      : channels_(channels),
        pitch_(pitch),
        stride_(std::ptrdiff_t{capacity_rows} * pitch + kernels::kStripSlack),
        first_(first_row),
        last_(first_row) {
    memory.resize(static_cast<std::size_t>(channels * stride_));
    data_ = memory.data();
  }

  [[nodiscard]] int last() const { return last_; }
  [[nodiscard]] std::ptrdiff_t stride() const { return stride_; }
  [[nodiscard]] float* row(int y) { return data_ + std::ptrdiff_t{y - first_} * pitch_; }

  // `count` rows more, which the caller has written from row(last()) on. Their columns from `valid` on become zero, so
  // that what the next layer reads past the edge does not depend on how a level is cut into strips (N14).
  void append(int count, int valid) {
    for (int c = 0; c < channels_; ++c) {
      for (int y = last_; y < last_ + count; ++y) {
        std::fill(row(y) + c * stride_ + valid, row(y) + c * stride_ + pitch_, 0.0F);
      }
    }
    last_ += count;
  }

  // Forgets the rows before `first`.
  void drop_before(int first) {
    if (first == first_) {
      return;
    }
    for (int c = 0; c < channels_; ++c) {
      float* channel = data_ + c * stride_;
      std::copy(row(first) + c * stride_, row(last_) + c * stride_, channel);
    }
    first_ = first;
  }

 private:
  float* data_ = nullptr;
  int channels_;
  int pitch_;
  std::ptrdiff_t stride_;
  int first_;
  int last_;
};

}  // namespace

Result<PNet> PNet::load(const weights::StateDict& mtcnn) {
  constexpr std::array<Head, 2> kHeadLayers = {{{"pnet.conv4_1", 2}, {"pnet.conv4_2", 4}}};
  PNet net;
  FACEPIPE_ASSIGN(net.conv1_, load_row_conv(mtcnn, "pnet.conv1", "pnet.prelu1", 3, kPooledChannels));
  FACEPIPE_ASSIGN(net.conv2_, load_row_conv(mtcnn, "pnet.conv2", "pnet.prelu2", kPooledChannels, kMiddleChannels));
  FACEPIPE_ASSIGN(net.conv3_, load_row_conv(mtcnn, "pnet.conv3", "pnet.prelu3", kMiddleChannels, kFeatures));
  FACEPIPE_ASSIGN(const std::vector<float> heads, load_pointwise_heads(mtcnn, kHeadLayers, kFeatures));
  std::copy_n(heads.begin(), kHeads * kFeatures, net.head_weights_.begin());
  std::copy_n(heads.begin() + kHeads * kFeatures, kHeads, net.head_bias_.begin());
  for (std::size_t i = 0; i < kFeatures; ++i) {
    net.margin_weights_[i] = net.head_weights_[kFeatures + i] - net.head_weights_[i];
  }
  net.margin_bias_ = net.head_bias_[1] - net.head_bias_[0];
  kernels::add_tile_weights(net.conv2_);
  kernels::add_tile_weights(net.conv3_);
  return net;
}

bool PNet::run(const kernels::Kernels& kernels, image::RgbView picture, const PyramidLevel& level, int first_row,
               int last_row, float threshold, const WorkLimit& limit, PNetScratch& scratch,
               std::vector<Candidate>& found) const {
  const LevelShape shape(level);
  const int columns = output_size(level.width);
  FACEPIPE_CHECK(columns >= 1 && 0 <= first_row && first_row % kernels::kTileRows == 0 &&
                 last_row <= output_size(level.height));
  Strip pooled(scratch.pooled, kPooledChannels, shape.strip_rows + kPooledAhead, shape.pitch, first_row);
  Strip middle(scratch.middle, kMiddleChannels, shape.strip_rows + kMiddleAhead, shape.pitch, first_row);
  const std::ptrdiff_t feature_stride = std::ptrdiff_t{shape.strip_rows} * shape.pitch + kernels::kStripSlack;
  scratch.features.resize(static_cast<std::size_t>(kFeatures * feature_stride));
  scratch.input.resize(static_cast<std::size_t>(kInputRows * 6 * shape.half_stride));
  scratch.tiles.resize(std::max(kernels::conv_rows_scratch(conv2_, shape.strip_rows + kMiddleAhead, shape.pitch),
                                kernels::conv_rows_scratch(conv3_, shape.strip_rows, shape.pitch)));

  int next_input = 2 * first_row;
  bool dropped = false;
  for (int row = first_row; row < last_row && !limit.reached(); row += shape.strip_rows) {
    const int end = std::min(row + shape.strip_rows, last_row);
    const int computed = to_tile_rows(end - row);
    pooled.drop_before(middle.last());
    while (pooled.last() < row + computed + kPooledAhead) {
      const bool inside = pooled.last() < shape.pooled_rows;
      if (inside) {
        pool_row(kernels, picture, level, pooled.last(), next_input, scratch, pooled.row(pooled.last()),
                 pooled.stride());
      }
      pooled.append(1, inside ? shape.pooled_columns : 0);
    }
    middle.drop_before(row);
    const int middle_rows = row + computed + kMiddleAhead - middle.last();
    kernels.conv_rows(conv2_, pooled.row(middle.last()), pooled.stride(), middle_rows, shape.pitch,
                      scratch.tiles.data(), middle.row(middle.last()), middle.stride());
    middle.append(middle_rows, shape.pooled_columns - 2);
    kernels.conv_rows(conv3_, middle.row(row), middle.stride(), computed, shape.pitch, scratch.tiles.data(),
                      scratch.features.data(), feature_stride);
    for (int y = row; y < end; ++y) {
      collect(kernels, level, y, columns, scratch.features.data() + std::ptrdiff_t{y - row} * shape.pitch,
              feature_stride, threshold, scratch.found, found);
      if (found.size() >= kMaxLevelCandidates + kMaxLevelCandidates / 2) {  // a row more is below twice the bound
        dropped = keep_best(found, kMaxLevelCandidates) || dropped;
      }
    }
  }
  return dropped;
}

void PNet::pool_row(const kernels::Kernels& kernels, image::RgbView picture, const PyramidLevel& level, int row,
                    int& next_input, PNetScratch& scratch, float* out, std::ptrdiff_t out_stride) const {
  const LevelShape shape(level);
  const auto input_row = [&](int y) { return scratch.input.data() + y % kInputRows * 6 * shape.half_stride; };
  const int conv_rows = std::min(2, shape.conv_rows - 2 * row);
  for (; next_input < 2 * row + conv_rows + 2; ++next_input) {
    make_level_row(kernels, picture, level, next_input, shape.half_stride, scratch.pyramid, input_row(next_input));
  }
  const std::array<const float*, kInputRows> inputs = {input_row(2 * row), input_row(2 * row + 1),
                                                       input_row(2 * row + 2), input_row(2 * row + 3)};
  kernels.conv_pool_row(conv1_, inputs.data(), shape.half_stride, conv_rows, shape.conv_columns, out, out_stride);
}

void PNet::collect(const kernels::Kernels& kernels, const PyramidLevel& level, int row, int columns,
                   const float* features, std::ptrdiff_t stride, float threshold,
                   std::vector<std::int32_t>& found_columns, std::vector<Candidate>& found) const {
  found_columns.resize(static_cast<std::size_t>(columns));
  const int count = kernels.find_columns(features, stride, kFeatures, columns, margin_weights_.data(), margin_bias_,
                                         margin_cut(threshold), found_columns.data());
  for (int i = 0; i < count; ++i) {
    const int column = found_columns[static_cast<std::size_t>(i)];
    std::array<float, kHeads> heads = head_bias_;
    for (std::size_t head = 0; head < kHeads; ++head) {
      const float* weights = head_weights_.data() + head * kFeatures;
      for (int k = 0; k < kFeatures; ++k) {
        heads[head] += features[k * stride + column] * weights[k];
      }
    }
    const float probability = face_probability(heads[0], heads[1]);
    if (probability >= threshold) {
      found.push_back({pnet_window(column, row, static_cast<float>(level.scale)),
                       probability,
                       {heads[2], heads[3], heads[4], heads[5]}});
    }
  }
}

}  // namespace facepipe::detect
