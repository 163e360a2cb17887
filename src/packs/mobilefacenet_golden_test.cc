// MobileFaceNet from its TensorFlow Lite file, against what LiteRT makes of generated pictures. Needs .cache/models;
// expected values and their making: tests/data/golden/README.md.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include <array>
#include <cstdint>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/temporary_folder.h"
#include "embed/layer_embedder.h"
#include "embed/onnx_embedder.h"
#include "packs/embedder_source.h"
#include "packs/pack_builder.h"
#include "packs/test_golden_faces.h"
#include "packs/test_graph.h"
#include "packs/test_recipe.h"

namespace facepipe::packs {
namespace {

using ::testing::Contains;
using ::testing::Not;

const std::filesystem::path kRoot = FACEPIPE_SOURCE_DIR;
constexpr int kSide = 112;
constexpr const char* kDigest = "d8ba40c0127fb8ca9917e8fddc79bbbda063657bc92a496d34da0bc8a760443b";

PackRecipe mobilefacenet() {
  PackRecipe recipe = testing::pinned_recipe(kRoot / ".cache/models");
  recipe.embedder = kRoot / ".cache/models/MobileFaceNet.tflite";
  recipe.network = kTfliteNetwork;
  recipe.embedder_sha256 = kDigest;
  recipe.embedding_size = 192;
  recipe.preprocessing = {.mode = "test", .input_px = kSide, .normalisation = model::Normalisation::kFixed};
  return recipe;
}

// As make_mobilefacenet.py has it.
image::RgbImage generated(int seed) {
  image::RgbImage picture(kSide, kSide);
  for (int y = 0; y < kSide; ++y) {
    for (int x = 0; x < kSide; ++x) {
      for (int c = 0; c < 3; ++c) {
        picture.row(y)[3 * x + c] =
            static_cast<std::uint8_t>((7 * x * x / 16 + 13 * y + 31 * c * (x + y) / 8 + 101 * seed) % 256);
      }
    }
  }
  return picture;
}

class MobileFaceNetGolden : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = std::make_unique<TemporaryFolder>();
    const auto manifest = build_pack(mobilefacenet(), folder_->path());
    ASSERT_TRUE(manifest) << manifest.error().message;
    const auto pack = model::ModelPack::open(folder_->path());
    ASSERT_TRUE(pack) << pack.error().message;
    for (const bool portable : {false, true}) {
      auto embedder = embed::load_embedder(*pack, {.threads = 2, .portable = portable});
      ASSERT_TRUE(embedder) << embedder.error().message;
      (portable ? graph_ : layers_) = *std::move(embedder);
    }
  }
  static void TearDownTestSuite() {
    layers_.reset();
    graph_.reset();
    folder_.reset();
  }
  static std::unique_ptr<TemporaryFolder> folder_;
  static std::unique_ptr<const embed::Embedder> layers_;  // on own kernels, as programs run it
  static std::unique_ptr<const embed::Embedder> graph_;   // on ONNX Runtime
};
std::unique_ptr<TemporaryFolder> MobileFaceNetGolden::folder_;
std::unique_ptr<const embed::Embedder> MobileFaceNetGolden::layers_;
std::unique_ptr<const embed::Embedder> MobileFaceNetGolden::graph_;

TEST_F(MobileFaceNetGolden, EmbeddingsAreLiteRts) {
  simdjson::dom::parser parser;
  simdjson::dom::array pictures;
  ASSERT_EQ(parser.load((kRoot / "tests/data/golden/mobilefacenet.json").string())["pictures"].get(pictures),
            simdjson::SUCCESS);
  std::vector<image::RgbImage> made;
  std::vector<std::vector<float>> expected;
  for (const simdjson::dom::element picture : pictures) {
    made.push_back(generated(static_cast<int>(picture["seed"].get_int64().value())));
    expected.emplace_back();
    for (const simdjson::dom::element value : testing::golden_array(picture, "embedding")) {
      expected.back().push_back(static_cast<float>(value.get_double().value()));
    }
  }
  ASSERT_EQ(made.size(), 3U);
  const std::vector<image::RgbView> crops{made[0].view(), made[1].view(), made[2].view()};
  for (const auto* embedder : {layers_.get(), graph_.get()}) {
    const auto measured = embedder->measure(crops, mobilefacenet().preprocessing);
    ASSERT_TRUE(measured) << measured.error().message;
    double furthest = 0;
    double lowest = 1;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      furthest = std::max(furthest, testing::largest_difference((*measured)[i].embedding, expected[i]));
      lowest = std::min(lowest, testing::cosine((*measured)[i].embedding, expected[i]));
    }
    std::cout << (embedder == layers_.get() ? "layers" : "graph") << ": largest difference " << furthest
              << ", lowest cosine 1 - " << 1 - lowest << "\n";
    // float32 sums in another order: 1.4e-6 measured here, 7.2e-7 on a hundred photographs.
    EXPECT_LE(furthest, 4e-6);
    EXPECT_GE(lowest, 1 - 1e-9);
  }
  EXPECT_LT(testing::cosine(expected[0], expected[1]), 0.99) << "two pictures, two embeddings";
}

TEST_F(MobileFaceNetGolden, ThePackSaysWhatItIs) {
  const auto pack = model::ModelPack::open(folder_->path());
  ASSERT_TRUE(pack) << pack.error().message;
  EXPECT_EQ(pack->manifest().model_id, std::string("tflite:") + kDigest);
  EXPECT_EQ(pack->manifest().embedding_size, 192);
  EXPECT_EQ(pack->manifest().min_input_px, kSide);
  EXPECT_EQ(pack->manifest().sources.back().name, "MobileFaceNet.tflite");
  EXPECT_NE(dynamic_cast<const embed::LayerEmbedder*>(layers_.get()), nullptr);
  EXPECT_NE(dynamic_cast<const embed::OnnxEmbedder*>(graph_.get()), nullptr);
  for (const auto& [role, file] : pack->manifest().files) {
    EXPECT_EQ(role.find('@'), std::string::npos) << role << ": layers need no layout for one kind of machine";
  }
}

TEST_F(MobileFaceNetGolden, ItTakesOneSizeOfPictures) {
  model::Preprocessing larger = mobilefacenet().preprocessing;
  larger.input_px = 160;
  const image::RgbImage picture(160, 160);
  const std::array crops{picture.view()};
  for (const auto* embedder : {layers_.get(), graph_.get()}) {
    const auto refused = embedder->embed(crops, larger);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
    EXPECT_EQ(refused.error().message, "preprocessing 'test': expected an input of 112 to 112 pixels, got 160");
  }
  PackRecipe recipe = mobilefacenet();
  recipe.preprocessing.input_px = 160;
  const TemporaryFolder folder;
  const auto built = build_pack(recipe, folder / "pack");
  ASSERT_FALSE(built);
  EXPECT_EQ(built.error().code, ErrorCode::kMismatch);
}

TEST_F(MobileFaceNetGolden, EveryPreluIsRewritten) {
  const auto source = read_embedder(mobilefacenet());
  ASSERT_TRUE(source) << source.error().message;
  const std::vector<std::string> operators = testing::operators_of(source->graph);
  EXPECT_THAT(operators, Not(Contains("PRelu")));
  EXPECT_THAT(operators, Not(Contains("Abs")));
  EXPECT_EQ(std::ranges::count(operators, "Relu"), 33);
  EXPECT_EQ(std::ranges::count(operators, "Mul"), 33) << "one for each, between convolutions";
  EXPECT_EQ(std::ranges::count(operators, "Conv"), 52);
}

}  // namespace
}  // namespace facepipe::packs
