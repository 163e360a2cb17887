// Pictures from outside that are not a person's.
#include <gmock/gmock.h>

#include "people/test_dying_store.h"

namespace facepipe::people {
namespace {

using ::testing::ElementsAre;

struct DeskReject : DeskAfterACrash {
  Added reject(PersonId person, const std::vector<Bytes>& encoded, const AddOptions& options = {}) {
    std::vector<PictureToAdd> pictures;
    for (const Bytes& one : encoded) {
      pictures.push_back({"picture " + std::to_string(pictures.size()), one});
    }
    auto rejected = desk->reject_pictures(person, pictures, options, "test");
    EXPECT_TRUE(rejected) << rejected.error().message;
    return rejected ? *std::move(rejected) : Added{};
  }
  const PersonId ann = *add("Ann", {10}).person;
};

TEST_F(DeskReject, IsInTheLogAndTakenBackAndNothingOfItIsKept) {
  const Added rejected = reject(ann, {picture({200}), picture({201})});
  EXPECT_EQ(rejected.person, ann);
  EXPECT_EQ(rejected.name, "Ann");
  EXPECT_FALSE(rejected.is_new);
  EXPECT_TRUE(rejected.undoable);
  ASSERT_EQ(rejected.pictures.size(), 2U);
  EXPECT_EQ(rejected.pictures[1].picture, std::nullopt);
  EXPECT_EQ(desk->person(ann)->rejected, 2U);
  EXPECT_EQ(store->counts()->pictures, 1);
  EXPECT_THAT(events(), ElementsAre("person.added", "picture.rejected"));
  const ChangeSummary change = desk->changes({})->records.at(0);
  EXPECT_EQ(change.record.what.action, "picture.reject");
  EXPECT_EQ(change.record.what.who, "test");
  EXPECT_EQ(change.person, ann);
  EXPECT_EQ(change.pictures, 2U);
  EXPECT_TRUE(change.undoable);
  undo(rejected.change);
  EXPECT_EQ(desk->person(ann)->rejected, 0U);
  const ChangeId undone = desk->changes({})->records.at(0).record.id;
  EXPECT_EQ(desk->undo(undone, "test").error().code, ErrorCode::kMismatch) << "the embedding is gone";
}

TEST_F(DeskReject, WhatShowsNobodyIsToldAndTheRestIsRejected) {
  const Added none = reject(ann, {picture({0}), picture({1, 2})});
  EXPECT_EQ(none.person, std::nullopt);
  EXPECT_EQ(none.change, std::nullopt);
  EXPECT_EQ(none.pictures.at(0).refusal, Refusal::kNoFace);
  EXPECT_EQ(none.pictures.at(1).refusal, Refusal::kSeveralFaces);
  EXPECT_EQ(reject(ann, {picture({0}), picture({1, 2})}, {.take_largest = true}).person, ann);
  EXPECT_EQ(desk->person(ann)->rejected, 1U);
}

TEST_F(DeskReject, WhatIsRejectedAlreadyChangesNothing) {
  reject(ann, {picture({200})});
  const Added again = reject(ann, {picture({200})});
  EXPECT_EQ(again.person, ann);
  EXPECT_EQ(again.change, std::nullopt);
  EXPECT_EQ(desk->person(ann)->rejected, 1U);
}

TEST_F(DeskReject, OfNobody) {
  const Bytes one = picture({200});
  const PictureToAdd given{"one", one};
  EXPECT_EQ(desk->reject_pictures(PersonId{7}, {&given, 1}, {}, "test").error().code, ErrorCode::kNotFound);
}

TEST_F(DeskReject, WithoutAStoreTheGalleryAloneHasIt) {
  open(/*keeps=*/false);
  EXPECT_EQ(reject(ann, {picture({200})}).change, std::nullopt);
  EXPECT_EQ(file.load()->rejected(ann).size(), 1U);
}

TEST_F(DeskReject, ACrashBeforeTheGalleryIsWrittenLeavesAnEntryThatCannotBeTakenBack) {
  const Bytes one = picture({200});
  crash_in([&](PeopleDesk& dies) {
    const PictureToAdd given{"one", one};
    (void)dies.reject_pictures(ann, {&given, 1}, {}, "test");
  });
  open();
  EXPECT_EQ(desk->person(ann)->rejected, 0U);
  const faces::ChangeRecord change = desk->changes({})->records.at(0).record;
  EXPECT_EQ(change.what.action, "picture.reject");
  EXPECT_EQ(desk->undo(change.id, "test").error().code, ErrorCode::kMismatch);
}

}  // namespace
}  // namespace facepipe::people
