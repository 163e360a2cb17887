// From photographs and the reference's boxes to embeddings, with the default weights. Needs .cache/models and
// .cache/photos; expected values and their making: tests/data/golden/README.md.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <functional>
#include <iostream>
#include <memory>
#include <vector>

#include "base/file.h"
#include "base/temporary_folder.h"
#include "embed/crop.h"
#include "embed/onnx_embedder.h"
#include "embed/prepacked.h"
#include "image/decode.h"
#include "image/test_pictures.h"
#include "packs/inception_resnet_v1.h"
#include "packs/pack_builder.h"
#include "packs/test_golden_faces.h"
#include "packs/test_pack.h"
#include "packs/test_recipe.h"

namespace facepipe::packs {
namespace {

using embed::Embedding;
using embed::kPatternRole;
using embed::make_crop;
using embed::OnnxEmbedder;
using embed::prepack_target;
using embed::prepacked_role;
using embed::prepacked_weights_role;
using ::testing::HasSubstr;

const std::filesystem::path kRoot = FACEPIPE_SOURCE_DIR;
constexpr const char* kModelId = "inception-resnet-v1:08b17a8162e442d3574b48202cd4179f4ed1f05e39f6a4c88769bc90d1086791";

PackRecipe recipe() {
  PackRecipe recipe = testing::pinned_recipe(kRoot / ".cache/models");
  recipe.name = "facenet-msceleb-128";
  recipe.distance_threshold = 1.0F;
  recipe.threshold_far = 0.001F;
  return recipe;
}

image::RgbImage photograph(const std::string& file) {
  const auto bytes = read_file(kRoot / ".cache/photos" / file, std::size_t{32} << 20U);
  EXPECT_TRUE(bytes) << bytes.error().message;
  auto picture = image::decode_image(*bytes, {.apply_exif_orientation = false, .limits = {}});
  EXPECT_TRUE(picture) << picture.error().message;
  return *std::move(picture);
}

// One pack and one embedder for all tests.
class EmbedGolden : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = std::make_unique<TemporaryFolder>();
    const auto manifest = build_pack(recipe(), folder_->path());
    ASSERT_TRUE(manifest) << manifest.error().message;
    const auto pack = model::ModelPack::open(folder_->path());
    ASSERT_TRUE(pack) << pack.error().message;
    auto embedder = OnnxEmbedder::load(*pack);
    ASSERT_TRUE(embedder) << embedder.error().message;
    embedder_ = std::make_unique<OnnxEmbedder>(*std::move(embedder));
    faces_ = testing::read_golden_faces(kRoot / "tests/data/golden/golden.json");
    ASSERT_EQ(faces_.size(), 118U);
  }
  static void TearDownTestSuite() {
    embedder_.reset();
    folder_.reset();
  }

  static std::unique_ptr<TemporaryFolder> folder_;
  static std::unique_ptr<OnnxEmbedder> embedder_;
  static std::vector<testing::GoldenFace> faces_;
};
std::unique_ptr<TemporaryFolder> EmbedGolden::folder_;
std::unique_ptr<OnnxEmbedder> EmbedGolden::embedder_;
std::vector<testing::GoldenFace> EmbedGolden::faces_;

// Each `val` photograph has the name of its nearest `train` photograph.
int count_right(const std::vector<testing::GoldenFace>& faces, const std::vector<Embedding>& embeddings) {
  int right = 0;
  for (std::size_t probe = 0; probe < faces.size(); ++probe) {
    if (!faces[probe].file.starts_with("val/")) {
      continue;
    }
    double best = -2;
    std::string name;
    for (std::size_t known = 0; known < faces.size(); ++known) {
      const double similarity = testing::cosine(embeddings[probe], embeddings[known]);
      if (faces[known].file.starts_with("train/") && similarity > best) {
        best = similarity;
        name = faces[known].person;
      }
    }
    right += name == faces[probe].person ? 1 : 0;
  }
  return right;
}

class EmbedGoldenMode : public EmbedGolden, public ::testing::WithParamInterface<std::size_t> {};

