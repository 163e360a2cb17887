#include "recognize/cut_faces.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <new>
#include <optional>
#include <string>
#include <vector>

#include "base/temporary_folder.h"
#include "embed/test_embedder.h"
#include "gallery/known_people.h"
#include "recognize/test_cut_pack.h"

namespace facepipe::recognize {
namespace {

using ::testing::HasSubstr;

Quality cut() {
  return {.score = 0.4F, .usable = true, .flaws = {Flaw::kCut}, .outside = 0.5F};
}

model::Manifest manifest_of(const std::string& model_id) {
  return testing::manifest_of(model_id, "standard");
}

model::ModelPack write_pack(const std::filesystem::path& folder) {
  return testing::write_cut_pack(folder, manifest_of("first"), manifest_of("second"));
}

gallery::KnownPeople ada() {
  const model::Manifest manifest = manifest_of("first");
  gallery::Gallery gallery({manifest.model_id, manifest.preprocessing, 2});
  EXPECT_TRUE(gallery.set_strangers(0.01));
  gallery::KnownPeople people(std::move(gallery));
  people.begin_companion({"second", manifest.preprocessing, 2});
  EXPECT_TRUE(people.add("ada", std::vector<float>{1, 0}, std::vector<float>{0, 1}));
  return people;
}

// The gallery's file in memory: galleries are not copied.
gallery::Gallery copy_of(const gallery::Gallery& gallery) {
  return gallery::gallery_from_bytes(gallery::gallery_to_bytes(gallery)).value();
}

FaceRecognizer recognizer_of(const std::string& model_id, const gallery::Gallery& gallery) {
  auto made = FaceRecognizer::create(embed::testing::test_embedder([](auto, const auto&) {
                                       return Result<std::vector<embed::Embedding>>(std::vector<embed::Embedding>());
                                     }),
                                     manifest_of(model_id), copy_of(gallery));
  EXPECT_TRUE(made) << made.error().message;
  return *std::move(made);
}

TEST(ForFace, CutFacesAloneHaveTheirOwnRecogniserMadeOnce) {
  const gallery::KnownPeople people = ada();
  FaceRecognizer recognizer = recognizer_of("first", people.gallery());
  int made = 0;
  recognizer.set_for_cut_faces([&](const gallery::Gallery& known) {
    ++made;
    EXPECT_EQ(known.people().size(), 1U);
    return std::optional(recognizer_of("second", *people.companion()));
  });
  EXPECT_EQ(&recognizer.for_face(std::nullopt), &recognizer);
  EXPECT_EQ(&recognizer.for_face(Quality{.flaws = {Flaw::kBlurred}}), &recognizer);
  EXPECT_EQ(&recognizer.for_face(Quality{.flaws = {Flaw::kCut}, .outside = 0.3F}), &recognizer);
  EXPECT_EQ(made, 0);
  const FaceRecognizer& other = recognizer.for_face(cut());
  EXPECT_EQ(other.gallery().origin().model_id, "second");
  EXPECT_EQ(&recognizer.for_face(cut()), &other);
  EXPECT_EQ(made, 1);
}

TEST(ForFace, WhatCouldNotBeMadeForWantOfMemoryIsTriedAgain) {
  const gallery::KnownPeople people = ada();
  FaceRecognizer recognizer = recognizer_of("first", people.gallery());
  int tried = 0;
  recognizer.set_for_cut_faces([&](const gallery::Gallery&) {
    if (++tried == 1) {
      throw std::bad_alloc();
    }
    return std::optional(recognizer_of("second", *people.companion()));
  });
  EXPECT_THROW(static_cast<void>(recognizer.for_face(cut())), std::bad_alloc);
  EXPECT_EQ(recognizer.for_face(cut()).gallery().origin().model_id, "second");
  EXPECT_EQ(tried, 2);
}

class NameCutFaces : public ::testing::Test {
 protected:
  // Who names cut faces; what `failed` was told is in error_.
  const FaceRecognizer& ask(const LoadCompanion& companion) {
    recognizer_.emplace(recognizer_of("first", people_.gallery()));
    name_cut_faces(*recognizer_, CutFaceNetwork::of(pack_), companion,
                   [this](const Error& error) { error_ = error.message; });
    return recognizer_->for_face(cut());
  }
  const TemporaryFolder folder_;
  const model::ModelPack pack_ = write_pack(folder_.path());
  gallery::KnownPeople people_ = ada();
  std::optional<FaceRecognizer> recognizer_;
  std::string error_;
};

TEST_F(NameCutFaces, WithoutACompanionTheFirstNetworkDoesAndNothingIsSaid) {
  EXPECT_EQ(&ask([] { return Result<gallery::Gallery>(Error{ErrorCode::kNotFound, "none"}); }), &*recognizer_);
  EXPECT_EQ(error_, "");
}

TEST_F(NameCutFaces, ACompanionOfOtherPeopleNamesNobody) {
  ASSERT_TRUE(people_.add("bob", std::vector<float>{0, 1}));
  EXPECT_EQ(&ask([this] { return Result<gallery::Gallery>(copy_of(*people_.companion())); }), &*recognizer_);
  EXPECT_THAT(error_, HasSubstr("not the same people"));
}

TEST_F(NameCutFaces, ANetworkThatCannotBeLoadedIsSaidAndTheFirstDoes) {
  EXPECT_EQ(&ask([this] { return Result<gallery::Gallery>(copy_of(*people_.companion())); }), &*recognizer_);
  EXPECT_THAT(error_, HasSubstr("embedder.onnx"));
}

TEST_F(NameCutFaces, AGalleryWithoutARuleOrAPackWithoutTheNetworkGoesOnAsBefore) {
  int loads = 0;
  const LoadCompanion count = [&] {
    ++loads;
    return Result<gallery::Gallery>(Error{ErrorCode::kNotFound, "none"});
  };
  FaceRecognizer recognizer = recognizer_of("first", people_.gallery());
  name_cut_faces(recognizer, nullptr, count, [](const Error&) {});
  EXPECT_EQ(&recognizer.for_face(cut()), &recognizer);
  ASSERT_TRUE(people_.settings().set_strangers(std::nullopt));
  EXPECT_EQ(&ask(count), &*recognizer_);
  EXPECT_EQ(loads, 0);
}

}  // namespace
}  // namespace facepipe::recognize
