// That nothing of somebody who was erased is left, wherever they had been before.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "people/test_desk.h"
#include "people/test_dying_store.h"

namespace facepipe::people {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

struct DeskErase : DeskAfterACrash {
  [[nodiscard]] std::string log_and_events() {
    std::string text;
    const auto changes = desk->changes({.limit = 500, .after = {}});
    const auto kept = store->events_after(faces::EventId{0}, 500);
    for (const ChangeSummary& change : changes->records) {
      text += change.name + change.record.what.json + "\n";
    }
    for (const faces::Event& event : *kept) {
      text += event.what.json + "\n";
    }
    return text;
  }
};

TEST_F(DeskErase, TakesWhomTheyWereMergedFromAlong) {
  const PersonId first = *add("Ann Alias", {10}).person;
  const PersonId second = *add("Ann Other", {11}).person;
  const PersonId ann = *add("Ann", {12}).person;
  const PersonId bob = *add("Bob", {20}).person;
  const FaceId face = seen(1, 10, first, VisitId{5}, {});
  ASSERT_TRUE(desk->merge(first, second, "test"));
  ASSERT_TRUE(desk->merge(second, ann, "test"));
  ASSERT_THAT(log_and_events(), HasSubstr("Ann Alias"));
  ASSERT_TRUE(desk->erase(ann, "test"));
  EXPECT_THAT(log_and_events(), Not(HasSubstr("Ann Alias")));
  EXPECT_THAT(log_and_events(), Not(HasSubstr("Ann Other")));
  EXPECT_THAT(log_and_events(), HasSubstr("Bob"));
  EXPECT_FALSE(store->face(face));
  EXPECT_TRUE(desk->person(bob));
}

TEST_F(DeskErase, LeavesWhomAMergeThatWasUndoneGaveBack) {
  const PersonId bob = *add("Bob", {20}).person;
  const PersonId ann = *add("Ann", {10}).person;
  const FaceId face = seen(1, 20, bob, VisitId{5}, {});
  undo(done(desk->merge(bob, ann, "test")));
  ASSERT_TRUE(desk->erase(ann, "test"));
  EXPECT_EQ(desk->person(bob)->name, "Bob");
  EXPECT_EQ(desk->person(bob)->pictures, 1U);
  EXPECT_EQ(store->face(face)->decision.person, bob);
}

TEST_F(DeskErase, TakesTheGroupsThatTheyWereInAlong) {
  const PersonId ann = *add("Ann", {10}).person;
  seen(1, 10, {}, {}, UnknownId{7});
  const FaceId other = seen(2, 50, {}, {}, UnknownId{8});
  ASSERT_TRUE(desk->assign_unknown(UnknownId{7}, ann, "test"));
  ASSERT_TRUE(store->unknown(UnknownId{7})) << "for an undo";
  ASSERT_TRUE(desk->erase(ann, "test"));
  EXPECT_EQ(store->unknown(UnknownId{7}).error().code, ErrorCode::kNotFound) << "its middle is their embedding";
  EXPECT_TRUE(store->unknown(UnknownId{8}));
  EXPECT_TRUE(store->face(other));
}

TEST_F(DeskErase, TakesTheirFacesThatWereRejectedAsOthersAlong) {
  const PersonId ann = *add("Ann", {10}).person;
  const PersonId bob = *add("Bob", {90}).person;
  const FaceId hers = seen(1, 10, bob, {}, {});
  const FaceId nobodys = seen(2, 60, bob, {}, {});
  ASSERT_TRUE(desk->reject_face(hers, "test"));
  ASSERT_TRUE(desk->reject_face(nobodys, "test"));
  ASSERT_EQ(desk->person(bob)->rejected, 2U);
  ASSERT_TRUE(desk->erase(ann, "test"));
  const gallery::Gallery gallery = file.load().value();
  EXPECT_THAT(gallery.rejected(bob), ElementsAre(ElementsAre(60)));
}

TEST_F(DeskErase, IsCompletedWhateverWasSaidMeanwhile) {
  const PersonId ann = *add("Ann", {10}).person;
  const FaceId face = seen(1, 60, {}, {}, {});
  crash_in([&](PeopleDesk& dies) { (void)dies.erase(ann, "test"); });
  {
    faces::SqliteFaceStore::Options options;
    options.clock = &clock;
    const auto kept = faces::SqliteFaceStore::open(folder / "faces.db", options).value();
    PeopleDesk beside(parts(kept.get()));
    ASSERT_TRUE(beside.ignore_face(face, "page"));
  }
  open();
  EXPECT_THAT(names(), IsEmpty());
  EXPECT_EQ(store->counts()->pictures, 0);
}

}  // namespace
}  // namespace facepipe::people
