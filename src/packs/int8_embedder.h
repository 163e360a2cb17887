// The int8 variant of an embedder: calibrated, written, and compared with the float32 network.
#pragma once

#include <span>

#include "base/bytes.h"
#include "base/result.h"
#include "image/image.h"
#include "model/preprocessing.h"
#include "packs/onnx_graph.h"

namespace facepipe::packs {

// Fewer faces tell too little about a network's activations. Four a second are run.
inline constexpr std::size_t kMinCalibrationFaces = 8;
inline constexpr std::size_t kMaxCalibrationFaces = 2048;

// Below this mean cosine to the float32 network's embeddings an int8 one is refused: galleries are exchanged freely
// between the two (docs/numerics.md). The default weights reach 0.999.
inline constexpr double kMinInt8Cosine = 0.985;

struct Int8Embedder {
  Bytes onnx;
  double cosine = 0;  // mean over the calibration crops, to the float32 network
};

// `crops`: faces cut out, of preprocessing.input_px, as the network will see them. kInvalidArgument for too few or too
// many of them or another size; kUnsupported for a network with convolutions in groups; kInvalidData for a network that
// does not survive (both cosines named) or whose values are not finite.
[[nodiscard]] Result<Int8Embedder> make_int8_embedder(const OnnxGraph& graph, std::span<const image::RgbImage> crops,
                                                      const model::Preprocessing& preprocessing);

}  // namespace facepipe::packs
