#include "recognize/recognizer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "embed/landmarks.h"
#include "embed/test_embedder.h"

namespace facepipe::recognize {
namespace {

using embed::testing::test_embedder;
using embed::testing::TestEmbedder;

// The "network" of these tests: an embedding is the first pixel's red and green.
Result<std::vector<embed::Embedding>> first_pixel(std::span<const image::RgbView> crops, const model::Preprocessing&) {
  std::vector<embed::Embedding> embeddings;
  for (const image::RgbView& crop : crops) {
    embeddings.push_back({static_cast<float>(crop.row(0)[0]), static_cast<float>(crop.row(0)[1])});
  }
  return embeddings;
}

model::Manifest manifest_of_two() {
  model::Manifest manifest;
  manifest.model_id = "m1";
  manifest.embedding_size = 2;
  return manifest;
}

gallery::Gallery people(std::optional<float> threshold) {
  gallery::Gallery gallery({"m1", model::known_mode("standard").value(), 2});
  gallery.set_distance_threshold(threshold);
  EXPECT_TRUE(gallery.add("ada", std::vector<float>{0, 0}));
  EXPECT_TRUE(gallery.add("bob", std::vector<float>{100, 0}));
  return gallery;
}

Probe probe_of(std::uint8_t red, std::uint8_t green) {
  image::RgbImage pixels(160, 160);
  pixels.row(0)[0] = red;
  pixels.row(0)[1] = green;
  return {std::move(pixels), std::nullopt};
}

FaceRecognizer recognizer_of(gallery::Gallery gallery, TestEmbedder::Function embed = first_pixel) {
  auto recognizer = FaceRecognizer::create(test_embedder(std::move(embed)), manifest_of_two(), std::move(gallery));
  EXPECT_TRUE(recognizer) << recognizer.error().message;
  return *std::move(recognizer);
}

TEST(RunNetwork, AMirroredPreprocessingAddsTheMirrorImage) {
  image::RgbImage pixels(4, 2);
  pixels.row(0)[0] = 30;  // the first pixel's red; the mirror image's is 0
  pixels.row(0)[3 * 3 + 1] = 40;
  const std::vector<image::RgbView> views{pixels.view(), pixels.view()};
  const auto embedder = test_embedder(first_pixel);
  model::Preprocessing preprocessing;
  const auto plain = run_network(*embedder, views, preprocessing);
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->at(0).embedding, (embed::Embedding{30, 0}));
  preprocessing.mirrored = true;
  const auto mirrored = run_network(*embedder, views, preprocessing);
  ASSERT_TRUE(mirrored) << mirrored.error().message;
  ASSERT_EQ(mirrored->size(), 2U);
  EXPECT_FLOAT_EQ(mirrored->at(1).embedding[0], 0.6F);
  EXPECT_FLOAT_EQ(mirrored->at(1).embedding[1], 0.8F);
}

TEST(FaceRecognizer, NamesTheNearestAndTheRunnerUp) {
  const FaceRecognizer recognizer = recognizer_of(people({}));
  std::vector<Probe> probes;
  probes.push_back(probe_of(90, 0));
  probes.push_back(probe_of(3, 4));
  const auto identities = recognizer.recognize(probes);
  ASSERT_TRUE(identities) << identities.error().message;
  ASSERT_EQ(identities->size(), 2U);
  EXPECT_EQ((*identities)[0].name, "bob");
  EXPECT_TRUE((*identities)[0].known);
  EXPECT_EQ((*identities)[0].distance, 10.0F);
  EXPECT_EQ((*identities)[0].second_name, "ada");
  EXPECT_EQ((*identities)[0].second_distance, 90.0F);
  EXPECT_EQ((*identities)[0].person, recognizer.gallery().id_of("bob").value());
  EXPECT_EQ((*identities)[0].second_person, recognizer.gallery().id_of("ada").value());
  EXPECT_EQ((*identities)[1].name, "ada");
  EXPECT_EQ((*identities)[1].distance, 5.0F);
}

TEST(FaceRecognizer, PastTheThresholdIsUnknown) {
  const FaceRecognizer recognizer = recognizer_of(people(10.0F));
  const auto within = recognizer.identify(std::vector<float>{90, 0});  // at the threshold
  ASSERT_TRUE(within);
  EXPECT_EQ(within->name, "bob");
  const auto past = recognizer.identify(std::vector<float>{89, 0});
  ASSERT_TRUE(past);
  EXPECT_EQ(past->name, "unknown");
  EXPECT_EQ(past->person, std::nullopt);
  EXPECT_EQ(past->second_person, std::nullopt);
  EXPECT_FALSE(past->known);
  EXPECT_EQ(past->distance, 11.0F);
  EXPECT_EQ(past->second_name, "");
  EXPECT_EQ(past->second_distance, std::nullopt);
}

TEST(FaceRecognizer, WithoutAThresholdAlwaysTheNearest) {
  const auto far = recognizer_of(people({})).identify(std::vector<float>{1e6F, 0});
  ASSERT_TRUE(far);
  EXPECT_EQ(far->name, "bob");
}

TEST(FaceRecognizer, EmptyGalleryKnowsNobody) {
  const FaceRecognizer recognizer = recognizer_of(gallery::Gallery({"m1", model::known_mode("standard").value(), 2}));
  const auto identity = recognizer.identify(std::vector<float>{1, 2});
  ASSERT_TRUE(identity);
  EXPECT_EQ(identity->name, "unknown");
  EXPECT_EQ(identity->distance, std::nullopt);
}

TEST(FaceRecognizer, NoProbesNoRun) {
  const FaceRecognizer recognizer =
      recognizer_of(people({}), [](auto, const auto&) -> Result<std::vector<embed::Embedding>> {
        ADD_FAILURE() << "the network ran";
        return Error{};
      });
  const auto identities = recognizer.recognize({});
  ASSERT_TRUE(identities);
  EXPECT_TRUE(identities->empty());
}

TEST(FaceRecognizer, ManyFacesTakeSeveralRunsInOrder) {
  std::vector<std::size_t> runs;
  const FaceRecognizer recognizer =
      recognizer_of(people({}), [&](auto crops, const model::Preprocessing& preprocessing) {
        runs.push_back(crops.size());
        EXPECT_EQ(preprocessing.mode, "standard");
        return first_pixel(crops, preprocessing);
      });
  std::vector<Probe> probes;
  for (std::size_t i = 0; i < kMaxFacesPerRun + 3; ++i) {
    probes.push_back(probe_of(static_cast<std::uint8_t>(i), 7));
  }
  const auto embeddings = recognizer.embed(probes);
  ASSERT_TRUE(embeddings);
  EXPECT_EQ(runs, (std::vector<std::size_t>{kMaxFacesPerRun, 3}));
  ASSERT_EQ(embeddings->size(), probes.size());
  for (std::size_t i = 0; i < probes.size(); ++i) {
    EXPECT_EQ((*embeddings)[i], (embed::Embedding{static_cast<float>(i), 7}));
  }
}

TEST(FaceRecognizer, PassesFailuresOn) {
  std::vector<Probe> probes;
  probes.push_back(probe_of(1, 1));
  const auto failing = recognizer_of(people({}), [](auto, const auto&) -> Result<std::vector<embed::Embedding>> {
    return Error{ErrorCode::kExhausted, "no memory"};
  });
  EXPECT_EQ(failing.recognize(probes).error().message, "no memory");
  const auto short_run = recognizer_of(people({}), [](auto, const auto&) -> Result<std::vector<embed::Embedding>> {
    return std::vector<embed::Embedding>{};
  });
  EXPECT_EQ(short_run.recognize(probes).error().code, ErrorCode::kInternal);
  probes.push_back({image::RgbImage(), std::nullopt});
  EXPECT_EQ(recognizer_of(people({})).recognize(probes).error().code, ErrorCode::kInvalidData);
}

TEST(FaceRecognizer, RefusesAnotherModel) {
  model::Manifest other = manifest_of_two();
  other.model_id = "m2";
  const auto wrong_model = FaceRecognizer::create(test_embedder(first_pixel), other, people({}));
  ASSERT_FALSE(wrong_model);
  EXPECT_EQ(wrong_model.error().code, ErrorCode::kMismatch);
  other = manifest_of_two();
  other.embedding_size = 512;
  EXPECT_EQ(FaceRecognizer::create(test_embedder(first_pixel), other, people({})).error().code, ErrorCode::kMismatch);
  // The gallery's own mode counts, not the pack's.
  other = manifest_of_two();
  other.preprocessing = model::known_mode("whitened").value();
  EXPECT_TRUE(FaceRecognizer::create(test_embedder(first_pixel), other, people({})));
}

// An aligned face that waited as its input, and one that did not, are the same.
TEST(FaceRecognizer, PreparesAFaceOfAnyAlignmentOnce) {
  model::Preprocessing aligned{.mode = "mine",
                               .input_px = embed::kArcFaceSidePx,
                               .alignment = std::string(model::kLandmarksAlignment),
                               .points = embed::kArcFacePoints,
                               .mirrored = true};
  gallery::Gallery gallery({"m1", aligned, 2});
  EXPECT_TRUE(gallery.add("ada", std::vector<float>{1, 0}));
  const FaceRecognizer recognizer = recognizer_of(std::move(gallery));
  Probe probe{image::RgbImage(200, 200), image::Box{40, 40, 130, 160}};
  for (int y = 0; y < 200; ++y) {
    for (int x = 0; x < 600; ++x) {
      probe.pixels.row(y)[x] = static_cast<std::uint8_t>(x * 5 + y * 3);
    }
  }
  EXPECT_TRUE(recognizer.lacks_landmarks(probe));
  auto prepared = recognizer.prepare(probe);
  ASSERT_TRUE(prepared) << prepared.error().message;
  EXPECT_EQ(prepared->pixels.width(), embed::kArcFaceSidePx);
  EXPECT_FALSE(recognizer.lacks_landmarks(*prepared));
  const auto at_once = recognizer.embed(std::span(&probe, 1));
  const auto later = recognizer.embed(std::span(&*prepared, 1));
  ASSERT_TRUE(at_once) << at_once.error().message;
  ASSERT_TRUE(later);
  EXPECT_EQ(*at_once, *later);
}

}  // namespace
}  // namespace facepipe::recognize
