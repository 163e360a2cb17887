// Tested by qdq_graph_test.cc and int8_golden_test.cc.
#include "packs/calibration.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

#include "base/check.h"
#include "embed/graph_session.h"
#include "embed/normalise.h"

namespace facepipe::packs {
namespace {

// The crop as the network's input, [3,side,side].
std::vector<float> normalised(const image::RgbImage& crop, const model::Preprocessing& preprocessing) {
  const auto side = static_cast<std::size_t>(preprocessing.input_px);
  FACEPIPE_CHECK(crop.width() == preprocessing.input_px && crop.height() == preprocessing.input_px);
  std::vector<float> input(3 * side * side);
  embed::normalise(crop.view(), preprocessing, input);
  return input;
}

Error refused(const Error& error) {
  return Error{ErrorCode::kInvalidData, "the runtime cannot run the graph: " + error.message};
}

// Gathers one tensor's statistics crop by crop.
class Collector {
 public:
  explicit Collector(std::string name) : name_(std::move(name)) {}

  // [channels, positions]
  Status add(std::span<const float> values, std::size_t channels) {
    const std::size_t positions = channels == 0 ? 0 : values.size() / channels;
    statistics_.channel_means.resize(channels);
    for (std::size_t channel = 0; channel < channels; ++channel) {
      double sum = 0;
      for (const float value : values.subspan(channel * positions, positions)) {
        statistics_.range.low = std::min(statistics_.range.low, value);
        statistics_.range.high = std::max(statistics_.range.high, value);
        sum += double{value};
      }
      if (!std::isfinite(sum)) {  // a NaN passes through the comparisons above, but not through a sum
        return Error{ErrorCode::kInvalidData, "tensor '" + name_ + "': calibration made a value that is not finite"};
      }
      statistics_.channel_means[channel] += sum / static_cast<double>(positions);
    }
    statistics_.histogram.add(values);
    ++crops_;
    return {};
  }

  [[nodiscard]] TensorStatistics finish() && {
    for (double& mean : statistics_.channel_means) {
      mean /= static_cast<double>(std::max<std::size_t>(crops_, 1));
    }
    return std::move(statistics_);
  }

 private:
  std::string name_;
  std::size_t crops_ = 0;
  TensorStatistics statistics_;
};

}  // namespace

Result<Calibration> calibrate(const OnnxGraph& graph, std::span<const std::string> tensors,
                              std::span<const image::RgbImage> crops, const model::Preprocessing& preprocessing) {
  Collector input_collector(graph.input);
  std::vector<Collector> collectors(tensors.begin(), tensors.end());
  std::vector<std::string> outputs{graph.output};
  outputs.insert(outputs.end(), tensors.begin(), tensors.end());
  Calibration calibration;
  const auto session = embed::GraphSession::open(write_onnx(graph, tensors));
  if (!session) {
    return refused(session.error());
  }
  for (const image::RgbImage& crop : crops) {
    const std::vector<float> input = normalised(crop, preprocessing);
    auto made = session->run(input, preprocessing.input_px, outputs);
    if (!made) {
      return refused(made.error());
    }
    FACEPIPE_TRY(input_collector.add(input, 3));
    calibration.embeddings.push_back(std::move(made->front().values));
    for (std::size_t i = 0; i < collectors.size(); ++i) {
      const embed::GraphTensor& tensor = (*made)[i + 1];
      FACEPIPE_TRY(collectors[i].add(tensor.values, static_cast<std::size_t>(tensor.shape.at(1))));
    }
  }
  calibration.tensors.emplace(graph.input, std::move(input_collector).finish());
  for (std::size_t i = 0; i < collectors.size(); ++i) {
    calibration.tensors.emplace(tensors[i], std::move(collectors[i]).finish());
  }
  return calibration;
}

Result<std::vector<embed::Embedding>> embed_crops(ByteView onnx, std::span<const image::RgbImage> crops,
                                                  const model::Preprocessing& preprocessing) {
  const auto session = embed::GraphSession::open(onnx);
  if (!session) {
    return refused(session.error());
  }
  const std::vector<std::string> outputs{embed::kNetworkOutput};
  std::vector<embed::Embedding> embeddings;
  for (const image::RgbImage& crop : crops) {
    auto made = session->run(normalised(crop, preprocessing), preprocessing.input_px, outputs);
    if (!made) {
      return refused(made.error());
    }
    embeddings.push_back(std::move(made->front().values));
  }
  return embeddings;
}

}  // namespace facepipe::packs
