// MTCNN's weights for tests and benchmarks: the files of facenet-pytorch in .cache/models.
#pragma once

#include <filesystem>
#include <string>

#include "base/file.h"
#include "base/result.h"
#include "weights/readers.h"

namespace facepipe::detect {

// "pnet.*", "rnet.*" and "onet.*" of FOLDER/{pnet,rnet,onet}.pt in one dict.
[[nodiscard]] inline Result<weights::StateDict> load_mtcnn_files(const std::filesystem::path& folder) {
  constexpr std::size_t kMaxBytes = std::size_t{16} << 20U;
  weights::StateDict all;
  for (const std::string net : {"pnet", "rnet", "onet"}) {
    FACEPIPE_ASSIGN(const Bytes file, read_file(folder / (net + ".pt"), kMaxBytes));
    FACEPIPE_ASSIGN(weights::StateDict dict, weights::read_torch(file));
    for (auto& [name, tensor] : dict) {
      all.emplace(net + "." + name, std::move(tensor));
    }
  }
  return all;
}

}  // namespace facepipe::detect
