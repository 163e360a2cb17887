// Compares the embedder with facenet-pytorch on the reference's own crops and on model files that are not part of the
// repository. FACEPIPE_SHARED names a folder with golden/golden.json, golden/crops/*.png (made by make_golden.py, see
// tests/data/golden/README.md) and models/resnetV1.pt, a TorchScript of the same network as facenet_keras.h5.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <iostream>
#include <span>
#include <vector>

#include "base/file.h"
#include "base/temporary_folder.h"
#include "embed/crop.h"
#include "embed/onnx_embedder.h"
#include "image/decode.h"
#include "packs/pack_builder.h"
#include "packs/test_golden_faces.h"
#include "packs/test_pack.h"
#include "packs/test_recipe.h"

namespace facepipe::packs {
namespace {

using embed::make_crop;
using embed::OnnxEmbedder;
const std::filesystem::path kRoot = FACEPIPE_SOURCE_DIR;

std::filesystem::path shared_folder() {
  const char* folder = std::getenv("FACEPIPE_SHARED");
  EXPECT_NE(folder, nullptr) << "set FACEPIPE_SHARED to the folder with golden/ and models/";
  return folder != nullptr ? folder : "";
}

image::RgbImage decode(const std::filesystem::path& path) {
  const auto bytes = read_file(path, std::size_t{32} << 20U);
  EXPECT_TRUE(bytes) << bytes.error().message;
  auto picture = image::decode_image(*bytes, {.apply_exif_orientation = false, .limits = {}});
  EXPECT_TRUE(picture) << picture.error().message;
  return *std::move(picture);
}

// "train/PERSON/NAME.jpg" -> ".../crops/train__PERSON__NAME.MODE.png"
std::filesystem::path crop_path(const std::string& file, const char* mode) {
  std::string stem = file.substr(0, file.size() - 4);
  for (std::size_t at = stem.find('/'); at != std::string::npos; at = stem.find('/')) {
    stem.replace(at, 1, "__");
  }
  return shared_folder() / "golden/crops" / (stem + "." + mode + ".png");
}

model::ModelPack build(const std::filesystem::path& embedder, const std::filesystem::path& folder) {
  PackRecipe recipe = testing::pinned_recipe(kRoot / ".cache/models");
  recipe.name = "parity";
  recipe.embedder = embedder;
  recipe.preprocessing = *model::known_mode("standard");
  const auto manifest = build_pack(recipe, folder);
  EXPECT_TRUE(manifest) << manifest.error().message;
  auto pack = model::ModelPack::open(folder);
  EXPECT_TRUE(pack) << pack.error().message;
  return *std::move(pack);
}

TEST(EmbedParity, CropsFromTheReferencesBoxesAreTheReferencesCrops) {
  const auto faces = testing::read_golden_faces(shared_folder() / "golden/golden.json");
  ASSERT_EQ(faces.size(), 118U);
  for (const testing::GoldenMode& mode : testing::golden_modes()) {
    std::size_t values = 0;
    std::size_t different = 0;
    int furthest = 0;
    for (const testing::GoldenFace& face : faces) {
      const image::RgbImage picture = decode(kRoot / ".cache/photos" / face.file);
      const image::RgbImage crop = make_crop(picture.view(), face.box, mode.preprocessing);
      const image::RgbImage expected = decode(crop_path(face.file, mode.crop));
      ASSERT_EQ(crop.width(), expected.width());
      ASSERT_EQ(crop.height(), expected.height());
      for (std::size_t i = 0; i < crop.pixels().size(); ++i) {
        const int difference = std::abs(crop.pixels()[i] - expected.pixels()[i]);
        different += difference > 0 ? 1 : 0;
        furthest = std::max(furthest, difference);
      }
      values += crop.pixels().size();
    }
    std::cout << mode.crop << ": " << different << " of " << values << " values differ, at most by " << furthest
              << "\n";
    EXPECT_EQ(different, 0U) << mode.crop;
  }
}

TEST(EmbedParity, EmbeddingsOfTheReferencesCropsAreTheReferencesFromBothKindsOfFile) {
  const TemporaryFolder keras_folder;
  const TemporaryFolder torch_folder;
  const model::ModelPack keras = build(kRoot / ".cache/models/facenet_keras.h5", keras_folder.path());
  const model::ModelPack torch = build(shared_folder() / "models/resnetV1.pt", torch_folder.path());
  EXPECT_EQ(keras.manifest().model_id, torch.manifest().model_id);
  EXPECT_EQ(keras.manifest().files.at("embedder").sha256, torch.manifest().files.at("embedder").sha256);
  const auto from_keras = OnnxEmbedder::load(keras);
  ASSERT_TRUE(from_keras) << from_keras.error().message;
  const auto from_torch = OnnxEmbedder::load(torch);
  ASSERT_TRUE(from_torch) << from_torch.error().message;
  const auto faces = testing::read_golden_faces(shared_folder() / "golden/golden.json");
  ASSERT_EQ(faces.size(), 118U);
  for (std::size_t m = 0; m < testing::golden_modes().size(); ++m) {
    const testing::GoldenMode mode = testing::golden_modes().at(m);
    double lowest = 1;
    double furthest = 0;
    for (const testing::GoldenFace& face : faces) {
      const image::RgbImage crop = decode(crop_path(face.file, mode.crop));
      const std::array crops{crop.view()};
      const auto embeddings = from_keras->embed(crops, mode.preprocessing);
      const auto others = from_torch->embed(crops, mode.preprocessing);
      ASSERT_TRUE(embeddings && others);
      EXPECT_EQ((*embeddings)[0], (*others)[0]) << face.file;
      lowest = std::min(lowest, testing::cosine((*embeddings)[0], face.embeddings.at(m)));
      furthest = std::max(furthest, testing::largest_difference((*embeddings)[0], face.embeddings.at(m)));
    }
    std::cout << mode.embedding << ": lowest cosine " << lowest << ", 1 - it " << 1 - lowest << ", largest difference "
              << furthest << "\n";
    EXPECT_GE(lowest, 1 - 1e-9) << mode.embedding;
  }
}

}  // namespace
}  // namespace facepipe::packs
