// Makes a model pack from weights files: what `facepipe model build` runs.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"
#include "nn/model_pack.h"

namespace facepipe::embed {

struct PackRecipe {
  std::string name;
  std::string licence;
  std::filesystem::path pnet;  // facenet-pytorch's data/pnet.pt, and so on
  std::filesystem::path rnet;
  std::filesystem::path onet;
  std::filesystem::path
      embedder;  // .h5, state dict .pt (zip, legacy) or TorchScript .pt; 128- or 512-d, or any other size
  nn::Preprocessing preprocessing;
  std::optional<float> distance_threshold;
  std::optional<float> threshold_far;
};

// Writes the pack into `folder` (made if absent; an existing pack is replaced file by file, the manifest last).
// Equal inputs give equal bytes. Errors name the source file and the tensor.
[[nodiscard]] Result<nn::Manifest> build_pack(const PackRecipe& recipe, const std::filesystem::path& folder);

}  // namespace facepipe::embed
