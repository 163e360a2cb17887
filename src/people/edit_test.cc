#include "people/edit.h"

#include <gtest/gtest.h>

namespace facepipe::people {
namespace {

using faces::PersonId;

ChangeNote everything() {
  ChangeNote note;
  note.person = PersonId{0xABCDEF0123456789};
  note.name = "Ann \"A\" O'Nym";
  note.pictures = 3;
  note.gallery_before = "1:2:3";
  note.successor = "gallery.fpg.next-1";
  using Kind = GalleryOp::Kind;
  const EmbeddingRef picture{EmbeddingRef::Kind::kPicture, 5};
  note.forward.gallery = {{.kind = Kind::kAdd, .person = PersonId{1}, .name = "Ann", .embedding = picture},
                          {.kind = Kind::kTake, .person = PersonId{2}, .embedding = {EmbeddingRef::Kind::kRow, 7}},
                          {.kind = Kind::kRename, .person = PersonId{1}, .name = "Bob"},
                          {.kind = Kind::kReject, .person = PersonId{1}, .embedding = {EmbeddingRef::Kind::kFace, 9}},
                          {.kind = Kind::kStrangers, .number = 0.25},
                          {.kind = Kind::kStrangers}};
  note.forward.pictures = {{faces::PictureId{1}, PersonId{2}}};
  note.forward.faces = {
      {.face = faces::FaceId{1}, .mark = faces::Mark::kNoFace, .person = {}, .unknown = faces::UnknownId{4}},
      {.face = faces::FaceId{2}, .mark = faces::Mark::kAssigned, .person = PersonId{3}, .unknown = {}}};
  note.back.corrections.visits = {{.visit = faces::VisitId{1},
                                   .person = PersonId{5},
                                   .name = "Ann",
                                   .unknown = faces::UnknownId{2},
                                   .probability = 0.75F,
                                   .corrected_by = "page"}};
  note.back.corrections.unknowns = {
      {.unknown = faces::UnknownId{8}, .faces = 3, .visits = 2, .best_face = faces::FaceId{6}, .ignored = true}};
  return note;
}

TEST(ChangeNote, IsReadAsItWasWritten) {
  const ChangeNote note = everything();
  const auto read = read_change_note(to_json(note));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->person, note.person);
  EXPECT_EQ(read->name, note.name);
  EXPECT_EQ(read->pictures, 3U);
  EXPECT_EQ(read->gallery_before, "1:2:3");
  EXPECT_EQ(read->successor, "gallery.fpg.next-1");
  EXPECT_FALSE(read->final);
  EXPECT_EQ(read->forward, note.forward);
  EXPECT_EQ(read->back, note.back);
}

TEST(ChangeNote, WhatItDoesNotKnowIsRefused) {
  EXPECT_FALSE(read_change_note("{}"));
  EXPECT_EQ(read_change_note(R"({"version":2})").error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(read_change_note(R"({"version":1,"forward":{"gallery":[{"do":"dance"}]}})").error().code,
            ErrorCode::kUnsupported);
  EXPECT_EQ(read_change_note(R"({"version":1,"forward":{"faces":[{"face":7}]}})").error().code,
            ErrorCode::kInvalidData);
}

}  // namespace
}  // namespace facepipe::people
