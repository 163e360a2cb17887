#include "model/model_pack.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "base/file.h"
#include "base/hash.h"
#include "base/temporary_folder.h"

namespace facepipe::model {
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
    manifest.files = {{"detector", pack_file("detector.safetensors", as_bytes("detector"))},
                      {"embedder", pack_file("embedder.onnx", as_bytes("embedder!"))}};
    manifest_ = manifest;
    write("manifest.json", manifest_file_text(manifest));
  }
  // As packs were written before loads compared anything.
  void make_old() {
    for (auto& [role, file] : manifest_.files) {
      file.xxh64.clear();
    }
    write("manifest.json", manifest_to_json(manifest_));
  }
  [[nodiscard]] std::string manifest_text() const {
    const auto text = read_file(folder_ / "manifest.json", 1U << 20U);
    return std::string(as_text(*text));
  }

  void write(const std::string& name, std::string_view content) const {
    const auto status = write_file_atomically(folder_ / name, as_bytes(content));
    ASSERT_TRUE(status) << status.error().message;
  }

  const TemporaryFolder folder_;
  Manifest manifest_;
};

TEST_F(ModelPackTest, OpensAndVerifies) {
  const auto pack = ModelPack::open(folder_.path());
  ASSERT_TRUE(pack) << pack.error().message;
  EXPECT_EQ(pack->manifest().name, "sample");
  EXPECT_EQ(pack->file("detector"), folder_ / "detector.safetensors");
  EXPECT_EQ(pack->file("embedder"), folder_ / "embedder.onnx");
  EXPECT_TRUE(pack->verify());
}

TEST_F(ModelPackTest, ANetworkForCutFacesIsAPackOfTheSameFolder) {
  EXPECT_FALSE(ModelPack::open(folder_.path())->cut_faces());
  Manifest second = manifest_;
  second.model_id = "second";
  second.files = {{"embedder", pack_file("second.onnx", as_bytes("second"))}};
  manifest_.cut_faces = std::make_shared<const Manifest>(second);
  write("manifest.json", manifest_file_text(manifest_));
  EXPECT_EQ(ModelPack::open(folder_.path()).error().code, ErrorCode::kNotFound);  // its file is not there
  write("second.onnx", "second");
  const auto pack = ModelPack::open(folder_.path());
  ASSERT_TRUE(pack) << pack.error().message;
  const auto cut_faces = pack->cut_faces();
  ASSERT_TRUE(cut_faces);
  EXPECT_EQ(cut_faces->manifest().model_id, "second");
  EXPECT_EQ(cut_faces->file("embedder"), folder_ / "second.onnx");
  EXPECT_TRUE(pack->verify());
  write("second.onnx", "sec0nd");
  EXPECT_EQ(pack->verify().error().code, ErrorCode::kMismatch);
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

TEST_F(ModelPackTest, WhatIsLoadedIsComparedWithTheManifest) {
  const auto pack = ModelPack::open(folder_.path());
  ASSERT_TRUE(pack) << pack.error().message;
  EXPECT_EQ(as_text(pack->map("detector")->bytes()), "detector");
  EXPECT_TRUE(pack->check("embedder"));
  write("detector.safetensors", "detectoR");
  write("embedder.onnx", "embedder?");
  const auto mapped = pack->map("detector");
  ASSERT_FALSE(mapped);
  EXPECT_EQ(mapped.error().code, ErrorCode::kMismatch);
  EXPECT_EQ(mapped.error().message,
            (folder_ / "detector.safetensors").string() + ": the file is damaged: expected XXH64 " +
                pack_file("", as_bytes("detector")).xxh64 + ", found " + pack_file("", as_bytes("detectoR")).xxh64);
  const Status checked = pack->check("embedder");
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().code, ErrorCode::kMismatch);
  EXPECT_THAT(checked.error().message, HasSubstr("embedder.onnx: the file is damaged: expected XXH64 "));
}

TEST_F(ModelPackTest, AnOldPackIsComparedBySha256) {
  make_old();
  const auto pack = ModelPack::open(folder_.path());
  ASSERT_TRUE(pack) << pack.error().message;
  EXPECT_TRUE(pack->map("detector"));
  EXPECT_TRUE(pack->check("embedder"));
  write("detector.safetensors", "detectoR");
  write("embedder.onnx", "embedder?");
  EXPECT_THAT(pack->map("detector").error().message,
              HasSubstr("expected SHA-256 " + sha256_hex(as_bytes("detector")) + ", found "));
  EXPECT_THAT(pack->check("embedder").error().message,
              HasSubstr("expected SHA-256 " + sha256_hex(as_bytes("embedder!")) + ", found "));
}

TEST_F(ModelPackTest, NoFlippedBitOfTheManifestChangesWhatThePackIs) {
  const std::string whole = manifest_text();
  const std::string content = manifest_to_json(manifest_);
  int refused = 0;
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::string flipped = whole;
    flipped[i] = static_cast<char>(static_cast<unsigned char>(flipped[i]) ^ (1U << (i % 8)));
    std::ofstream(folder_ / "manifest.json", std::ios::trunc) << flipped;
    const auto pack = ModelPack::open(folder_.path());
    refused += pack ? 0 : 1;
    if (pack) {  // the bit was one of the digest's own name
      EXPECT_EQ(manifest_to_json(pack->manifest()), content) << flipped;
    }
  }
  EXPECT_GT(refused, static_cast<int>(content.size()) - 2);
}

TEST_F(ModelPackTest, AManifestThatWasChangedOnPurposeIsTakenWithoutItsDigest) {
  std::string text = manifest_text();
  text.replace(text.find("sample"), 6, "mine!!");
  write("manifest.json", text);
  const auto refused = ModelPack::open(folder_.path());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kMismatch);
  EXPECT_THAT(refused.error().message, HasSubstr("manifest.json: the manifest is damaged, or was changed"));
  EXPECT_THAT(refused.error().message, HasSubstr("removes the field manifest_sha256"));
  write("manifest.json", text.substr(0, text.find(",\"manifest_sha256\"")) + "}");
  const auto pack = ModelPack::open(folder_.path());
  ASSERT_TRUE(pack) << pack.error().message;
  EXPECT_EQ(pack->manifest().name, "mine!!");
}

TEST_F(ModelPackTest, ADigestThatIsNotTheLastFieldIsRefused) {
  std::string text = manifest_text();
  text.insert(text.size() - 1, R"(,"more":1)");
  write("manifest.json", text);
  EXPECT_THAT(ModelPack::open(folder_.path()).error().message, HasSubstr("as its last field, found it elsewhere"));
  text = manifest_text();
  make_old();
  EXPECT_TRUE(ModelPack::open(folder_.path()));
}

}  // namespace
}  // namespace facepipe::model
