// Tested by int8_embedder_test.cc and int8_golden_test.cc.
#include "packs/int8_embedder.h"

#include <cmath>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "packs/calibration.h"
#include "packs/qdq_graph.h"

namespace facepipe::packs {
namespace {

Status check_crops(std::span<const image::RgbImage> crops, int input_px) {
  if (crops.size() < kMinCalibrationFaces || crops.size() > kMaxCalibrationFaces) {
    return Error{ErrorCode::kInvalidArgument, "calibration: expected " + std::to_string(kMinCalibrationFaces) + " to " +
                                                  std::to_string(kMaxCalibrationFaces) + " faces, got " +
                                                  std::to_string(crops.size())};
  }
  for (const image::RgbImage& crop : crops) {
    if (crop.width() != input_px || crop.height() != input_px) {
      return Error{ErrorCode::kInvalidArgument, "calibration: expected crops of " + std::to_string(input_px) +
                                                    " pixels, got one of " + std::to_string(crop.width()) + "x" +
                                                    std::to_string(crop.height())};
    }
  }
  return {};
}

// Of two lists of unit vectors.
double mean_cosine(const std::vector<embed::Embedding>& a, const std::vector<embed::Embedding>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    for (std::size_t k = 0; k < a[i].size(); ++k) {
      sum += double{a[i][k]} * double{b[i][k]};
    }
  }
  return sum / static_cast<double>(a.size());
}

// Rounding is corrected by the means of all input channels, which a channel of a group does not see. Doing it for each
// group was measured first and does not pay: the runtime's integer kernels are slower than its float32 ones there
// (docs/decisions/0018-networks-by-recipe.md).
Status check_convolutions(const OnnxGraph& graph) {
  for (const OnnxNode& node : graph.nodes) {
    for (const OnnxAttribute& attribute : node.attributes) {
      const auto* groups = std::get_if<std::int64_t>(&attribute.value);
      if (node.op_type == "Conv" && attribute.name == "group" && groups != nullptr && *groups != 1) {
        return Error{ErrorCode::kUnsupported,
                     "int8: convolution '" + node.name + "' works in " + std::to_string(*groups) +
                         " groups, expected one: in int8 the runtime is slower on such a network than "
                         "in float32, in which it stays"};
      }
    }
  }
  return {};
}

}  // namespace

Result<Int8Embedder> make_int8_embedder(const OnnxGraph& graph, std::span<const image::RgbImage> crops,
                                        const model::Preprocessing& preprocessing) {
  FACEPIPE_TRY(check_crops(crops, preprocessing.input_px));
  FACEPIPE_TRY(check_convolutions(graph));
  const std::vector<std::string> tensors = tensors_to_quantise(graph);
  FACEPIPE_ASSIGN(const Calibration calibration, calibrate(graph, tensors, crops, preprocessing));
  Int8Embedder embedder;
  FACEPIPE_ASSIGN(embedder.onnx, quantised_onnx(graph, calibration));
  FACEPIPE_ASSIGN(const std::vector<embed::Embedding> embeddings, embed_crops(embedder.onnx, crops, preprocessing));
  embedder.cosine = mean_cosine(calibration.embeddings, embeddings);
  // Written so that a NaN fails.
  if (!(embedder.cosine >= kMinInt8Cosine)) {
    return Error{ErrorCode::kInvalidData,
                 "the int8 embeddings are too far from the float32 ones: expected a mean cosine of " +
                     std::to_string(kMinInt8Cosine) + " or more, got " + std::to_string(embedder.cosine)};
  }
  return embedder;
}

}  // namespace facepipe::packs