TEST_P(EmbedGoldenMode, EmbeddingsAreTheReferences) {
  const testing::GoldenMode mode = testing::golden_modes().at(GetParam());
  double furthest = 0;
  double lowest = 1;
  std::vector<Embedding> all;
  for (const testing::GoldenFace& face : faces_) {
    const image::RgbImage picture = photograph(face.file);
    const image::RgbImage crop = make_crop(picture.view(), face.box, mode.preprocessing);
    const std::array crops{crop.view()};
    const auto embeddings = embedder_->embed(crops, mode.preprocessing);
    ASSERT_TRUE(embeddings) << embeddings.error().message;
    const double cosine = testing::cosine((*embeddings)[0], face.embeddings.at(GetParam()));
    EXPECT_GE(cosine, 1 - 1e-10) << face.file;  // lowest measured: 1 - 2.4e-12; grows with the square
    lowest = std::min(lowest, cosine);
    furthest = std::max(furthest, testing::largest_difference((*embeddings)[0], face.embeddings.at(GetParam())));
    all.push_back((*embeddings)[0]);
  }
  // float32 sums in another order: 4.5e-7 measured, with and without AVX-512; six times that.
  std::cout << "largest difference " << furthest << ", lowest cosine 1 - " << 1 - lowest << "\n";
  EXPECT_LE(furthest, 2.7e-6);
  EXPECT_EQ(count_right(faces_, all), GetParam() == 0 ? 20 : 25);
}

INSTANTIATE_TEST_SUITE_P(Modes, EmbedGoldenMode, ::testing::Values(0U, 1U, 2U, 3U), [](const auto& instance) {
  return std::string(testing::golden_modes().at(instance.param).embedding);
});

TEST_F(EmbedGolden, ABatchGivesWhatSingleRunsGive) {
  const model::Preprocessing preprocessing = *model::known_mode("whitened");
  const auto pack = model::ModelPack::open(folder_->path());
  ASSERT_TRUE(pack) << pack.error().message;
  const auto two_threads = OnnxEmbedder::load(*pack, {.threads = 2});
  ASSERT_TRUE(two_threads) << two_threads.error().message;
  std::vector<image::RgbImage> pictures;
  std::vector<image::RgbView> crops;
  for (unsigned seed = 0; seed < 6; ++seed) {
    pictures.push_back(image::testing::random_picture(seed, 160, 160));
  }
  for (const image::RgbImage& picture : pictures) {
    crops.push_back(picture.view());
  }
  const auto batch = embedder_->embed(crops, preprocessing);
  ASSERT_TRUE(batch) << batch.error().message;
  const auto parallel = two_threads->embed(crops, preprocessing);
  ASSERT_TRUE(parallel) << parallel.error().message;
  double in_batch = 0;
  double in_parallel = 0;
  for (std::size_t i = 0; i < crops.size(); ++i) {
    const auto single = embedder_->embed(std::span(crops).subspan(i, 1), preprocessing);
    ASSERT_TRUE(single) << single.error().message;
    in_batch = std::max(in_batch, testing::largest_difference((*batch)[i], (*single)[0]));
    in_parallel = std::max(in_parallel, testing::largest_difference((*parallel)[i], (*single)[0]));
  }
  std::cout << "largest difference in a batch " << in_batch << ", on two threads " << in_parallel << "\n";
  // Measured: none. As much as two orders of summation differ.
  EXPECT_LE(in_batch, 1e-6);
  EXPECT_LE(in_parallel, 1e-6);
}

// Changes the manifest's JSON and opens the pack again.
model::ModelPack with_manifest(const std::filesystem::path& folder,
                               const std::function<void(model::Manifest&)>& change) {
  model::Manifest manifest = model::ModelPack::open(folder).value().manifest();
  change(manifest);
  EXPECT_TRUE(write_file_atomically(folder / model::kManifestFileName, as_bytes(model::manifest_to_json(manifest))));
  return model::ModelPack::open(folder).value();
}

// A pack of its own for tests that spoil it.
class EmbedGoldenPrepacked : public EmbedGolden {
 protected:
  EmbedGoldenPrepacked() : crop_(image::testing::random_picture(7, 160, 160)) {
    for (const auto& entry : std::filesystem::directory_iterator(folder_->path())) {
      std::filesystem::copy(entry.path(), copy_ / entry.path().filename());
    }
  }
  [[nodiscard]] Embedding embed(const OnnxEmbedder& embedder) const {
    const std::array crops{crop_.view()};
    return embedder.embed(crops, *model::known_mode("whitened")).value().at(0);
  }
  static void flip_a_bit(const std::filesystem::path& path) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    const auto middle = static_cast<std::streamoff>(std::filesystem::file_size(path) / 2);
    file.seekg(middle);
    const int byte = file.get();
    file.seekp(middle);
    file.put(static_cast<char>(byte ^ 1));
    ASSERT_TRUE(file.good());
  }
  const TemporaryFolder copy_;
  image::RgbImage crop_;
};

