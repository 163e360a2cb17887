#include "nn/model_pack.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "base/file.h"
#include "base/hash.h"
#include "base/temporary_folder.h"

namespace facepipe::nn {
namespace {

using ::testing::HasSubstr;

// A folder with a pack of two tiny files, removed at the end.
class ModelPackTest : public ::testing::Test {
 protected:
  ModelPackTest() {
    write("detector.safetensors", "detector");
    write("embedder.onnx", "embedder!");
    Manifest manifest;
    manifest.name = "sample";
    manifest.licence = "MIT";
    manifest.model_id = "inception-resnet-v1:0";
    manifest.embedding_size = 4;
    manifest.preprocessing = *known_mode("standard");
    manifest.files = {{"detector", {"detector.safetensors", sha256_hex(as_bytes("detector")), 8}},
                      {"embedder", {"embedder.onnx", sha256_hex(as_bytes("embedder!")), 9}}};
    write("manifest.json", manifest_to_json(manifest));
  }

  void write(const std::string& name, std::string_view content) const {
    const auto status = write_file_atomically(folder_ / name, as_bytes(content));
    ASSERT_TRUE(status) << status.error().message;
  }

  const TemporaryFolder folder_;
};

TEST_F(ModelPackTest, OpensAndVerifies) {
  const auto pack = ModelPack::open(folder_.path());
  ASSERT_TRUE(pack) << pack.error().message;
  EXPECT_EQ(pack->manifest().name, "sample");
  EXPECT_EQ(pack->file("detector"), folder_ / "detector.safetensors");
  EXPECT_EQ(pack->file("embedder"), folder_ / "embedder.onnx");
  EXPECT_TRUE(pack->verify());
}

TEST_F(ModelPackTest, MissingFolderIsNotFound) {
  const auto pack = ModelPack::open(folder_ / "absent");
  ASSERT_FALSE(pack);
  EXPECT_EQ(pack.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(pack.error().message, HasSubstr((folder_ / "absent").string()));
}

TEST_F(ModelPackTest, MissingManifestIsNotFound) {
  std::filesystem::remove(folder_ / "manifest.json");
  const auto pack = ModelPack::open(folder_.path());
  ASSERT_FALSE(pack);
  EXPECT_EQ(pack.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(pack.error().message, HasSubstr("manifest.json"));
}

TEST_F(ModelPackTest, BadManifestNamesThePathAndTheField) {
  write("manifest.json", R"({"format_version":1})");
  const auto pack = ModelPack::open(folder_.path());
  ASSERT_FALSE(pack);
  EXPECT_EQ(pack.error().code, ErrorCode::kInvalidData);
  EXPECT_EQ(pack.error().message,
            (folder_ / "manifest.json").string() + ": manifest: field 'name' must be a text that is not empty");
}

TEST_F(ModelPackTest, OversizedManifestIsRefusedUnread) {
  write("manifest.json", std::string((std::size_t{1} << 20U) + 1, ' '));
  const auto pack = ModelPack::open(folder_.path());
  ASSERT_FALSE(pack);
  EXPECT_EQ(pack.error().code, ErrorCode::kTooLarge);
}

TEST_F(ModelPackTest, MissingFileIsNotFound) {
  std::filesystem::remove(folder_ / "embedder.onnx");
  const auto pack = ModelPack::open(folder_.path());
  ASSERT_FALSE(pack);
  EXPECT_EQ(pack.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(pack.error().message, HasSubstr("embedder.onnx"));
}

TEST_F(ModelPackTest, FileCutShortIsAMismatchOfBothSizes) {
  write("embedder.onnx", "embed");
  const auto pack = ModelPack::open(folder_.path());
  ASSERT_FALSE(pack);
  EXPECT_EQ(pack.error().code, ErrorCode::kMismatch);
  EXPECT_EQ(pack.error().message, (folder_ / "embedder.onnx").string() + ": expected 9 bytes, found 5");
}

TEST_F(ModelPackTest, ChangedBytesOfTheSameSizeAreFoundByVerify) {
  const auto pack = ModelPack::open(folder_.path());
  ASSERT_TRUE(pack) << pack.error().message;
  write("detector.safetensors", "detectoR");
  const auto status = pack->verify();
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::kMismatch);
  EXPECT_EQ(status.error().message, (folder_ / "detector.safetensors").string() + ": expected SHA-256 " +
                                        sha256_hex(as_bytes("detector")) + ", found " +
                                        sha256_hex(as_bytes("detectoR")));
}

}  // namespace
}  // namespace facepipe::nn
