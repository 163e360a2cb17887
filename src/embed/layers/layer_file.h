// A chain of layers in a file (docs/formats/layers.md).
#pragma once

#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "embed/layers/layer.h"

namespace facepipe::embed::layers {

// Equal chains give equal bytes. The layers as read_layers would accept them.
[[nodiscard]] Bytes write_layers(std::span<const Layer> layers);

// The layers' weights lie in `bytes`, which begin at a multiple of 4 in memory. kInvalidData and kUnsupported name the
// layer and what was expected; kTooLarge for pictures or a number of layers past what any face network has.
[[nodiscard]] Result<std::vector<Layer>> read_layers(ByteView bytes);

}  // namespace facepipe::embed::layers
