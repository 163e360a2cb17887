// facenet-pytorch 2.6.0, models/mtcnn.py class PNet and utils/detect_face.py generateBoundingBox. 1830 multiply-adds a
// level pixel as written there; the offsets (128 of them) are computed here only where a face is likely. Tested by
// pnet_test.cc and detector_golden_test.cc.
#include "detect/pnet.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "detect/layers.h"

namespace facepipe::detect {
namespace {

constexpr int kPooledChannels = 10;
constexpr int kMiddleChannels = 16;
constexpr int kInputRows = 4;  // under one row of the pooling
constexpr int kKernelRows = 3;

// The smallest difference of the two scores that can reach the probability `threshold`, less a little: the exact
// decision is collect()'s.
float margin_cut(float threshold) {
  const double bounded = std::clamp(static_cast<double>(threshold), 1e-6, 1 - 1e-6);
  const double logit = std::log(bounded / (1 - bounded));
  return static_cast<float>(logit - 0.01);
}

}  // namespace

// Row y of each layer lies at row y % size of its ring. Extents of the layers, for one level.
struct PNet::Rings {
  explicit Rings(const PyramidLevel& level)
      : conv_columns(level.width - 2),
        conv_rows(level.height - 2),
        pooled_columns((conv_columns + 1) / 2),
        half_stride(kernels::padded_columns(pooled_columns + 1)),
        stride(kernels::padded_columns(pooled_columns)) {}

  int conv_columns;
  int conv_rows;
  int pooled_columns;
  std::ptrdiff_t half_stride;  // of the input's even and odd columns
  std::ptrdiff_t stride;       // of all rows after the pooling
};

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
  return net;
}

void PNet::run(const kernels::Kernels& kernels, image::RgbView picture, const PyramidLevel& level, int first_row,
               int last_row, float threshold, PNetScratch& scratch, std::vector<Candidate>& found) const {
  const Rings rings(level);
  const int columns = output_size(level.width);
  FACEPIPE_CHECK(columns >= 1 && 0 <= first_row && last_row <= output_size(level.height));
  const auto half_stride = static_cast<std::size_t>(rings.half_stride);
  const auto stride = static_cast<std::size_t>(rings.stride);
  scratch.input.resize(kInputRows * 6 * half_stride);
  scratch.pooled.resize(kKernelRows * kPooledChannels * stride);
  scratch.middle.resize(kKernelRows * kMiddleChannels * stride);
  scratch.features.resize(kFeatures * stride);
  const auto input_row = [&](int y) { return scratch.input.data() + y % kInputRows * 6 * rings.half_stride; };
  const auto pooled_row = [&](int y) {
    return scratch.pooled.data() + y % kKernelRows * kPooledChannels * rings.stride;
  };
  const auto middle_row = [&](int y) {
    return scratch.middle.data() + y % kKernelRows * kMiddleChannels * rings.stride;
  };

  int next_input = 2 * first_row;
  for (int pooled = first_row; pooled < last_row + 4; ++pooled) {
    const int conv_rows = std::min(2, rings.conv_rows - 2 * pooled);
    for (; next_input < 2 * pooled + conv_rows + 2; ++next_input) {
      make_level_row(kernels, picture, level, next_input, rings.half_stride, scratch.pyramid, input_row(next_input));
    }
    const std::array<const float*, kInputRows> inputs = {input_row(2 * pooled), input_row(2 * pooled + 1),
                                                         input_row(2 * pooled + 2), input_row(2 * pooled + 3)};
    kernels.conv_pool_row(conv1_, inputs.data(), rings.half_stride, conv_rows, rings.conv_columns, pooled_row(pooled),
                          rings.stride);
    const int middle = pooled - 2;
    if (middle < first_row) {
      continue;
    }
    const std::array<const float*, kKernelRows> under_middle = {pooled_row(middle), pooled_row(middle + 1),
                                                                pooled_row(middle + 2)};
    kernels.conv_row(conv2_, under_middle.data(), rings.stride, rings.pooled_columns - 2, middle_row(middle),
                     rings.stride);
    const int row = middle - 2;
    if (row < first_row) {
      continue;
    }
    const std::array<const float*, kKernelRows> under_row = {middle_row(row), middle_row(row + 1), middle_row(row + 2)};
    kernels.conv_row(conv3_, under_row.data(), rings.stride, columns, scratch.features.data(), rings.stride);
    collect(kernels, level, row, columns, rings.stride, threshold, scratch, found);
  }
}

void PNet::collect(const kernels::Kernels& kernels, const PyramidLevel& level, int row, int columns,
                   std::ptrdiff_t stride, float threshold, PNetScratch& scratch, std::vector<Candidate>& found) const {
  scratch.found.resize(static_cast<std::size_t>(columns));
  const float* features = scratch.features.data();
  const int count = kernels.find_columns(features, stride, kFeatures, columns, margin_weights_.data(), margin_bias_,
                                         margin_cut(threshold), scratch.found.data());
  for (int i = 0; i < count; ++i) {
    const int column = scratch.found[static_cast<std::size_t>(i)];
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
