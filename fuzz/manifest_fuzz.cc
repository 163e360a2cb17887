// The manifest of a model pack, in a folder without the files that it names.
#include <cstddef>
#include <cstdint>
#include <fstream>

#include "base/temporary_folder.h"
#include "model/model_pack.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const facepipe::TemporaryFolder folder;
  std::ofstream(folder / facepipe::model::kManifestFileName, std::ios::binary)
      .write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
  static_cast<void>(facepipe::model::ModelPack::open(folder / ""));
  return 0;
}
