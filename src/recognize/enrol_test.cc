#include "recognize/enrol.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "base/file.h"
#include "base/temporary_folder.h"
#include "detect/test_detector.h"
#include "embed/test_embedder.h"
#include "image/encode.h"

namespace facepipe::recognize {
namespace {

// A picture whose first pixel's red tells the "detector" below how many faces to find.
Bytes picture(std::uint8_t faces, std::uint8_t green = 0) {
  image::RgbImage pixels(64, 48);
  pixels.row(0)[0] = faces;
  for (int y = 0; y < pixels.height(); ++y) {
    for (int x = 1; x < pixels.width(); ++x) {
      pixels.row(y)[3 * x + 1] = green;
    }
  }
  return image::encode_png(pixels.view()).value();
}

Result<detect::Detection> red_faces(image::RgbView frame, const WorkLimit&) {
  detect::Detection found;
  for (int i = 0; i < frame.row(0)[0]; ++i) {
    found.faces.push_back({{8, 8, 48.0F - static_cast<float>(i), 40}, 0.99F, {}});  // the largest first
  }
  return found;
}

Result<std::vector<embed::Embedding>> green_of(std::span<const image::RgbView> crops, const model::Preprocessing&) {
  std::vector<embed::Embedding> embeddings;
  for (const image::RgbView& crop : crops) {
    EXPECT_EQ(crop.width, 160);
    embeddings.push_back({static_cast<float>(crop.row(80)[80 * 3 + 1])});
  }
  return embeddings;
}

model::Manifest manifest() {
  model::Manifest manifest;
  manifest.model_id = "m1";
  manifest.embedding_size = 1;
  return manifest;
}

class Enrol : public ::testing::Test {
 protected:
  Enroller enroller(EnrolOptions options = {}) {
    auto enroller = Enroller::create(people_, manifest(), detector_, green_, options);
    EXPECT_TRUE(enroller) << enroller.error().message;
    return *std::move(enroller);
  }
  std::filesystem::path write(const std::filesystem::path& name, ByteView content) {
    std::filesystem::create_directories((folder_ / name).parent_path());
    EXPECT_TRUE(write_file_atomically(folder_ / name, content));
    return folder_ / name;
  }

