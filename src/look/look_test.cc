#include "look/look.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "detect/test_detector.h"
#include "embed/test_embedder.h"
#include "recognize/naming.h"
#include "recognize/test_red_squares.h"

namespace facepipe::look {
namespace {

using recognize::testing::kSide;
using recognize::testing::picture;
using recognize::testing::red_of;
using recognize::testing::red_squares;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

struct LookerTest : ::testing::Test {
  LookerTest() {
    manifest.embedding_size = 1;
    gallery::Gallery people({"", model::known_mode("standard").value(), 1});
    people.set_distance_threshold(5.0F);
    EXPECT_TRUE(people.add("ada", std::vector<float>{100}));
    EXPECT_TRUE(people.add("bob", std::vector<float>{200}));
    set(std::move(people));
  }
  void set(gallery::Gallery people) {
    recognizer = std::make_shared<recognize::FaceRecognizer>(
        recognize::FaceRecognizer::create(embed::testing::test_embedder(red_of), manifest, std::move(people)).value());
  }
  Looker looker(WorkMemory* memory = nullptr) {
    return Looker(
        {.detector = detector, .recognizer = [this] { return Result(recognizer); }, .decode = {}, .memory = memory});
  }

  model::Manifest manifest;
  const detect::testing::TestDetector detector{red_squares};
  std::shared_ptr<const recognize::FaceRecognizer> recognizer;
};

TEST_F(LookerTest, TellsWhoIsThere) {
  const auto sight = looker().look(picture({101, 203, 150}), {.nearest = 2});
  ASSERT_TRUE(sight) << sight.error().message;
  EXPECT_EQ(sight->width, 3 * kSide);
  ASSERT_THAT(sight->faces, SizeIs(3));
  EXPECT_EQ(sight->faces[0].identity->name, "ada");
  EXPECT_EQ(sight->faces[1].identity->name, "bob");
  EXPECT_EQ(sight->faces[2].identity->name, "unknown");
  ASSERT_THAT(sight->faces[1].nearest, SizeIs(2));
  EXPECT_EQ(sight->faces[1].nearest[0].name, "bob");
  EXPECT_EQ(sight->faces[1].nearest[1].name, "ada");
  EXPECT_EQ(sight->threshold, 5.0F);
  EXPECT_FALSE(sight->faces[0].embedding);
  EXPECT_FALSE(sight->incomplete);
}

TEST_F(LookerTest, LooksAsDeepAsItIsTold) {
  const auto boxes = looker().look(picture({101}), {.depth = Depth::kDetect});
  ASSERT_TRUE(boxes);
  EXPECT_FALSE(boxes->faces.at(0).identity);
  const auto embedded = looker().look(picture({101}), {.depth = Depth::kEmbed});
  ASSERT_TRUE(embedded);
  EXPECT_THAT(*embedded->faces.at(0).embedding, ElementsAre(101.0F));
  EXPECT_FALSE(embedded->faces.at(0).identity);
  const auto none = looker().look(picture({}), {});
  ASSERT_TRUE(none);
  EXPECT_THAT(none->faces, IsEmpty());
  const auto two = looker().look(picture({1, 2, 3}), {.max_faces = 2});
  ASSERT_TRUE(two);
  EXPECT_THAT(two->faces, SizeIs(2));
  EXPECT_TRUE(two->incomplete);
}

TEST_F(LookerTest, WithoutARecogniserItFindsFaces) {
  const Looker looker({.detector = detector, .recognizer = nullptr, .decode = {}});
  EXPECT_TRUE(looker.look(picture({1}), {.depth = Depth::kDetect}));
  EXPECT_EQ(looker.look(picture({1}), {}).error().code, ErrorCode::kUnsupported);
}

TEST_F(LookerTest, SomebodyIsNearestAlsoWhereAllAreRejected) {
  gallery::Gallery people({"", model::known_mode("standard").value(), 1});
  ASSERT_TRUE(people.add("ada", std::vector<float>{100}));
  ASSERT_TRUE(people.reject(people.id_of("ada").value(), std::vector<float>{103}));
  set(std::move(people));
  const auto sight = looker().look(picture({103}), {.nearest = 1});
  ASSERT_TRUE(sight);
  EXPECT_EQ(sight->faces.at(0).identity->name, "unknown");
  ASSERT_THAT(sight->faces.at(0).nearest, SizeIs(1));
  EXPECT_EQ(sight->faces.at(0).nearest[0].name, "ada");
}

TEST_F(LookerTest, Compares) {
  const auto near = looker().compare(picture({101}), picture({104, 9}));
  ASSERT_TRUE(near) << near.error().message;
  EXPECT_EQ(near->distance, 3.0F);
  EXPECT_TRUE(near->same);
  const auto far = looker().compare(picture({101}), picture({111}));
  ASSERT_TRUE(far);
  EXPECT_FALSE(far->same);
  const auto none = looker().compare(picture({101}), picture({}));
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(none.error().message, "the second picture: no face found");
}

// The same people by another network, which tells the negative.
recognize::FaceRecognizer for_cut_faces(const model::Manifest& manifest) {
  gallery::Gallery people({"", model::known_mode("standard").value(), 1});
  EXPECT_TRUE(people.set_strangers(0.01));
  EXPECT_TRUE(people.add("ada", std::vector<float>{-100}));
  const auto negative = [](std::span<const image::RgbView> crops, const model::Preprocessing& how) {
    auto embeddings = red_of(crops, how);
    std::ranges::for_each(*embeddings, [](embed::Embedding& embedding) { embedding[0] = -embedding[0]; });
    return embeddings;
  };
  return recognize::FaceRecognizer::create(embed::testing::test_embedder(negative), manifest, std::move(people))
      .value();
}

TEST_F(LookerTest, ACutFaceIsNamedByTheNetworkForThoseAndItsEmbeddingIsTheGallerys) {
  manifest.preprocessing = model::known_mode("standard").value();
  manifest.decision = model::Decision{.false_accepts = {{3.0F, 1e-4}, {4.0F, 0.01}}};
  gallery::Gallery people({"", manifest.preprocessing, 1});
  ASSERT_TRUE(people.set_strangers(0.01));
  ASSERT_TRUE(people.add("ada", std::vector<float>{0}));
  auto made =
      recognize::FaceRecognizer::create(embed::testing::test_embedder(red_of), manifest, std::move(people)).value();
  made.set_for_cut_faces([this](const gallery::Gallery&) { return std::optional(for_cut_faces(manifest)); });
  recognizer = std::make_shared<recognize::FaceRecognizer>(std::move(made));
  const auto sight = looker().look(picture({101}), {.nearest = 1, .embeddings = true});  // its box is the whole picture
  ASSERT_TRUE(sight) << sight.error().message;
  const SeenFace& seen = sight->faces.at(0);
  ASSERT_TRUE(seen.quality && recognize::is_cut(*seen.quality));
  EXPECT_FLOAT_EQ(*seen.identity->distance, 1);
  ASSERT_THAT(seen.nearest, SizeIs(1));
  EXPECT_FLOAT_EQ(seen.nearest[0].distance, 1);
  EXPECT_THAT(*seen.embedding, ElementsAre(101.0F));
  const auto compared = looker().compare(picture({101}), picture({104}));
  ASSERT_TRUE(compared) << compared.error().message;
  EXPECT_EQ(compared->distance, 3.0F);
  EXPECT_THAT(*compared->first.embedding, ElementsAre(-101.0F));
}

// As naming has it, also where there is no second network.
TEST_F(LookerTest, FacesThatTheEdgeCutsAreComparedByTheNarrowerThreshold) {
  manifest.preprocessing = model::known_mode("standard").value();
  manifest.decision = model::Decision{.false_accepts = {{1.0F, 1e-4}, {1.5F, 0.01}}, .cut = 0.75};
  gallery::Gallery people({"", manifest.preprocessing, 1});
  ASSERT_TRUE(people.set_strangers(0.01));
  ASSERT_TRUE(people.add("ada", std::vector<float>{0}));
  set(std::move(people));
  const auto compared = looker().compare(picture({101}), picture({102}));  // each box is the whole picture
  ASSERT_TRUE(compared) << compared.error().message;
  ASSERT_TRUE(compared->first.quality && recognize::is_cut(*compared->first.quality));
  EXPECT_FLOAT_EQ(compared->distance, 1);
  EXPECT_NEAR(*compared->threshold, 0.75, 1e-4);
  EXPECT_FALSE(compared->same);
}

TEST_F(LookerTest, TakesItsShareOfTheMemory) {
  WorkMemory small(1'000, "--max-work-memory");
  EXPECT_EQ(looker(&small).look(picture({101}), {}).error().code, ErrorCode::kTooLarge);
  WorkMemory enough(std::size_t{64} << 20U, "--max-work-memory");
  EXPECT_TRUE(looker(&enough).look(picture({101}), {}));
  EXPECT_EQ(enough.used(), 0U);
}

TEST_F(LookerTest, EndsWhenItIsToldTo) {
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(looker().look(picture({101}), {}, WorkLimit(stop.get_token())).error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(looker().look(as_bytes("text"), {}).error().code, ErrorCode::kUnsupported);
}

TEST(Likeness, FallsWithTheDistanceOnEitherSideOfTheClientsBounds) {
  for (const std::optional<float> threshold : {std::optional(0.9F), std::optional(1.2F), std::optional<float>()}) {
    float last = 1.1F;
    for (float distance = 0; distance <= 2; distance += 0.05F) {
      const bool accepted = !threshold || distance <= *threshold;
      const float value = likeness(distance, threshold, accepted);
      EXPECT_LT(value, last + 1e-6F) << distance;
      EXPECT_TRUE(accepted ? value >= kAcceptedLikeness - 1e-6F : value <= kRejectedLikeness);
      last = value;
    }
  }
  EXPECT_LE(likeness(0.1F, 0.9F, false), kRejectedLikeness);  // near, and yet not told: a face of poor quality
}

}  // namespace
}  // namespace facepipe::look
