// Tested by qdq_graph_test.cc and int8_golden_test.cc.
#include "embed/calibration.h"

#include <onnxruntime_cxx_api.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>

#include "base/check.h"
#include "embed/inception_resnet_v1.h"
#include "embed/normalise.h"
#include "embed/session.h"

namespace facepipe::embed {
namespace {

std::vector<float> normalised(const image::RgbImage& crop, const model::Preprocessing& preprocessing) {
  const auto side = static_cast<std::size_t>(preprocessing.input_px);
  FACEPIPE_CHECK(crop.width() == preprocessing.input_px && crop.height() == preprocessing.input_px);
  std::vector<float> input(3 * side * side);
  normalise(crop.view(), preprocessing, input);
  return input;
}

// The tensors named `outputs` for one crop. May throw Ort::Exception.
std::vector<Ort::Value> run(Ort::Session& session, std::vector<float>& input, std::int64_t side, const char* name,
                            std::span<const char* const> outputs) {
  const std::array<std::int64_t, 4> shape{1, 3, side, side};
  const auto memory = Ort::MemoryInfo::CreateCpu(OrtDeviceAllocator, OrtMemTypeDefault);
  const auto tensor = Ort::Value::CreateTensor<float>(memory, input.data(), input.size(), shape.data(), shape.size());
  return session.Run(Ort::RunOptions{nullptr}, &name, &tensor, 1, outputs.data(), outputs.size());
}

std::span<const float> values_of(const Ort::Value& value) {
  return {value.GetTensorData<float>(), value.GetTensorTypeAndShapeInfo().GetElementCount()};
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

Error refused(const Ort::Exception& exception) {
  return Error{ErrorCode::kInvalidData, std::string("the runtime cannot run the graph: ") + exception.what()};
}

std::vector<const char*> c_names(const std::string& first, std::span<const std::string> rest) {
  std::vector<const char*> names{first.c_str()};
  for (const std::string& name : rest) {
    names.push_back(name.c_str());
  }
  return names;
}

}  // namespace

Result<Calibration> calibrate(const OnnxGraph& graph, std::span<const std::string> tensors,
                              std::span<const image::RgbImage> crops, const model::Preprocessing& preprocessing) {
  Collector input_collector(graph.input);
  std::vector<Collector> collectors;
  for (const std::string& name : tensors) {
    collectors.emplace_back(name);
  }
  const std::vector<const char*> names = c_names(graph.output, tensors);
  Calibration calibration;
  try {
    const Bytes onnx = write_onnx(graph, tensors);
    Ort::Session session(runtime_environment(), onnx.data(), onnx.size(), session_options(1));
    for (const image::RgbImage& crop : crops) {
      std::vector<float> input = normalised(crop, preprocessing);
      const std::vector<Ort::Value> outputs = run(session, input, preprocessing.input_px, graph.input.c_str(), names);
      FACEPIPE_TRY(input_collector.add(input, 3));
      const std::span<const float> embedding = values_of(outputs.front());
      calibration.embeddings.emplace_back(embedding.begin(), embedding.end());
      for (std::size_t i = 0; i < collectors.size(); ++i) {
        const std::vector<std::int64_t> shape = outputs[i + 1].GetTensorTypeAndShapeInfo().GetShape();
        FACEPIPE_TRY(collectors[i].add(values_of(outputs[i + 1]), static_cast<std::size_t>(shape.at(1))));
      }
    }
  } catch (const Ort::Exception& exception) {
    return refused(exception);
  }
  calibration.tensors.emplace(graph.input, std::move(input_collector).finish());
  for (std::size_t i = 0; i < collectors.size(); ++i) {
    calibration.tensors.emplace(tensors[i], std::move(collectors[i]).finish());
  }
  return calibration;
}

Result<std::vector<Embedding>> embed_crops(ByteView onnx, std::span<const image::RgbImage> crops,
                                           const model::Preprocessing& preprocessing) {
  std::vector<Embedding> embeddings;
  try {
    Ort::Session session(runtime_environment(), onnx.data(), onnx.size(), session_options(1));
    const std::array outputs{kNetworkOutput};
    for (const image::RgbImage& crop : crops) {
      std::vector<float> input = normalised(crop, preprocessing);
      const auto made = run(session, input, preprocessing.input_px, kNetworkInput, outputs);
      const std::span<const float> embedding = values_of(made.front());
      embeddings.emplace_back(embedding.begin(), embedding.end());
    }
  } catch (const Ort::Exception& exception) {
    return refused(exception);
  }
  return embeddings;
}

}  // namespace facepipe::embed
