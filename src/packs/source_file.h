// The weights files that a pack is made from.
#pragma once

#include <filesystem>
#include <vector>

#include "base/result.h"
#include "model/model_pack.h"
#include "weights/tensor.h"

namespace facepipe::packs {

struct SourceWeights {
  weights::StateDict tensors;
  model::PackSource source;
};

// A state dict of torch.save or TorchScript, or a Keras .h5, told by its content. The file is mapped, and unmapped
// before this returns. Errors name the file: kUnsupported for any other content, else the reader's.
[[nodiscard]] Result<SourceWeights> read_source(const std::filesystem::path& path);

struct DetectorWeights {
  weights::StateDict tensors;  // as weights::canonical_mtcnn gives them
  std::vector<model::PackSource> sources;
};

// MTCNN's three networks. Errors as above, or canonical_mtcnn's with all three names.
[[nodiscard]] Result<DetectorWeights> read_detector(const std::filesystem::path& pnet,
                                                    const std::filesystem::path& rnet,
                                                    const std::filesystem::path& onet);

}  // namespace facepipe::packs
