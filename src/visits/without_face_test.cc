// With the store on SQLite.
#include "visits/without_face.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "faces/store/test_face_store.h"
#include "visits/test_faces.h"

namespace facepipe::visits {
namespace {

using faces::FaceId;
using testing::embedding_of;

struct WithoutFace : faces::FaceStoreFixture {
  WithoutFace() {
    visit_.id = faces::VisitId{7};
    visit_.camera = "door";
    visit_.state = faces::VisitState::kEnded;
  }
  // The visit's next face, a second later, told to be that person (0: unknown).
  faces::NewFace& add(std::uint64_t person, float quality = 0.8F) {
    faces::NewFace& face = faces_.emplace_back();
    const auto number = static_cast<std::uint64_t>(faces_.size());
    face.record.id = FaceId{number};
    face.record.camera = "door";
    face.record.time = testing::at(static_cast<double>(number));
    face.record.box = image::Box{0, 0, 120, 120};
    face.record.confidence = 0.99F;
    face.record.quality = quality;
    face.record.visit = visit_.id;
    face.record.decision.name = "unknown";
    if (person != 0) {
      face.record.decision.person = faces::PersonId{person};
      face.record.decision.name = "person " + std::to_string(person);
      face.record.decision.probability = 0.9F;
      face.record.decision.threshold = 1;
    }
    face.embedding = embedding_of(number);
    face.crop = faces::Crop{to_bytes(as_bytes("crop")), "image/jpeg", std::nullopt, std::nullopt};
    face.record.has_crop = true;
    return face;
  }
  // As the tracker has it: every name counts but those of `unheard`.
  void keep(std::optional<std::uint64_t> unheard = std::nullopt) {
    Votes votes;
    for (const faces::NewFace& face : faces_) {
      Sighting sighting;
      sighting.face = face.record.id;
      sighting.time = face.record.time;
      sighting.box = face.record.box;
      sighting.confidence = face.record.confidence;
      sighting.quality = face.record.quality;
      sighting.decision = face.record.decision;
      votes.add(sighting, !unheard || face.record.decision.person != faces::PersonId{*unheard});
    }
    visit_.votes = votes.to_json();
    visit_.frames = static_cast<int>(faces_.size());
    visit_.first_seen = faces_.front().record.time;
    visit_.last_seen = faces_.back().record.time;
    visit_.best_face = faces_.front().record.id;
    static_cast<void>(name_visit(votes, visit_));
    faces::Batch batch;
    batch.faces = faces_;
    batch.visits = {visit_};
    ASSERT_TRUE(store_->write(batch));
  }
  std::optional<OpenVisit> without(std::uint64_t face) {
    auto left = without_face(*store_, store_->face(FaceId{face}).value(), visit_);
    EXPECT_TRUE(left) << left.error().message;
    return left ? *std::move(left) : std::nullopt;
  }
  faces::VisitRecord visit_;
  std::vector<faces::NewFace> faces_;
};

TEST_F(WithoutFace, TheOthersAreHeardAnew) {
  add(1);
  add(1);
  add(2);
  add(2);
  add(2);
  keep();
  ASSERT_EQ(visit_.name, "person 2");
  const auto left = without(4);
  ASSERT_TRUE(left);
  EXPECT_EQ(left->record.frames, 4);
  EXPECT_EQ(left->record.state, faces::VisitState::kEnded) << "an ended visit stays so";
  const Votes votes = Votes::from_json(left->record.votes);
  ASSERT_NE(votes.first(), nullptr);
  EXPECT_EQ(votes.first()->faces, 2);
  EXPECT_EQ(votes.second()->faces, 2);
}

TEST_F(WithoutFace, AFrameCountsForAsLongAsAFaceOfItIsLeft) {
  add(1);
  add(1);
  add(0).record.time = testing::at(2);
  keep();
  visit_.frames = 2;
  const auto left = without(3);
  ASSERT_TRUE(left);
  EXPECT_EQ(left->record.frames, 2);
  const auto fewer = without(1);
  ASSERT_TRUE(fewer);
  EXPECT_EQ(fewer->record.frames, 1);
}

TEST_F(WithoutFace, ANameThatDidNotCountThenDoesNotCountNow) {
  add(1);
  add(2);
  add(2);
  keep(2);
  ASSERT_EQ(visit_.name, "");
  const auto left = without(1);
  ASSERT_TRUE(left);
  EXPECT_EQ(left->record.person, std::nullopt);
}

TEST_F(WithoutFace, ItsEmbeddingIsAmongThoseOfTheVisitNoMore) {
  for (int i = 0; i < 5; ++i) {
    add(0);
  }
  keep();
  const auto left = without(3);
  ASSERT_TRUE(left);
  EXPECT_EQ(left->embeddings.size(), 4U);
  EXPECT_EQ(std::ranges::count(left->embeddings, embedding_of(3)), 0);
  EXPECT_EQ(left->embeddings.back(), embedding_of(5)) << "the newest is last";
}

TEST_F(WithoutFace, TheNextBestFaceIsOneWithAPicture) {
  add(0, 0.9F);
  add(0, 0.5F);
  faces::NewFace& bare = add(0, 0.7F);
  bare.crop.reset();
  bare.record.has_crop = false;
  keep();
  const auto left = without(1);
  ASSERT_TRUE(left);
  EXPECT_EQ(left->record.best_face, FaceId{2});
  EXPECT_EQ(left->record.first_seen, testing::at(2));
  EXPECT_EQ(left->record.last_seen, testing::at(3));
}

TEST_F(WithoutFace, NothingIsLeftOfAVisitOfOneFace) {
  add(1);
  keep();
  EXPECT_FALSE(without(1));
}

TEST_F(WithoutFace, AnIgnoredGroupStaysWithoutFaces) {
  faces::UnknownRecord group;
  group.id = faces::UnknownId{9};
  group.centroid = embedding_of(1);
  group.faces = 1;
  group.best_face = FaceId{1};
  add(0).record.unknown = group.id;
  keep();
  const faces::FaceRecord face = store_->face(FaceId{1}).value();
  EXPECT_FALSE(without_face(*store_, face, group).value());
  group.ignored = true;
  const auto left = without_face(*store_, face, group).value();
  ASSERT_TRUE(left);
  EXPECT_EQ(left->faces, 0);
  EXPECT_EQ(left->best_face, std::nullopt);
  EXPECT_EQ(left->centroid, group.centroid) << "so that its like stay ignored";
}

}  // namespace
}  // namespace facepipe::visits