TEST_F(EmbedGoldenPrepacked, GivesThePortableGraphsEmbeddings) {
  EXPECT_TRUE(embedder_->prepacked());
  const auto pack = model::ModelPack::open(copy_.path());
  ASSERT_TRUE(pack) << pack.error().message;
  const auto portable = OnnxEmbedder::load(*pack, {.portable = true});
  ASSERT_TRUE(portable) << portable.error().message;
  EXPECT_FALSE(portable->prepacked());
  const double difference = testing::largest_difference(embed(*embedder_), embed(*portable));
  std::cout << "largest difference to the portable graph " << difference << "\n";
  EXPECT_LE(difference, 1e-6);
}

TEST_F(EmbedGoldenPrepacked, AnotherMachinesLayoutIsPassedOver) {
  const std::string role = prepacked_role(prepack_target());
  const auto pack = with_manifest(copy_.path(), [&](model::Manifest& manifest) {
    auto file = manifest.files.extract(role);
    file.key() = prepacked_role("onnxruntime-1.0.0-x86_64");
    manifest.files.insert(std::move(file));
  });
  const auto embedder = OnnxEmbedder::load(pack);
  ASSERT_TRUE(embedder) << embedder.error().message;
  EXPECT_FALSE(embedder->prepacked());
  EXPECT_LE(testing::largest_difference(embed(*embedder_), embed(*embedder)), 1e-6);
}

TEST_F(EmbedGoldenPrepacked, AFlippedBitOfAnyFileThatIsLoadedIsRefusedByName) {
  const auto pack = model::ModelPack::open(copy_.path());
  ASSERT_TRUE(pack) << pack.error().message;
  const std::string target = prepack_target();
  for (const std::string& role : {prepacked_role(target), prepacked_weights_role(target), std::string(kPatternRole)}) {
    const std::filesystem::path file = pack->file(role);
    flip_a_bit(file);
    const auto embedder = OnnxEmbedder::load(*pack);
    ASSERT_FALSE(embedder) << role;
    EXPECT_EQ(embedder.error().code, ErrorCode::kMismatch) << role;
    EXPECT_TRUE(embedder.error().message.starts_with(file.string() + ": the file is damaged: expected XXH64 "))
        << embedder.error().message;
    flip_a_bit(file);
  }
  EXPECT_TRUE(OnnxEmbedder::load(*pack));
  flip_a_bit(pack->file("embedder"));
  EXPECT_TRUE(OnnxEmbedder::load(*pack)) << "which is not loaded here";
  const auto portable = OnnxEmbedder::load(*pack, {.portable = true});
  ASSERT_FALSE(portable);
  EXPECT_EQ(portable.error().code, ErrorCode::kMismatch);
}

TEST_F(EmbedGoldenPrepacked, AnotherLayoutOfTheWeightsIsFoundAndThePortableGraphIsUsed) {
  const auto pack = model::ModelPack::open(copy_.path());
  ASSERT_TRUE(pack) << pack.error().message;
  const std::filesystem::path weights = pack->file(prepacked_weights_role(prepack_target()));
  auto bytes = read_file(weights, std::size_t{1} << 30U);
  ASSERT_TRUE(bytes) << bytes.error().message;
  // Blocks in another order, as another vector width would have them.
  constexpr std::ptrdiff_t kBlock = 32;
  for (auto at = bytes->begin(); bytes->end() - at >= 2 * kBlock; at += 2 * kBlock) {
    std::swap_ranges(at, at + kBlock, at + kBlock);
  }
  ASSERT_TRUE(write_file_atomically(weights, *bytes));
  const auto whole = with_manifest(copy_.path(), [&](model::Manifest& manifest) {
    manifest.files.at(prepacked_weights_role(prepack_target())) = model::pack_file(weights.filename().string(), *bytes);
  });
  const auto embedder = OnnxEmbedder::load(whole);
  ASSERT_TRUE(embedder) << embedder.error().message;
  EXPECT_FALSE(embedder->prepacked());
  EXPECT_LE(testing::largest_difference(embed(*embedder_), embed(*embedder)), 1e-6);
}

