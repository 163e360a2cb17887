#include <gtest/gtest.h>

#include "faces/store/test_face_store.h"

namespace facepipe::faces {
namespace {

class KeyTest : public FaceStoreFixture {
 protected:
  SealingKey key(const std::string& name) {
    const std::filesystem::path path = folder_.path() / name;
    if (!std::filesystem::exists(path)) {
      EXPECT_TRUE(SealingKey::make_file(path));
    }
    return *SealingKey::from_file(path);
  }

  void write_everything() {
    NewFace ann = face_of(1, 7, "Wilhelmina");
    ann.record.reasons = {"turned away"};
    ann.record.decision.second_name = "Ebenezer";
    ann.record.decision.second_person = PersonId{8};
    VisitRecord stay = visit(1, "garden gate");
    stay.name = "Wilhelmina";
    stay.person = PersonId{7};
    UnknownRecord group;
    group.id = UnknownId{5};
    group.last_seen = clock_.now();
    group.centroid = {0.123F, 0.456F, 0.789F, 0.5F};
    options_.retention.frames = std::nullopt;
    reopen();
    write_ok({.faces = {ann, face(2, "garden gate")},
              .visits = {stay},
              .unknowns = {group},
              .pictures = {picture(91, 7)},
              .frames = {{"request-frame", "garden gate", clock_.now(), 4, 3, to_bytes(as_bytes("frame bytes"))}},
              .events = {event("visit.named", R"({"name":"Wilhelmina"})")},
              .change = NewChange{clock_.now(), "token of Ebenezer", "person.add", R"({"name":"Wilhelmina"})"}});
  }

  void expect_everything() {
    EXPECT_EQ(store_->face(FaceId{1})->decision.name, "Wilhelmina");
    EXPECT_EQ(faces_of({.camera = "garden gate"}), std::vector{FaceId{2}});
    EXPECT_EQ(faces_of({.request_id = "request-1"}), std::vector{FaceId{1}});
    EXPECT_EQ(as_text(store_->face_crop(FaceId{1})->picture), "picture of 1");
    EXPECT_EQ(store_->face_embedding(FaceId{1})->size(), 3U);
    EXPECT_EQ(store_->visit(VisitId{1})->camera, "garden gate");
    EXPECT_EQ(store_->unknown(UnknownId{5})->centroid.size(), 4U);
    EXPECT_EQ(store_->picture(PictureId{91})->source, "ann.jpg");
    EXPECT_EQ(as_text(store_->picture_crop(PictureId{91})->picture), "enrolled 91");
    EXPECT_EQ(store_->picture_embedding(PictureId{91})->size(), 2U);
    EXPECT_EQ(as_text(store_->frame("request-frame")->jpeg), "frame bytes");
    EXPECT_EQ(store_->events_after(EventId{0}, 1)->front().what.json, R"({"name":"Wilhelmina"})");
    EXPECT_EQ(store_->change(ChangeId{1})->what.who, "token of Ebenezer");
    EXPECT_EQ(*store_->cameras(), (std::vector<std::string>{"door", "garden gate"}));
  }

  void expect_nothing_readable() const {
    const std::string bytes = all_bytes();
    for (const std::string_view text :
         {"Wilhelmina", "Ebenezer", "garden gate", "door", "request-1", "request-frame", "turned away", "picture of",
          "enrolled 91", "ann.jpg", "frame bytes", "image/jpeg", "\"name\""}) {
      EXPECT_EQ(bytes.find(text), std::string::npos) << text;
    }
    const std::array<float, 3> embedding = {0.1F, -0.2F, 0.3F};
    EXPECT_EQ(bytes.find(as_text(std::as_bytes(std::span(embedding)))), std::string::npos);
    const std::array<float, 4> centroid = {0.123F, 0.456F, 0.789F, 0.5F};
    EXPECT_EQ(bytes.find(as_text(std::as_bytes(std::span(centroid)))), std::string::npos);
  }

  Error refusal(const std::optional<SealingKey>& with) {
    store_.reset();
    SqliteFaceStore::Options options = options_;
    options.key = with;
    const auto opened = SqliteFaceStore::open(file(), options);
    EXPECT_FALSE(opened);
    return opened ? Error{} : opened.error();
  }
};

TEST_F(KeyTest, NothingCanBeReadWithoutTheKey) {
  options_.key = key("key");
  write_everything();
  expect_everything();
  expect_nothing_readable();
  reopen();
  expect_everything();
  expect_nothing_readable();
}

TEST_F(KeyTest, PlainStoreIsWhatTheTestAboveWouldFind) {
  write_everything();
  EXPECT_NE(all_bytes().find("Wilhelmina"), std::string::npos);
  EXPECT_NE(all_bytes().find("garden gate"), std::string::npos);
}

TEST_F(KeyTest, OpensWithItsKeyOnly) {
  options_.key = key("key");
  write_everything();
  EXPECT_EQ(refusal(std::nullopt).code, ErrorCode::kPermission);
  EXPECT_EQ(refusal(key("other")).code, ErrorCode::kMismatch);
  reopen();
  expect_everything();
}

TEST_F(KeyTest, WhatIsThereIsSealedWhenAKeyIsGiven) {
  write_everything();
  options_.key = key("key");
  reopen();
  expect_everything();
  expect_nothing_readable();
  EXPECT_EQ(refusal(std::nullopt).code, ErrorCode::kPermission);
}

TEST_F(KeyTest, SealedPieceDoesNotOpenInAnothersPlace) {
  options_.key = key("key");
  reopen();
  write_ok({.faces = {face(1), face(2)}});
  store_.reset();
  {
    auto database = sqlite::Database::open(file(), "face store");
    ASSERT_TRUE((*database)->execute("UPDATE crop SET picture = (SELECT picture FROM crop WHERE face = 1)"));
  }
  reopen();
  EXPECT_TRUE(store_->face_crop(FaceId{1}));
  EXPECT_EQ(store_->face_crop(FaceId{2}).error().code, ErrorCode::kInvalidData);
}

// By another network, whose embeddings are of another size.
TEST_F(KeyTest, EmbeddingsAreReplaced) {
  options_.key = key("key");
  reopen();
  write_everything();
  NewFace bare = face(3, "garden gate");
  bare.crop = std::nullopt;
  write_ok({.faces = {bare}});
  const std::vector<float> renewed = {0.6F, 0.8F};
  write_ok({.forgets_embeddings = true, .picture_embeddings = {{PictureId{91}, renewed}}});
  EXPECT_EQ(*store_->picture_embedding(PictureId{91}), renewed);
  EXPECT_EQ(store_->face_embedding(FaceId{1}).error().code, ErrorCode::kNotFound);
  EXPECT_TRUE(store_->unknown(UnknownId{5})->centroid.empty());
  EXPECT_EQ(as_text(store_->face_crop(FaceId{1})->picture), "picture of 1");
  write_ok({.face_embeddings = {{FaceId{1}, renewed}, {FaceId{3}, renewed}, {FaceId{99}, renewed}}});
  EXPECT_EQ(*store_->face_embedding(FaceId{1}), renewed);
  EXPECT_EQ(store_->face_embedding(FaceId{3}).error().code, ErrorCode::kNotFound) << "it has no crop";
}

}  // namespace
}  // namespace facepipe::faces
