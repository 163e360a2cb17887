// Runs a float32 network over example crops to learn what its tensors hold.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "embed/embedder.h"
#include "image/image.h"
#include "model/preprocessing.h"
#include "packs/onnx_graph.h"
#include "packs/quantise.h"
#include "packs/value_histogram.h"

namespace facepipe::packs {

struct TensorStatistics {
  ValueRange range;
  ValueHistogram histogram;
  std::vector<double> channel_means;  // over all crops and positions
};

struct Calibration {
  std::map<std::string, TensorStatistics> tensors;
  std::vector<embed::Embedding> embeddings;  // what the graph makes of the crops
};

// Statistics of the graph's input and of `tensors` (of four dimensions, made by nodes), over `crops` of
// preprocessing.input_px. kInvalidData for what the runtime refuses and for a value that is not finite (the tensor is
// named).
[[nodiscard]] Result<Calibration> calibrate(const OnnxGraph& graph, std::span<const std::string> tensors,
                                            std::span<const image::RgbImage> crops,
                                            const model::Preprocessing& preprocessing);

// The embeddings that an ONNX model with the same input and output makes of the crops. kInvalidData as above.
[[nodiscard]] Result<std::vector<embed::Embedding>> embed_crops(ByteView onnx, std::span<const image::RgbImage> crops,
                                                                const model::Preprocessing& preprocessing);

}  // namespace facepipe::packs