TEST_F(EmbedGolden, ThePackSaysWhatItIs) {
  const auto pack = model::ModelPack::open(folder_->path());
  ASSERT_TRUE(pack) << pack.error().message;
  EXPECT_TRUE(pack->verify());
  const model::Manifest& manifest = pack->manifest();
  EXPECT_EQ(manifest.model_id, kModelId);
  EXPECT_EQ(manifest.embedding_size, 128);
  EXPECT_EQ(manifest.preprocessing, *model::known_mode("whitened"));
  EXPECT_EQ(manifest.distance_threshold, 1.0F);
  ASSERT_EQ(manifest.sources.size(), 4U);
  EXPECT_EQ(manifest.sources[0].name, "pnet.pt");
  EXPECT_EQ(manifest.sources[3].name, "facenet_keras.h5");
  EXPECT_EQ(manifest.sources[3].sha256, "6acdd8fb3a3fb2b54257abdd1879246a3fcbe18fbe53a41c751e141abe63a0af");
  EXPECT_EQ(manifest.embedding_size, 128);
  EXPECT_EQ(manifest.min_input_px, kMinInputPx);
  EXPECT_EQ(manifest.detector_kind, "mtcnn");
  EXPECT_EQ(manifest.embedder_kind, "onnx");
}

std::vector<std::string> file_names(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    names.push_back(entry.path().filename().string());
  }
  std::ranges::sort(names);
  return names;
}

TEST_F(EmbedGolden, APackIsReplacedWithoutRemains) {
  const TemporaryFolder folder;
  // A valid pack with other file names, and a file that is no part of any pack.
  static_cast<void>(testing::write_pack(folder.path(), as_bytes("old"), 3));
  ASSERT_TRUE(write_file_atomically(folder.path() / "notes.txt", as_bytes("mine")));
  const auto built = build_pack(recipe(), folder.path());
  ASSERT_TRUE(built) << built.error().message;
  std::vector<std::string> expected{"manifest.json", "notes.txt"};
  for (const auto& [role, file] : built->files) {
    expected.push_back(file.name);
  }
  std::ranges::sort(expected);
  EXPECT_EQ(file_names(folder.path()), expected);
  // Equal inputs give equal bytes: the other pack of this suite has the same manifest, digests included.
  const auto first = read_file(folder_->path() / "manifest.json", 1U << 20U);
  const auto second = read_file(folder.path() / "manifest.json", 1U << 20U);
  ASSERT_TRUE(first && second);
  EXPECT_EQ(*first, *second);
}

TEST_F(EmbedGolden, ARecipeThatMakesNoValidManifestWritesNothing) {
  const TemporaryFolder folder;
  PackRecipe bad = recipe();
  bad.licence.clear();
  const auto built = build_pack(bad, folder.path() / "pack");
  ASSERT_FALSE(built);
  EXPECT_EQ(built.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(built.error().message, "manifest: field 'licence' must be a text that is not empty");
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "pack"));
}

TEST_F(EmbedGolden, AnInputThatIsTooSmallForTheNetworkIsRefused) {
  const TemporaryFolder folder;
  PackRecipe small = recipe();
  small.preprocessing.input_px = 74;
  const auto built = build_pack(small, folder / "pack");
  ASSERT_FALSE(built);
  EXPECT_EQ(built.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(built.error().message, "input_px: Inception-ResNet v1 needs at least 75, got 74");
  EXPECT_FALSE(std::filesystem::exists(folder / "pack"));
}

TEST_F(EmbedGolden, ARecipeForAnotherFileSaysWhich) {
  const TemporaryFolder folder;
  PackRecipe other = recipe();
  other.embedder_sha256 = std::string(64, '0');
  const auto built = build_pack(other, folder / "pack");
  ASSERT_FALSE(built);
  EXPECT_EQ(built.error().code, ErrorCode::kMismatch);
  EXPECT_THAT(built.error().message, HasSubstr("the file of SHA-256 " + other.embedder_sha256 + ", this is 6acdd8fb"));
  other = recipe();
  other.network = kTfliteNetwork;
  EXPECT_THAT(build_pack(other, folder / "pack").error().message, HasSubstr("a network of kind tflite, this is incep"));
  other = recipe();
  other.embedding_size = 512;
  EXPECT_THAT(build_pack(other, folder / "pack").error().message, HasSubstr("of 512 values, this is of 128"));
}

TEST_F(EmbedGolden, WeightsOfAnotherNetworkAreNamed) {
  const TemporaryFolder folder;
  PackRecipe swapped = recipe();
  swapped.embedder = swapped.onet;
  const auto built = build_pack(swapped, folder.path());
  ASSERT_FALSE(built);
  EXPECT_THAT(built.error().message, HasSubstr(swapped.embedder.string()));
  PackRecipe crossed = recipe();
  std::swap(crossed.pnet, crossed.rnet);
  const auto also = build_pack(crossed, folder.path());
  ASSERT_FALSE(also);
  EXPECT_THAT(also.error().message, HasSubstr("pnet"));
}

}  // namespace
}  // namespace facepipe::packs