  gallery::KnownPeople people_{gallery::Gallery({"", model::known_mode("standard").value(), 1})};
  const gallery::Gallery& gallery_ = people_.gallery();
  const TemporaryFolder folder_;
  const detect::testing::TestDetector detector_{red_faces};
  const embed::testing::TestEmbedder green_{green_of};
};

TEST_F(Enrol, AddsOneFaceAPictureAndReportsTheRest) {
  Enroller enroller = this->enroller();
  ASSERT_TRUE(enroller.add("ada", "1.png", picture(1, 40)));
  ASSERT_TRUE(enroller.add("ada", "none.png", picture(0)));
  ASSERT_TRUE(enroller.add("ada", "two.png", picture(2)));
  ASSERT_TRUE(enroller.add("ada", "text", as_bytes("hello")));
  ASSERT_TRUE(enroller.add("", "unnamed.png", picture(1)));
  ASSERT_TRUE(enroller.add("bob", "2.png", picture(1, 80)));
  const auto summary = enroller.finish();
  ASSERT_TRUE(summary) << summary.error().message;
  EXPECT_EQ(summary->added, 2U);
  ASSERT_EQ(summary->failed.size(), 4U);
  EXPECT_EQ(summary->failed[0].file, "none.png");
  EXPECT_EQ(summary->failed[0].reason, "no face found");
  EXPECT_EQ(summary->failed[1].reason, "expected one face, found 2");
  EXPECT_EQ(summary->failed[2].file, "text");
  EXPECT_EQ(summary->failed[3].reason, "a name has 1 to 256 bytes; this one has 0");
  ASSERT_EQ(gallery_.people().size(), 2U);
  EXPECT_EQ(gallery_.people()[0].name, "ada");
  EXPECT_EQ(gallery_.embedding(0)[0], 40.0F);
  EXPECT_EQ(gallery_.embedding(1)[0], 80.0F);
  EXPECT_EQ(gallery_.origin().model_id, "m1");  // adopted
}

TEST_F(Enrol, TakesTheLargestWhenTold) {
  Enroller enroller = this->enroller({.take_largest = true, .decode = {}});
  ASSERT_TRUE(enroller.add("ada", "two.png", picture(2, 9)));
  ASSERT_TRUE(enroller.add("ada", "none.png", picture(0)));
  const auto summary = enroller.finish();
  ASSERT_TRUE(summary);
  EXPECT_EQ(summary->added, 1U);
  EXPECT_EQ(summary->failed.size(), 1U);
}

TEST_F(Enrol, EmbedsInRunsOfTheGivenSize) {
  std::vector<std::size_t> runs;
  const embed::testing::TestEmbedder counting([&](auto crops, const model::Preprocessing& preprocessing) {
    runs.push_back(crops.size());
    return green_of(crops, preprocessing);
  });
  auto enroller = Enroller::create(people_, manifest(), detector_, counting, {.decode = {}, .faces_per_run = 2});
  ASSERT_TRUE(enroller);
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(enroller->add("ada", "x.png", picture(1)));
  }
  ASSERT_TRUE(enroller->finish());
  EXPECT_EQ(runs, (std::vector<std::size_t>{2, 2, 1}));
  const auto again = enroller->finish();
  ASSERT_TRUE(again);
  EXPECT_EQ(again->added, 0U);
}

TEST_F(Enrol, AFolderAPerson) {
  write("ada/2.png", picture(1, 20));
  write("ada/1.png", picture(1, 10));
  write("ada/.hidden", as_bytes("x"));
  write("ada/deeper/3.png", picture(1));
  write("bob/none.png", picture(0));
  write("readme.txt", as_bytes("x"));
  write("stray.png", picture(1));
  write("ada/Thumbs.db", as_bytes("\xD0\xCF\x11\xE0"));
  std::filesystem::create_directory(folder_ / "empty");
  Enroller enroller = this->enroller();
  ASSERT_TRUE(enroller.add_folder(folder_.path()));
  const auto summary = enroller.finish();
  ASSERT_TRUE(summary);
  EXPECT_EQ(summary->added, 2U);
  ASSERT_EQ(summary->failed.size(), 3U);
  ASSERT_EQ(summary->skipped.size(), 3U);
  EXPECT_EQ(summary->skipped[0].file, "ada/Thumbs.db");
  EXPECT_EQ(summary->skipped[1].file, "empty");
  EXPECT_EQ(summary->skipped[1].reason, "a person's folder without a picture");
  EXPECT_EQ(summary->skipped[2].file, "readme.txt");
  EXPECT_EQ(summary->failed[0].file, "ada/deeper");
  EXPECT_EQ(summary->failed[1].file, "bob/none.png");
  EXPECT_EQ(summary->failed[2].file, "stray.png");
  EXPECT_EQ(summary->failed[2].reason, "not in a person's folder");
  ASSERT_EQ(gallery_.people().size(), 1U);
  EXPECT_EQ(gallery_.embedding(0)[0], 10.0F);  // by name
  EXPECT_EQ(enroller.add_folder(folder_ / "nowhere").error().code, ErrorCode::kNotFound);
}

TEST_F(Enrol, FilesThatCannotBeReadAreReported) {
  const std::filesystem::path files[] = {write("good.png", picture(1)), folder_ / "missing.png"};
  Enroller enroller = this->enroller();
  ASSERT_TRUE(enroller.add_files("ada", files));
  const auto summary = enroller.finish();
  ASSERT_TRUE(summary);
  EXPECT_EQ(summary->added, 1U);
  ASSERT_EQ(summary->failed.size(), 1U);
  EXPECT_EQ(summary->failed[0].file, files[1].string());
}

TEST_F(Enrol, TheNetworksFailureEndsTheWork) {
  const embed::testing::TestEmbedder failing([](auto, const auto&) -> Result<std::vector<embed::Embedding>> {
    return Error{ErrorCode::kExhausted, "no memory"};
  });
  auto enroller = Enroller::create(people_, manifest(), detector_, failing);
  ASSERT_TRUE(enroller);
  ASSERT_TRUE(enroller->add("ada", "1.png", picture(1)));
  const auto summary = enroller->finish();
  ASSERT_FALSE(summary);
  EXPECT_EQ(summary.error().message, "no memory");
  EXPECT_TRUE(gallery_.people().empty());
}

TEST_F(Enrol, RefusesAnotherModel) {
  people_.settings().adopt_model_id("m0");
  EXPECT_EQ(Enroller::create(people_, manifest(), detector_, green_).error().code, ErrorCode::kMismatch);
}

// A pack with a decision and a network for cut faces, which knows a face by 255 less its green.
class EnrolWithCutFaces : public Enrol {
 protected:
  EnrolWithCutFaces() {
    auto second = std::make_shared<model::Manifest>(manifest_);
    second->model_id = "m2";
    manifest_.cut_faces = second;
    EXPECT_TRUE(people_.settings().set_strangers(0.01));
  }
  static model::Manifest deciding() {
    model::Manifest manifest = recognize::manifest();
    manifest.preprocessing = model::known_mode("standard").value();
    manifest.decision = model::Decision{.false_accepts = {{0.2F, 1e-4}, {0.4F, 1e-3}}};
    return manifest;
  }
  // One picture of `person` by a program that has the network, or has it not.
  void add(const std::string& person, std::uint8_t green, bool with_network) {
    EnrolOptions options;
    options.force = true;  // the pictures of these tests are no faces
    if (with_network) {
      options.cut_faces = embed::testing::test_embedder([](auto crops, const auto& preprocessing) {
        auto embeddings = green_of(crops, preprocessing);
        for (embed::Embedding& embedding : *embeddings) {
          embedding[0] = 255 - embedding[0];
        }
        return embeddings;
      });
    }
    auto enroller = Enroller::create(people_, manifest_, detector_, green_, options);
    ASSERT_TRUE(enroller) << enroller.error().message;
    ASSERT_TRUE(enroller->add(person, person, picture(1, green)));
    ASSERT_TRUE(enroller->finish());
  }
  model::Manifest manifest_ = deciding();
};

TEST_F(EnrolWithCutFaces, ANewGalleryBeginsACompanionWithTheSamePictures) {
  add("ada", 40, true);
  add("bob", 80, true);
  ASSERT_NE(people_.companion(), nullptr);
  EXPECT_TRUE(gallery::agree(gallery_, *people_.companion()));
  EXPECT_EQ(people_.companion()->origin().model_id, "m2");
  EXPECT_EQ(gallery_.embedding(1)[0], 80.0F);
  EXPECT_EQ(people_.companion()->embedding(1)[0], 175.0F);
}

TEST_F(EnrolWithCutFaces, AGalleryThatHasPeopleAndNoCompanionGoesOnWithoutOne) {
  add("ada", 40, false);
  add("bob", 80, true);
  EXPECT_EQ(people_.companion(), nullptr);
  EXPECT_EQ(gallery_.people().size(), 2U);
}

TEST_F(EnrolWithCutFaces, ACompanionOfAnotherNetworkFallsBehindAndIsSeenToHave) {
  add("ada", 40, true);
  auto another = std::make_shared<model::Manifest>(*manifest_.cut_faces);
  another->model_id = "m3";
  manifest_.cut_faces = another;
  add("bob", 80, true);
  EXPECT_EQ(people_.companion()->people().size(), 1U);
  EXPECT_FALSE(gallery::agree(gallery_, *people_.companion()));
}

TEST_F(Enrol, WeakEmbeddingsAreRefusedUnlessForced) {
  model::Manifest judging = manifest();
  judging.preprocessing = model::known_mode("standard").value();
  judging.decision = model::Decision{.false_accepts = {{0.2F, 1e-4}, {0.4F, 1e-3}}};
  judging.norm = model::NormLimits{.weak = 46, .useless = 35};
  ASSERT_TRUE(people_.settings().set_strangers(0.01));
  const auto run = [&](float norm, bool force) {
    embed::testing::TestEmbedder network(green_of);
    network.set_norm(norm);
    auto enroller = Enroller::create(people_, judging, detector_, network, {.force = force, .decode = {}});
    EXPECT_TRUE(enroller) << enroller.error().message;
    EXPECT_TRUE(enroller->add("ada", "1.png", picture(1)));
    return enroller->finish().value();
  };
  const auto forced = run(40, true);
  EXPECT_EQ(forced.added, 1U);
  ASSERT_EQ(forced.flagged.size(), 1U);
  EXPECT_TRUE(forced.flagged[0].reason.ends_with("weak embedding")) << forced.flagged[0].reason;
  const auto strong = run(70, true);
  EXPECT_FALSE(strong.flagged.size() == 1 && strong.flagged[0].reason.ends_with("weak embedding"));
  const auto refused = run(40, false);
  EXPECT_EQ(refused.added, 0U);
  ASSERT_EQ(refused.failed.size(), 1U);
  EXPECT_TRUE(refused.failed[0].cannot_be_told);
}

}  // namespace
}  // namespace facepipe::recognize
