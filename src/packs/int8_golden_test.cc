// The int8 variant of the default weights, calibrated on the training photographs, on the validation ones. Needs
// .cache/models and .cache/photos. Measured: docs/numerics.md.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/temporary_folder.h"
#include "embed/crop.h"
#include "embed/onnx_embedder.h"
#include "embed/prepacked.h"
#include "image/decode.h"
#include "packs/pack_builder.h"
#include "packs/test_golden_faces.h"
#include "packs/test_recipe.h"

namespace facepipe::packs {
namespace {

using embed::Embedding;
using embed::make_crop;
using embed::OnnxEmbedder;
using embed::prepack_target;
using embed::prepacked_weights_role;
const std::filesystem::path kRoot = FACEPIPE_SOURCE_DIR;
constexpr const char* kModelId = "inception-resnet-v1:08b17a8162e442d3574b48202cd4179f4ed1f05e39f6a4c88769bc90d1086791";
constexpr std::size_t kWhitened = 3;  // golden_modes()

image::RgbImage crop_of(const testing::GoldenFace& face) {
  const auto bytes = read_file(kRoot / ".cache/photos" / face.file, std::size_t{32} << 20U);
  EXPECT_TRUE(bytes) << bytes.error().message;
  const auto picture = image::decode_image(*bytes, {.apply_exif_orientation = false, .limits = {}});
  EXPECT_TRUE(picture) << picture.error().message;
  return make_crop(picture->view(), face.box, testing::golden_modes().at(kWhitened).preprocessing);
}

bool is_known(const testing::GoldenFace& face) {
  return face.file.starts_with("train/");
}

class Int8Golden : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = std::make_unique<TemporaryFolder>();
    faces_ = testing::read_golden_faces(kRoot / "tests/data/golden/golden.json");
    ASSERT_EQ(faces_.size(), 118U);
    PackRecipe recipe = testing::pinned_recipe(kRoot / ".cache/models");
    recipe.precision = model::Precision::kInt8;
    for (const testing::GoldenFace& face : faces_) {
      if (is_known(face)) {
        recipe.calibration.push_back(crop_of(face));
      }
    }
    const auto manifest = build_pack(recipe, folder_->path());
    ASSERT_TRUE(manifest) << manifest.error().message;
    const auto embedder = OnnxEmbedder::load(pack());
    ASSERT_TRUE(embedder) << embedder.error().message;
    EXPECT_TRUE(embedder->prepacked());
    for (const testing::GoldenFace& face : faces_) {
      embeddings_.push_back(embed(*embedder, crop_of(face)));
    }
  }
  static void TearDownTestSuite() { folder_.reset(); }

  static model::ModelPack pack() { return model::ModelPack::open(folder_->path()).value(); }
  static Embedding embed(const OnnxEmbedder& embedder, const image::RgbImage& crop) {
    const std::array crops{crop.view()};
    return embedder.embed(crops, testing::golden_modes().at(kWhitened).preprocessing).value().at(0);
  }
  static std::vector<Embedding> fp32() {
    std::vector<Embedding> reference;
    for (const testing::GoldenFace& face : faces_) {
      reference.push_back(face.embeddings.at(kWhitened));
    }
    return reference;
  }

  static std::unique_ptr<TemporaryFolder> folder_;
  static std::vector<testing::GoldenFace> faces_;
  static std::vector<Embedding> embeddings_;  // int8, of faces_
};
std::unique_ptr<TemporaryFolder> Int8Golden::folder_;
std::vector<testing::GoldenFace> Int8Golden::faces_;
std::vector<Embedding> Int8Golden::embeddings_;

// Validation photographs whose nearest known one is of the same person.
int count_right(const std::vector<testing::GoldenFace>& faces, const std::vector<Embedding>& known,
                const std::vector<Embedding>& probes) {
  int right = 0;
  for (std::size_t probe = 0; probe < faces.size(); ++probe) {
    if (is_known(faces[probe])) {
      continue;
    }
    double best = -2;
    std::string name;
    for (std::size_t i = 0; i < faces.size(); ++i) {
      const double similarity = testing::cosine(probes[probe], known[i]);
      if (is_known(faces[i]) && similarity > best) {
        best = similarity;
        name = faces[i].person;
      }
    }
    right += name == faces[probe].person ? 1 : 0;
  }
  return right;
}

TEST_F(Int8Golden, UnseenFacesHaveNearlyTheReferencesEmbeddings) {
  double sum = 0;
  double lowest = 1;
  int count = 0;
  for (std::size_t i = 0; i < faces_.size(); ++i) {
    if (!is_known(faces_[i])) {
      const double cosine = testing::cosine(embeddings_[i], faces_[i].embeddings.at(kWhitened));
      sum += cosine;
      lowest = std::min(lowest, cosine);
      ++count;
    }
  }
  ASSERT_EQ(count, 25);
  std::cout << "mean cosine " << sum / count << ", lowest " << lowest << "\n";
  EXPECT_GE(sum / count, 0.999);  // measured: 0.99936
  EXPECT_GE(lowest, 0.998);       // measured: 0.99884
}

TEST_F(Int8Golden, EveryFaceIsNamedRightWhicheverPrecisionMadeTheGallery) {
  EXPECT_EQ(count_right(faces_, embeddings_, embeddings_), 25);
  EXPECT_EQ(count_right(faces_, fp32(), embeddings_), 25);
  EXPECT_EQ(count_right(faces_, embeddings_, fp32()), 25);
}

TEST_F(Int8Golden, ThePackSaysWhatItIsAndHoldsNoFloatWeights) {
  const model::Manifest manifest = pack().manifest();
  EXPECT_EQ(manifest.precision, model::Precision::kInt8);
  EXPECT_EQ(manifest.model_id, kModelId);  // that of the fp32 pack: galleries are exchanged
  ASSERT_TRUE(manifest.fp32_cosine);
  std::cout << "the manifest's cosine " << *manifest.fp32_cosine << "\n";
  EXPECT_GE(*manifest.fp32_cosine, 0.999F);  // measured: 0.99932
  EXPECT_TRUE(pack().verify());
  constexpr std::uint64_t kMaxBytes = 26'000'000;  // 22.8 million weights, of which 0.2 million float32
  EXPECT_LT(manifest.files.at("embedder").size_bytes, kMaxBytes);
  EXPECT_LT(manifest.files.at(prepacked_weights_role(prepack_target())).size_bytes, kMaxBytes);
}

TEST_F(Int8Golden, ThePortableGraphGivesTheSame) {
  const auto portable = OnnxEmbedder::load(pack(), {.portable = true});
  ASSERT_TRUE(portable) << portable.error().message;
  EXPECT_FALSE(portable->prepacked());
  const double difference = testing::largest_difference(embed(*portable, crop_of(faces_[0])), embeddings_[0]);
  std::cout << "largest difference to the portable graph " << difference << "\n";
  EXPECT_LE(difference, 1e-6);  // measured: none
}

}  // namespace
}  // namespace facepipe::packs
