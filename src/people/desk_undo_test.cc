// What an undo takes back: what is still as the change made it, and nothing that was said or changed since.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "people/test_desk.h"

namespace facepipe::people {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

struct DeskUndo : Desk {
  [[nodiscard]] std::optional<ErrorCode> refusal(const std::optional<ChangeId>& change) {
    const auto undone = desk->undo(change.value_or(ChangeId{0}), "test");
    return undone ? std::nullopt : std::optional(undone.error().code);
  }
};

TEST_F(DeskUndo, LeavesWhatWasSaidSinceOfAFace) {
  const PersonId ann = *add("Ann", {10}).person;
  const PersonId bob = *add("Bob", {20}).person;
  const std::array faces{seen(1, 30, {}, VisitId{5}, UnknownId{7}), seen(2, 31, {}, VisitId{6}, {})};
  const auto all = done(desk->assign_faces(faces, ann, "page"));
  const auto one = done(desk->assign_faces({faces.data(), 1}, bob, "other page"));
  undo(all);
  EXPECT_EQ(store->face(faces[0])->marked_person, bob);
  EXPECT_EQ(store->visit(VisitId{5})->person, bob);
  EXPECT_EQ(store->visit(VisitId{5})->corrected_by, "other page");
  EXPECT_EQ(store->face(faces[0])->unknown, std::nullopt);
  EXPECT_EQ(store->unknown(UnknownId{7})->faces, 0) << "none has come back";
  EXPECT_EQ(store->face(faces[1])->mark, faces::Mark::kNone);
  EXPECT_FALSE(store->visit(VisitId{6})->person);
  undo(one);
  EXPECT_EQ(store->face(faces[0])->marked_person, ann) << "what was said before it";
}

TEST_F(DeskUndo, IsRefusedWhereNothingIsAsTheChangeLeftIt) {
  const PersonId ann = *add("Ann", {10}).person;
  const PersonId bob = *add("Bob", {20}).person;
  const FaceId face = seen(1, 30, {}, {}, {});
  const auto assigned = done(desk->assign_faces({&face, 1}, ann, "page"));
  done(desk->assign_faces({&face, 1}, bob, "page"));
  EXPECT_EQ(refusal(assigned), ErrorCode::kMismatch);
  EXPECT_EQ(store->face(face)->marked_person, bob);

  const auto renamed = done(desk->rename(ann, "Anna", "page"));
  done(desk->rename(ann, "Anne", "page"));
  EXPECT_EQ(refusal(renamed), ErrorCode::kMismatch);
  EXPECT_THAT(names(), UnorderedElementsAre("Anne", "Bob"));
}

TEST_F(DeskUndo, OfAnOldMoveDoesNotMakeAPictureTwoPeoples) {
  const PersonId ann = *add("Ann", {10, 11}).person;
  const PersonId bob = *add("Bob", {20}).person;
  const PersonId cleo = *add("Cleo", {30}).person;
  const PictureId first = desk->pictures(ann, {})->records.at(0).id;
  const auto moved = done(desk->move_picture(first, bob, "page"));
  const auto further = done(desk->move_picture(first, cleo, "page"));
  EXPECT_EQ(refusal(moved), ErrorCode::kMismatch);
  EXPECT_THAT(reds_of("Ann"), ElementsAre(11));
  EXPECT_THAT(reds_of("Cleo"), UnorderedElementsAre(30, 10));
  EXPECT_EQ(desk->picture(first)->person, cleo);
  undo(further);
  undo(moved);
  EXPECT_THAT(reds_of("Ann"), UnorderedElementsAre(10, 11));
  EXPECT_EQ(desk->picture(first)->person, ann);
}

TEST_F(DeskUndo, OfAMergeLeavesAPictureThatWasRemovedSince) {
  const PersonId ann = *add("Ann", {10}).person;
  const PersonId bob = *add("Bob", {20, 21}).person;
  const PictureId gone = desk->pictures(bob, {})->records.at(0).id;
  const auto merged = done(desk->merge(bob, ann, "page"));
  done(desk->remove_picture(gone, "page"));
  EXPECT_THAT(reds_of("Ann"), UnorderedElementsAre(10, 21));
  undo(merged);
  EXPECT_THAT(reds_of("Ann"), ElementsAre(10));
  EXPECT_THAT(reds_of("Bob"), ElementsAre(21));
}

TEST_F(DeskUndo, LeavesAGroupIgnoredAndCountsWhoCameSince) {
  const FaceId face = seen(1, 30, {}, {}, UnknownId{7});
  const auto none = done(desk->not_a_face(face, "page"));
  ASSERT_EQ(store->unknown(UnknownId{7})->faces, 0);
  faces::UnknownRecord group = store->unknown(UnknownId{7}).value();
  group.faces = 3;  // of frames since
  group.best_face = FaceId{9};
  faces::Batch batch;
  batch.unknowns.push_back(group);
  ASSERT_TRUE(store->write(batch));
  const auto ignored = done(desk->ignore_unknown(UnknownId{7}, true, "page"));
  undo(none);
  EXPECT_EQ(store->unknown(UnknownId{7})->faces, 4);
  EXPECT_EQ(store->unknown(UnknownId{7})->best_face, FaceId{9});
  EXPECT_TRUE(store->unknown(UnknownId{7})->ignored) << "said afterwards";
  undo(ignored);
  EXPECT_FALSE(store->unknown(UnknownId{7})->ignored);
  EXPECT_EQ(store->unknown(UnknownId{7})->faces, 4);
}

TEST_F(DeskUndo, IsTakenBackToWhatWasThere) {
  const PersonId ann = *add("Ann", {10}).person;
  const FaceId face = seen(1, 30, {}, VisitId{5}, UnknownId{7});
  const auto assigned = done(desk->assign_unknown(UnknownId{7}, ann, "page"));
  undo(assigned);
  undo(desk->changes({.limit = 1, .after = {}})->records.at(0).record.id);
  EXPECT_EQ(store->face(face)->marked_person, ann);
  EXPECT_EQ(store->face(face)->unknown, std::nullopt);
  EXPECT_EQ(store->visit(VisitId{5})->person, ann);
  EXPECT_EQ(store->unknown(UnknownId{7})->faces, 0);
}

// Two faces of a group, the first of which shows it, become Ann's.
struct DeskUndoOfGroups : Desk {
  DeskUndoOfGroups() {
    faces::UnknownRecord group = store->unknown(UnknownId{7}).value();
    group.faces = 2;
    group.best_face = first;
    EXPECT_TRUE(store->write({.unknowns = {group}}));
    assigned = done(desk->assign_unknown(UnknownId{7}, ann, "test"));
  }
  const PersonId ann = *add("Ann", {10}).person;
  const FaceId first = seen(1, 30, {}, {}, UnknownId{7});
  const FaceId second = seen(2, 31, {}, {}, UnknownId{7});
  std::optional<ChangeId> assigned;
};

TEST_F(DeskUndoOfGroups, WhatWasErasedSinceIsNotCountedAgain) {
  ASSERT_TRUE(store->erase_face(first));
  undo(assigned);
  EXPECT_EQ(store->unknown(UnknownId{7})->faces, 1);
  EXPECT_EQ(store->unknown(UnknownId{7})->best_face, second);
}

TEST_F(DeskUndoOfGroups, AGroupIsNotShownByAFaceThatStaysOutside) {
  done(desk->not_a_face(first, "test"));
  undo(assigned);
  EXPECT_EQ(store->unknown(UnknownId{7})->faces, 1);
  EXPECT_EQ(store->unknown(UnknownId{7})->best_face, second);
}

TEST_F(DeskUndoOfGroups, AnUndoTakenBackTakesOutWhatItBroughtBack) {
  seen(3, 32, {}, {}, UnknownId{7});  // came since
  faces::UnknownRecord group = store->unknown(UnknownId{7}).value();
  group.faces += 1;
  ASSERT_TRUE(store->write({.unknowns = {group}}));
  const auto undone = done(desk->undo(*assigned, "test"));
  ASSERT_EQ(store->unknown(UnknownId{7})->faces, 3);
  done(desk->not_a_face(first, "test"));
  ASSERT_EQ(store->unknown(UnknownId{7})->faces, 2);
  undo(undone);
  EXPECT_EQ(store->face(second)->marked_person, ann);
  EXPECT_EQ(store->unknown(UnknownId{7})->faces, 1) << "one was out of it already";
}

TEST_F(DeskUndoOfGroups, AVisitLeavesTheGroupThatItCameInto) {
  const FaceId face = seen(3, 12, ann, VisitId{5}, {});
  const auto rejected = done(desk->reject_face(face, "test"));
  // Its next face is in a group.
  faces::VisitRecord visit = store->visit(VisitId{5}).value();
  visit.unknown = UnknownId{7};
  faces::UnknownRecord group = store->unknown(UnknownId{7}).value();
  group.visits = 1;
  ASSERT_TRUE(store->write({.visits = {visit}, .unknowns = {group}}));
  undo(rejected);
  EXPECT_EQ(store->visit(VisitId{5})->person, ann);
  EXPECT_EQ(store->visit(VisitId{5})->unknown, std::nullopt);
  EXPECT_EQ(store->unknown(UnknownId{7})->visits, 0);
}

}  // namespace
}  // namespace facepipe::people
