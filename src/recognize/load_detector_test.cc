#include "recognize/load_detector.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "base/temporary_folder.h"

namespace facepipe::recognize {
namespace {

model::ModelPack write_pack(const std::filesystem::path& folder, std::string_view detector) {
  model::Manifest manifest;
  manifest.name = "test";
  manifest.licence = "CC0-1.0";
  manifest.model_id = "inception-resnet-v1:test";
  manifest.embedding_size = 3;
  manifest.preprocessing = *model::known_mode("standard");
  manifest.files = {{"detector", model::pack_file("detector.safetensors", as_bytes(detector))},
                    {"embedder", model::pack_file("embedder.onnx", as_bytes("-"))}};
  EXPECT_TRUE(write_file_atomically(folder / "detector.safetensors", as_bytes(detector)));
  EXPECT_TRUE(write_file_atomically(folder / "embedder.onnx", as_bytes("-")));
  EXPECT_TRUE(write_file_atomically(folder / model::kManifestFileName, as_bytes(model::manifest_file_text(manifest))));
  return *model::ModelPack::open(folder);
}

TEST(LoadDetector, ADamagedFileIsRefusedByName) {
  const TemporaryFolder folder;
  const model::ModelPack pack = write_pack(folder.path(), "these are weights");
  ASSERT_TRUE(write_file_atomically(folder / "detector.safetensors", as_bytes("these are wEights")));
  const auto detector = load_detector(pack);
  ASSERT_FALSE(detector);
  EXPECT_EQ(detector.error().code, ErrorCode::kMismatch);
  EXPECT_TRUE(detector.error().message.starts_with((folder / "detector.safetensors").string() +
                                                   ": the file is damaged: expected XXH64 "))
      << detector.error().message;
}

TEST(LoadDetector, AWholeFileThatHoldsNoTensorsIsRefusedByName) {
  const TemporaryFolder folder;
  const auto detector = load_detector(write_pack(folder.path(), "these are no weights"));
  ASSERT_FALSE(detector);
  EXPECT_EQ(detector.error().code, ErrorCode::kInvalidData);
  EXPECT_TRUE(detector.error().message.starts_with((folder / "detector.safetensors").string() + ": "))
      << detector.error().message;
}

}  // namespace
}  // namespace facepipe::recognize
