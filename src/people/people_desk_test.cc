#include "people/people_desk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "faces/ids.h"
#include "people/test_desk.h"
#include "people/test_dying_store.h"

namespace facepipe::people {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

TEST_F(Desk, EnrolsAndKeepsThePictures) {
  const Bytes one = picture({10});
  const Bytes two = picture({1, 2});
  const Bytes none = picture({});
  const std::vector<PictureToAdd> pictures = {{"one", one}, {"two", two}, {"none", none}, {"text", as_bytes("hi")}};
  const auto added = desk->add_pictures("Ann", pictures, {}, "page");
  ASSERT_TRUE(added) << added.error().message;
  EXPECT_TRUE(added->is_new);
  EXPECT_TRUE(added->undoable);
  ASSERT_THAT(added->pictures, SizeIs(4));
  EXPECT_EQ(added->pictures[0].refusal, Refusal::kNone);
  EXPECT_EQ(added->pictures[1].refusal, Refusal::kSeveralFaces);
  EXPECT_EQ(added->pictures[2].refusal, Refusal::kNoFace);
  EXPECT_EQ(added->pictures[3].refusal, Refusal::kNoPicture);
  EXPECT_THAT(reds_of("Ann"), ElementsAre(10));
  const auto kept = desk->picture(*added->pictures[0].picture);
  ASSERT_TRUE(kept);
  EXPECT_TRUE(kept->kept);
  EXPECT_EQ(kept->record.source, "one");
  EXPECT_FALSE(desk->picture_crop(kept->id)->picture.empty());
  const auto person = desk->person("Ann");
  ASSERT_TRUE(person);
  EXPECT_EQ(person->cover, kept->id);
  EXPECT_THAT(events(), ElementsAre("person.added"));
  const auto changes = desk->changes({});
  ASSERT_TRUE(changes);
  EXPECT_EQ(changes->records.at(0).record.what.who, "page");
  EXPECT_EQ(changes->records.at(0).name, "Ann");
}

TEST_F(Desk, NobodyIsAddedByPicturesThatAreAllRefused) {
  const Bytes none = picture({});
  const std::vector<PictureToAdd> pictures = {{"none", none}};
  const auto added = desk->add_pictures("Ann", pictures, {}, "test");
  ASSERT_TRUE(added);
  EXPECT_FALSE(added->person);
  EXPECT_FALSE(added->change);
  EXPECT_THAT(desk->people("", {})->records, IsEmpty());
  EXPECT_EQ(desk->add_pictures("unknown", pictures, {}, "test").error().code, ErrorCode::kInvalidArgument);
}

TEST_F(Desk, WhatTheNetworkSaysOfAFaceIsAFlawOfItAndItsFailureEndsTheWork) {
  model::Manifest judging = manifest;
  judging.decision = model::Decision{.false_accepts = {{0.2F, 1e-4}, {0.4F, 1e-3}}};
  judging.norm = model::NormLimits{.weak = 46, .useless = 35};
  std::shared_ptr<embed::testing::TestEmbedder> network;
  DeskParts judged = parts(store.get());
  judged.manifest = judging;
  judged.recognizer = [&]() -> Result<std::shared_ptr<const recognize::FaceRecognizer>> {
    FACEPIPE_ASSIGN(auto made, recognize::FaceRecognizer::create(
                                   network, judging, recognize::new_gallery(judging, judging.preprocessing)));
    return std::make_shared<const recognize::FaceRecognizer>(std::move(made));
  };
  PeopleDesk judge(std::move(judged));
  const Bytes encoded = picture({10});
  const auto add = [&](float norm, const AddOptions& options) {
    network = std::make_shared<embed::testing::TestEmbedder>(red_of);
    network->set_norm(norm);
    const PictureToAdd one{"one", encoded};
    return judge.add_pictures("Ann", {&one, 1}, options, "test").value().pictures.at(0);
  };
  EXPECT_THAT(add(40, {.force = true}).reasons, Contains("weak embedding"));
  EXPECT_THAT(add(70, {.force = true}).reasons, Not(Contains("weak embedding")));
  EXPECT_EQ(add(40, {}).refusal, Refusal::kCannotBeTold);
  const auto before = desk->changes({})->records.size();
  network =
      std::make_shared<embed::testing::TestEmbedder>([](auto, const auto&) -> Result<std::vector<embed::Embedding>> {
        return Error{ErrorCode::kExhausted, "no memory"};
      });
  const PictureToAdd one{"one", encoded};
  EXPECT_EQ(judge.add_pictures("Ann", {&one, 1}, {.force = true}, "test").error().message, "no memory");
  EXPECT_EQ(desk->changes({})->records.size(), before);
}

TEST_F(Desk, EveryEditIsUndoneAndRedone) {
  const PersonId ann = *add("Ann", {10, 11}).person;
  const PersonId bob = *add("Bob", {20}).person;
  const PictureId first = desk->pictures(ann, {})->records.at(0).id;

  auto change = done(desk->remove_picture(first, "test"));
  EXPECT_THAT(reds_of("Ann"), ElementsAre(11));
  EXPECT_FALSE(desk->picture(first));
  undo(change);
  EXPECT_THAT(reds_of("Ann"), UnorderedElementsAre(10, 11));
  EXPECT_TRUE(desk->picture(first));

  change = done(desk->move_picture(first, bob, "test"));
  EXPECT_THAT(reds_of("Bob"), UnorderedElementsAre(20, 10));
  EXPECT_EQ(desk->picture(first)->person, bob);
  undo(change);
  EXPECT_THAT(reds_of("Bob"), ElementsAre(20));
  EXPECT_EQ(desk->picture(first)->person, ann);

  change = done(desk->reject_picture(first, "test"));
  EXPECT_EQ(desk->person(ann)->rejected, 1U);
  EXPECT_EQ(desk->person(ann)->pictures, 1U);
  undo(change);
  EXPECT_EQ(desk->person(ann)->rejected, 0U);
  EXPECT_EQ(desk->person(ann)->pictures, 2U);

  change = done(desk->rename(ann, "Anna", "test"));
  EXPECT_THAT(names(), UnorderedElementsAre("Anna", "Bob"));
  undo(change);
  EXPECT_THAT(names(), UnorderedElementsAre("Ann", "Bob"));
  EXPECT_EQ(desk->rename(ann, "Bob", "test").error().code, ErrorCode::kAlreadyExists);

  change = done(desk->merge(bob, ann, "test"));
  EXPECT_THAT(reds_of("Ann"), UnorderedElementsAre(10, 11, 20));
  EXPECT_FALSE(desk->person(bob));
  undo(change);
  EXPECT_THAT(reds_of("Bob"), ElementsAre(20));
  EXPECT_EQ(desk->person("Bob")->id, bob);
  EXPECT_TRUE(desk->pictures(bob, {})->records.at(0).kept);

  change = done(desk->remove(ann, "test"));
  EXPECT_THAT(names(), ElementsAre("Bob"));
  EXPECT_TRUE(desk->undo(*change, "test"));
  EXPECT_EQ(desk->person("Ann")->id, ann);
  EXPECT_EQ(desk->undo(*change, "test").error().code, ErrorCode::kInvalidArgument);  // already
  const auto last = desk->changes({.limit = 1, .after = {}})->records.at(0).record.id;
  EXPECT_TRUE(desk->undo(last, "test"));  // of the undo
  EXPECT_THAT(names(), ElementsAre("Bob"));
}

TEST_F(Desk, WhatWasRemovedIsDroppedWhenItsTimeIsOver) {
  const PersonId ann = *add("Ann", {10}).person;
  const auto change = done(desk->remove(ann, "test"));
  EXPECT_EQ(desk->tidy().value(), 0U);
  EXPECT_EQ(store->counts()->pictures, 1);
  clock.advance(PeopleDesk::kUndoTime + std::chrono::hours(1));
  EXPECT_EQ(desk->tidy().value(), 1U);
  EXPECT_EQ(store->counts()->pictures, 0);
  EXPECT_EQ(desk->undo(*change, "test").error().code, ErrorCode::kMismatch);
}

TEST_F(Desk, AnErasedPersonIsGoneEverywhere) {
  const PersonId ann = *add("Ann Onymous", {10}).person;
  seen(1, 10, ann, VisitId{5}, {});
  ASSERT_TRUE(desk->rename(ann, "Ann Known", "test"));
  const auto erased = desk->erase(ann, "test");
  ASSERT_TRUE(erased) << erased.error().message;
  EXPECT_GE(*erased, 3);  // picture, face, visit
  EXPECT_THAT(names(), IsEmpty());
  EXPECT_FALSE(store->face(FaceId{1}));
  EXPECT_EQ(store->counts()->pictures, 0);
  const auto changes = desk->changes({});
  ASSERT_TRUE(changes);
  for (const ChangeSummary& change : changes->records) {
    EXPECT_EQ(change.record.what.json.find("Ann"), std::string::npos) << change.record.what.json;
  }
}

TEST_F(Desk, SayingWhoAFaceIsEnrolsNothing) {
  const PersonId ann = *add("Ann", {10}).person;
  const FaceId face = seen(1, 30, {}, VisitId{5}, UnknownId{7});
  const auto assigned = desk->assign_unknown(UnknownId{7}, ann, "page");
  ASSERT_TRUE(assigned) << assigned.error().message;
  EXPECT_THAT(reds_of("Ann"), ElementsAre(10));
  EXPECT_EQ(store->face(face)->mark, faces::Mark::kAssigned);
  EXPECT_EQ(store->face(face)->marked_person, ann);
  EXPECT_EQ(store->visit(VisitId{5})->person, ann);
  EXPECT_EQ(store->visit(VisitId{5})->corrected_by, "page");
  EXPECT_EQ(store->unknown(UnknownId{7})->faces, 0);
  undo(assigned->change);
  EXPECT_EQ(store->face(face)->mark, faces::Mark::kNone);
  EXPECT_EQ(store->face(face)->unknown, UnknownId{7});
  EXPECT_FALSE(store->visit(VisitId{5})->person);
  EXPECT_EQ(store->unknown(UnknownId{7})->faces, 1);
  EXPECT_THAT(desk->person("Ann")->last_seen, ::testing::Eq(std::nullopt));
}

TEST_F(Desk, AVisitIsToldOnceToBeCorrectedAndAsItIs) {
  const PersonId ann = *add("Ann", {10}).person;
  seen(1, 30, {}, VisitId{5}, {});
  const std::size_t before = events().size();
  ASSERT_TRUE(desk->assign_visit(VisitId{5}, ann, "page"));
  const auto told = store->events_after(faces::EventId{0}, 500).value();
  ASSERT_THAT(told, SizeIs(before + 2));
  EXPECT_EQ(told[before].what.type, "face.assigned");
  EXPECT_EQ(told[before + 1].what.type, "visit.corrected");
  EXPECT_THAT(told[before + 1].what.json, HasSubstr(R"({"visit":{"id":"0000000000000005","camera":"door")"));
  EXPECT_THAT(told[before + 1].what.json, HasSubstr(R"("name":"Ann")"));
  EXPECT_THAT(told[before + 1].what.json, HasSubstr(R"("corrected_by":"page")"));
}

// As a client that got no answer sends it again.
TEST_F(Desk, WhatIsSaidAgainChangesNothing) {
  const PersonId ann = *add("Ann", {10}).person;
  const FaceId face = seen(1, 30, {}, VisitId{5}, UnknownId{7});
  ASSERT_TRUE(done(desk->assign_visit(VisitId{5}, ann, "page")));
  const std::size_t before = events().size();
  const auto again = desk->assign_visit(VisitId{5}, ann, "page");
  ASSERT_TRUE(again);
  EXPECT_FALSE(again->change);
  EXPECT_EQ(again->name, "Ann");
  EXPECT_FALSE(desk->assign_faces({&face, 1}, ann, "page")->change);
  EXPECT_THAT(events(), SizeIs(before));
}

// By whoever follows them, where somebody does: it is the same event.
TEST_F(Desk, WhoFollowsVisitsTellsOfThem) {
  struct Follower final : VisitDesk {
    Result<faces::Written> write(const Corrections& corrections, faces::Batch batch) override {
      visits += corrections.visits.size();
      for (const faces::NewEvent& event : batch.events) {
        types.push_back(event.type);
      }
      return faces::Written{};
    }
    void forget(PersonId /*person*/) override {}
    void forget(UnknownId /*group*/) override {}
    std::size_t visits = 0;
    std::vector<std::string> types;
  } follower;
  const PersonId ann = *add("Ann", {10}).person;
  seen(1, 30, {}, VisitId{5}, {});
  DeskParts followed = parts(store.get());
  followed.visits = &follower;
  PeopleDesk other(std::move(followed));
  ASSERT_TRUE(other.assign_visit(VisitId{5}, ann, "page"));
  EXPECT_EQ(follower.visits, 1U);
  EXPECT_THAT(follower.types, ElementsAre("face.assigned"));
}

TEST_F(Desk, WhoJoinsAGroupMeanwhileIsCounted) {
  struct Busy final : VisitDesk {
    Busy(faces::FaceStore& faces, const Clock& clock) : store(faces), kept(faces, clock) {}
    Result<faces::Written> write(const Corrections& corrections, faces::Batch batch) override {
      faces::UnknownRecord group = store.unknown(UnknownId{7}).value();
      group.faces += 1;
      EXPECT_TRUE(store.write({.unknowns = {group}}));
      return kept.write(corrections, std::move(batch));
    }
    void forget(PersonId /*person*/) override {}
    void forget(UnknownId /*group*/) override {}
    faces::FaceStore& store;
    KeptVisits kept;
  } busy(*store, clock);
  const PersonId ann = *add("Ann", {10}).person;
  seen(1, 30, {}, VisitId{5}, UnknownId{7});
  DeskParts followed = parts(store.get());
  followed.visits = &busy;
  PeopleDesk other(std::move(followed));
  ASSERT_TRUE(other.assign_visit(VisitId{5}, ann, "page"));
  EXPECT_EQ(store->unknown(UnknownId{7})->faces, 1);
  EXPECT_EQ(store->unknown(UnknownId{7})->visits, 0);
}

TEST_F(Desk, SomebodyNewIsEnrolledByTheBestFace) {
  seen(1, 30, {}, VisitId{5}, UnknownId{7});
  const auto assigned = desk->assign_visit(VisitId{5}, "Cleo", "page");
  ASSERT_TRUE(assigned) << assigned.error().message;
  EXPECT_TRUE(assigned->is_new);
  EXPECT_THAT(reds_of("Cleo"), ElementsAre(30));
  EXPECT_EQ(store->visit(VisitId{5})->name, "Cleo");
  EXPECT_EQ(desk->pictures(assigned->person, {})->records.at(0).record.face, FaceId{1});
  undo(assigned->change);
  EXPECT_THAT(names(), IsEmpty());
  EXPECT_FALSE(store->visit(VisitId{5})->person);
}

TEST_F(Desk, ARejectedFaceIsNotNamedSoAgain) {
  const PersonId ann = *add("Ann", {10}).person;
  const FaceId face = seen(1, 12, ann, VisitId{5}, {});
  const auto change = done(desk->reject_face(face, "page"));
  EXPECT_EQ(store->face(face)->mark, faces::Mark::kRejected);
  EXPECT_FALSE(store->visit(VisitId{5})->person);
  EXPECT_EQ(desk->person(ann)->rejected, 1U);
  undo(change);
  EXPECT_EQ(desk->person(ann)->rejected, 0U);
  EXPECT_EQ(store->visit(VisitId{5})->person, ann);
  const FaceId nobody = seen(2, 99, {}, {}, {});
  EXPECT_EQ(desk->reject_face(nobody, "page").error().code, ErrorCode::kInvalidArgument);
}

TEST_F(Desk, MarksOfFacesAndGroups) {
  const FaceId face = seen(1, 30, {}, {}, UnknownId{7});
  const auto ignored = done(desk->ignore_face(face, "page"));
  EXPECT_EQ(store->face(face)->mark, faces::Mark::kIgnored);
  undo(ignored);
  EXPECT_EQ(store->face(face)->mark, faces::Mark::kNone);
  done(desk->not_a_face(face, "page"));
  EXPECT_EQ(store->face(face)->mark, faces::Mark::kNoFace);
  EXPECT_EQ(store->unknown(UnknownId{7})->faces, 0);
  done(desk->clear_mark(face, "page"));
  const auto group = done(desk->ignore_unknown(UnknownId{7}, true, "page"));
  EXPECT_TRUE(store->unknown(UnknownId{7})->ignored);
  undo(group);
  EXPECT_FALSE(store->unknown(UnknownId{7})->ignored);
}

TEST_F(Desk, AFaceThatIsNamedTwiceInARequestLeavesItsGroupOnce) {
  const PersonId ann = *add("Ann", {10}).person;
  const FaceId first = seen(1, 30, {}, {}, UnknownId{7});
  const FaceId second = seen(2, 31, {}, {}, UnknownId{7});
  faces::UnknownRecord group = store->unknown(UnknownId{7}).value();
  group.faces = 2;
  group.best_face = second;
  ASSERT_TRUE(store->write({.unknowns = {group}}));
  const auto assigned = done(desk->assign_faces(std::vector{first, first}, ann, "page"));
  EXPECT_EQ(store->unknown(UnknownId{7})->faces, 1);
  EXPECT_EQ(store->unknown(UnknownId{7})->best_face, second);
  undo(assigned);
  EXPECT_EQ(store->unknown(UnknownId{7})->faces, 2);
}

TEST_F(Desk, AVisitLeavesItsGroupAlsoByAFaceThatWasInNone) {
  const PersonId ann = *add("Ann", {10}).person;
  seen(1, 30, {}, VisitId{5}, UnknownId{7});
  const FaceId ungrouped = seen(2, 31, {}, VisitId{5}, {});
  ASSERT_EQ(store->unknown(UnknownId{7})->visits, 1);
  const auto assigned = done(desk->assign_faces(std::vector{ungrouped}, ann, "page"));
  ASSERT_EQ(store->visit(VisitId{5})->unknown, std::nullopt);
  EXPECT_EQ(store->unknown(UnknownId{7})->visits, 0);
  EXPECT_EQ(store->unknown(UnknownId{7})->faces, 1);
  undo(assigned);
  EXPECT_EQ(store->unknown(UnknownId{7})->visits, 1);
}

TEST_F(Desk, AGroupIsNotShownByAFaceThatLeftIt) {
  const PersonId ann = *add("Ann", {10}).person;
  const FaceId first = seen(1, 30, {}, {}, UnknownId{7});
  const FaceId second = seen(2, 31, {}, {}, UnknownId{7});
  faces::UnknownRecord group = store->unknown(UnknownId{7}).value();
  group.faces = 2;
  group.best_face = first;
  ASSERT_TRUE(store->write({.unknowns = {group}}));
  const auto no_face = done(desk->not_a_face(first, "page"));
  EXPECT_EQ(store->unknown(UnknownId{7})->faces, 1);
  EXPECT_EQ(store->unknown(UnknownId{7})->best_face, second);
  undo(no_face);
  EXPECT_EQ(store->unknown(UnknownId{7})->best_face, first);
  done(desk->assign_faces(std::vector{first}, ann, "page"));
  EXPECT_EQ(store->unknown(UnknownId{7})->best_face, second);
  done(desk->assign_faces(std::vector{second}, ann, "page"));
  EXPECT_EQ(store->unknown(UnknownId{7})->best_face, std::nullopt);
}

TEST_F(Desk, AKeptFaceBecomesAPicture) {
  const PersonId ann = *add("Ann", {10}).person;
  const FaceId face = seen(1, 30, {}, {}, {});
  const auto added = desk->enrol_faces(ann, std::vector{face}, {}, "page");
  ASSERT_TRUE(added) << added.error().message;
  EXPECT_THAT(reds_of("Ann"), ElementsAre(10, 30));
  EXPECT_EQ(desk->picture(*added->pictures.at(0).picture)->record.face, face);
}

TEST_F(Desk, PicturesByLikenessPageByPage) {
  // "Cosines" of one number are products: 945 of the first, 505 and 550.
  const PersonId ann = *add("Ann", {90, 10, 11}).person;
  add("Bob", {10});
  const auto enrolled = desk->pictures(ann, {}).value().records;
  ASSERT_THAT(enrolled, SizeIs(3));
  EXPECT_FLOAT_EQ(*enrolled[0].likeness, 945);
  std::vector<PictureId> found;
  faces::PageRequest page{.limit = 1, .after = {}};
  while (true) {
    const auto one = desk->pictures(ann, page, PictureOrder::kLikeness);
    ASSERT_TRUE(one) << one.error().message;
    ASSERT_THAT(one->records, SizeIs(1));
    found.push_back(one->records[0].id);
    if (!one->next) {
      break;
    }
    page.after = *one->next;
  }
  EXPECT_THAT(found, ElementsAre(enrolled[1].id, enrolled[2].id, enrolled[0].id));
  EXPECT_EQ(desk->pictures(ann, page).error().code, ErrorCode::kInvalidArgument) << "a cursor of the other order";
  EXPECT_EQ(enrolled[1].doubt, recognize::Doubt::kDouble);
  EXPECT_EQ(enrolled[1].other_name, "Bob");
  EXPECT_EQ(desk->person(ann, true)->doubtful, 1U);
  EXPECT_EQ(desk->person(ann)->doubtful, std::nullopt);
  EXPECT_EQ(desk->people("", {}, true)->records.at(0).doubtful, 1U);
  EXPECT_EQ(desk->people("", {})->records.at(0).doubtful, std::nullopt);
  EXPECT_EQ(desk->pictures(PersonId{1}, {}).error().code, ErrorCode::kNotFound);
}

TEST_F(Desk, WithoutAStoreTheGalleryAloneIsChanged) {
  open(/*keeps=*/false);
  const Added added = add("Ann", {10, 11});
  EXPECT_FALSE(added.change);
  const auto pictures = desk->pictures(*added.person, {});
  ASSERT_TRUE(pictures);
  ASSERT_THAT(pictures->records, SizeIs(2));
  EXPECT_FALSE(pictures->records[0].kept);
  EXPECT_EQ(pictures->records[0].id, added.pictures.at(0).picture);
  EXPECT_TRUE(desk->remove_picture(pictures->records[0].id, "test"));
  EXPECT_THAT(reds_of("Ann"), ElementsAre(11));
  EXPECT_EQ(desk->undo(ChangeId{1}, "test").error().message, "nothing is kept: --keep none");
  EXPECT_EQ(desk->erase(*added.person, "test").value(), 0);
  EXPECT_THAT(names(), IsEmpty());
}

TEST_F(Desk, PagesGoThroughEverybody) {
  for (int i = 1; i <= 5; ++i) {
    add("P" + std::to_string(i), {10 * i, 10 * i + 1});
  }
  const auto first = desk->people("", {.limit = 3, .after = {}});
  ASSERT_TRUE(first);
  ASSERT_TRUE(first->next);
  const auto second = desk->people("", {.limit = 3, .after = *first->next});
  ASSERT_TRUE(second);
  EXPECT_THAT(second->records, SizeIs(2));
  EXPECT_FALSE(second->next);
  EXPECT_THAT(desk->people("3", {})->records, SizeIs(1));
  EXPECT_EQ(desk->people("", {.limit = 3, .after = "x"}).error().code, ErrorCode::kInvalidArgument);
  const auto range = desk->pictures_from({}, 3, 4);
  ASSERT_TRUE(range);
  EXPECT_EQ(range->total, 10U);
  ASSERT_THAT(range->pictures, SizeIs(4));
  EXPECT_EQ(range->pictures[0].record.source, "red 21");
  EXPECT_EQ(range->pictures[3].record.source, "red 40");
}

TEST_F(Desk, PagesMissNobodyThoughSomeGoMeanwhile) {
  std::vector<PersonId> ids;
  for (int i = 1; i <= 9; ++i) {
    ids.push_back(*add("P" + std::to_string(i), {10 * i}).person);
  }
  const auto names_of = [](const faces::Page<PersonSummary>& page) {
    std::vector<std::string> found;
    std::ranges::transform(page.records, std::back_inserter(found), &PersonSummary::name);
    return found;
  };
  const auto first = desk->people("", {.limit = 3, .after = {}}).value();
  ASSERT_THAT(names_of(first), ElementsAre("P1", "P2", "P3"));
  const auto removed = done(desk->remove(ids[0], "test"));
  done(desk->remove(ids[2], "test"));
  const auto second = desk->people("", {.limit = 3, .after = *first.next}).value();
  EXPECT_THAT(names_of(second), ElementsAre("P4", "P5", "P6"));
  undo(removed);  // at the end of the list
  for (const std::size_t shown : {3U, 4U, 5U}) {
    done(desk->remove(ids[shown], "test"));
  }
  const auto third = desk->people("", {.limit = 500, .after = *second.next}).value();
  EXPECT_THAT(names_of(third), ::testing::IsSupersetOf({"P7", "P8", "P9", "P1"}));

  const PersonId many = *add("Many", {101, 102, 103, 104, 105}).person;
  const auto two = desk->pictures(many, {.limit = 2, .after = {}}).value();
  done(desk->remove_picture(two.records[0].id, "test"));
  const auto rest = desk->pictures(many, {.limit = 5, .after = *two.next}).value();
  ASSERT_THAT(rest.records, SizeIs(3));
  EXPECT_EQ(rest.records[0].record.source, "red 103");
  open(/*keeps=*/false);  // pictures that are told apart by nothing but their place
  const PersonId same = *add("Same", {110, 110, 110, 120}).person;
  std::size_t pages = 0;
  for (faces::PageRequest page{.limit = 1, .after = {}}; pages < 9; ++pages) {
    const auto one = desk->pictures(same, page).value();
    if (!one.next) {
      break;
    }
    page.after = *one.next;
  }
  EXPECT_EQ(pages, 3U);
  EXPECT_EQ(desk->people("", {.limit = 3, .after = "at:1:x"}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(names_of(desk->people("", {.limit = 1, .after = "at:1"}).value()), names_of(desk->people("P7", {}).value()))
      << "a cursor of an older release";
}

// Of two who add somebody of one name at once the second is told, and does not make one person of the two.
TEST_F(Desk, WhoIsToBeNewIsNotAddedToSomebodyWhoCameMeanwhile) {
  const Bytes other = picture({20});
  const Bytes mine = picture({10});
  bool came = false;
  const detect::testing::TestDetector slow([&](image::RgbView pixels, const WorkLimit& limit) {
    if (!std::exchange(came, true)) {
      const PictureToAdd theirs{"theirs", other};
      EXPECT_TRUE(desk->add_pictures("Ann", {&theirs, 1}, {.only_new = true}, "quicker"));
    }
    return red_squares(pixels, limit);
  });
  DeskParts looking = parts(store.get());
  looking.detector = &slow;
  PeopleDesk second(std::move(looking));
  const PictureToAdd one{"mine", mine};
  const auto added = second.add_pictures("Ann", {&one, 1}, {.only_new = true}, "slower");
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().code, ErrorCode::kAlreadyExists);
  EXPECT_THAT(reds_of("Ann"), ElementsAre(20));
  EXPECT_TRUE(second.add_pictures("Ann", {&one, 1}, {}, "slower"));
  EXPECT_THAT(reds_of("Ann"), ElementsAre(20, 10));
}

TEST_F(DeskAfterACrash, TheChangeIsCompleted) {
  add("Ann", {10, 11});
  const Bytes encoded = picture({12});
  crash_in([&](PeopleDesk& dies) {
    const std::vector<PictureToAdd> pictures = {{"twelve", encoded}};
    (void)dies.add_pictures("Ann", pictures, {}, "test");
  });
  EXPECT_THAT(reds_of("Ann"), ElementsAre(10, 11));
  open();
  EXPECT_THAT(reds_of("Ann"), ElementsAre(10, 11, 12));
  EXPECT_EQ(desk->pictures_from({}, 0, 10)->pictures.size(), 3U);
  open();  // nothing is done twice
  EXPECT_THAT(reds_of("Ann"), ElementsAre(10, 11, 12));
  EXPECT_EQ(desk->tidy().value(), 0U);

  const PersonId ann = desk->person("Ann")->id;
  crash_in([&](PeopleDesk& dies) { (void)dies.rename(ann, "Anna", "test"); });
  EXPECT_THAT(names(), ElementsAre("Ann"));
  open();
  EXPECT_THAT(names(), ElementsAre("Anna"));

  crash_in([&](PeopleDesk& dies) { (void)dies.erase(ann, "test"); });
  EXPECT_THAT(names(), ElementsAre("Anna"));
  open();
  EXPECT_THAT(names(), IsEmpty());
  EXPECT_EQ(store->counts()->pictures, 0);
}

// What changes what is kept alone does not wait for the gallery's lock.
TEST_F(DeskAfterACrash, TheChangeIsCompletedThoughSomethingWasSaidBehindIt) {
  const PersonId ann = *add("Ann", {10}).person;
  const FaceId face = seen(1, 60, {}, {}, {});
  const Bytes encoded = picture({12});
  crash_in([&](PeopleDesk& dies) {
    const std::vector<PictureToAdd> pictures = {{"twelve", encoded}};
    (void)dies.add_pictures("Ann", pictures, {}, "test");
  });
  {
    faces::SqliteFaceStore::Options options;
    options.clock = &clock;
    const auto kept = faces::SqliteFaceStore::open(folder / "faces.db", options).value();
    PeopleDesk beside(parts(kept.get()));
    ASSERT_TRUE(beside.ignore_face(face, "page"));
    ASSERT_TRUE(beside.clear_mark(face, "page"));
  }
  open();
  EXPECT_THAT(reds_of("Ann"), ElementsAre(10, 12));
  EXPECT_EQ(desk->person(ann)->pictures, 2U);
  // One that was made is not made again, however much was said since.
  const auto removed = done(desk->remove_picture(desk->pictures(ann, {})->records.at(1).id, "test"));
  ASSERT_TRUE(desk->ignore_face(face, "page"));
  open();
  EXPECT_THAT(reds_of("Ann"), ElementsAre(10));
  undo(removed);
  EXPECT_THAT(reds_of("Ann"), ElementsAre(10, 12));
}

TEST_F(DeskAfterACrash, TheFirstEnrolmentIsCompleted) {
  const Bytes encoded = picture({12});
  crash_in([&](PeopleDesk& dies) {
    const std::vector<PictureToAdd> pictures = {{"twelve", encoded}};
    (void)dies.add_pictures("Ann", pictures, {}, "test");
  });
  open();
  EXPECT_THAT(reds_of("Ann"), ElementsAre(12));
}

}  // namespace
}  // namespace facepipe::people
