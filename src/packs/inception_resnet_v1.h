// Inception-ResNet v1 as facenet-pytorch defines it, as an ONNX graph.
// Szegedy et al., "Inception-v4, Inception-ResNet and the Impact of Residual Connections on Learning", 2016; layer
// sizes, names and paddings: facenet-pytorch 2.6.0 models/inception_resnet_v1.py.
#pragma once

#include "base/result.h"
#include "packs/onnx_graph.h"
#include "weights/tensor.h"

namespace facepipe::packs {

// Below this side the network's valid convolutions leave nothing to pool.
inline constexpr int kMinInputPx = 75;

// [N,3,H,W] -> [N,D], L2-normalised, under the names of embed/graph_session.h; N, H and W free, H and W at least
// kMinInputPx. `canonical` as weights::canonical_inception_resnet_v1 gives it (checked: a bug otherwise). Batch
// norms, residual scales and the last linear layer are folded in double precision (docs/numerics.md E1, E2).
// kInvalidData names the tensor that makes a value that is not finite.
[[nodiscard]] Result<OnnxGraph> inception_resnet_v1_graph(const weights::StateDict& canonical);

}  // namespace facepipe::packs
