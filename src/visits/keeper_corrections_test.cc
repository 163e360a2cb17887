#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "visits/test_keeper.h"

namespace facepipe::visits {
namespace {

using faces::VisitState;
using ::testing::SizeIs;
using namespace std::chrono_literals;
using testing::embedding_of;

using KeeperCorrectionsTest = testing::VisitKeeperFixture;

TEST_F(KeeperCorrectionsTest, IgnoredStrangersAreKeptQuietly) {
  const auto first = keep({&face(5, 0)});
  const auto group = *visit(first[0].visit).unknown;
  UnknownCorrection ignored;
  ignored.unknown = group;
  ignored.faces = 1;
  ignored.visits = 1;
  ignored.ignored = true;
  ASSERT_TRUE(keeper->correct({{}, {ignored}}, {}));
  const std::size_t before = events().size();
  passed += 60s;
  ASSERT_TRUE(keeper->tick());
  const auto back = keep({&face(5, 100)});
  EXPECT_EQ(visit(back[0].visit).unknown, group);
  EXPECT_THAT(events(), SizeIs(before));
  EXPECT_TRUE(store_->unknown(group)->ignored) << "also after it was written again";
}

TEST_F(KeeperCorrectionsTest, WhoJoinsAGroupWhileOthersAreSaidToLeaveItIsCounted) {
  const auto group = *store_->face(*faces::parse<faces::FaceId>(keep({&face(5, 0, "")})[0].face_id))->unknown;
  UnknownCorrection seen;
  seen.unknown = group;
  seen.faces = 1;
  seen.best_face = store_->unknown(group)->best_face;
  UnknownCorrection left = seen;
  left.faces = 0;
  left.best_face.reset();
  Seen& later = face(5, 1, "");
  later.message.box = image::Box{0, 0, 200, 240};
  const auto kept = keep({&later});  // after that was decided, before it is written
  ASSERT_TRUE(keeper->correct({{}, {left}, {seen}}, {}));
  EXPECT_EQ(store_->unknown(group)->faces, 1);
  EXPECT_EQ(store_->face(*faces::parse<faces::FaceId>(kept[0].face_id))->unknown, group);
  keep({&face(5, 2, "")});
  EXPECT_EQ(store_->unknown(group)->faces, 2);
}

TEST_F(KeeperCorrectionsTest, WhatPeopleSayHoldsInAVisitUnderWayAndInOneOfBefore) {
  const std::string over = keep({&face(1, 0, "yard")})[0].visit;
  const std::string id = keep({&face(0, 0)})[0].visit;
  passed += 13s;
  ASSERT_TRUE(keeper->tick());
  const std::string now = keep({&face(0, 100)})[0].visit;
  start();  // visits that are over are not taken up again
  Corrections corrections;
  for (const std::string& told : {over, now}) {
    VisitCorrection& correction = corrections.visits.emplace_back();
    correction.visit = *faces::parse<faces::VisitId>(told);
    correction.person = faces::PersonId{77};
    correction.name = "Eve";
    correction.corrected_by = "page";
  }
  corrections.visits.emplace_back().visit = faces::VisitId{1};  // nobody's
  faces::Batch batch;
  batch.change = faces::NewChange{clock_.now(), "page", "visit.assign", "{}"};
  const auto written = keeper->correct(corrections, batch);
  ASSERT_TRUE(written) << written.error().message;
  EXPECT_TRUE(written->change);
  EXPECT_EQ(visit(over).name, "Eve");
  EXPECT_EQ(visit(over).state, VisitState::kEnded);
  EXPECT_EQ(keep({&face(0, 101)})[0].visit, now);
  EXPECT_EQ(visit(now).name, "Eve");
  EXPECT_EQ(visit(now).corrected_by, "page");
  EXPECT_EQ(visit(id).name, "Ann");
  EXPECT_EQ(std::ranges::count(events(), "visit.corrected"), 2);
}

TEST_F(KeeperCorrectionsTest, WhatIsTakenBackGivesNobodysVotesToSomebodyElse) {
  const std::string id = keep({&face(0, 0)})[0].visit;
  const VisitCorrection before{.visit = *faces::parse<faces::VisitId>(id),
                               .person = visit(id).person,
                               .name = "Ann",
                               .unknown = {},
                               .probability = {},
                               .corrected_by = ""};
  VisitCorrection said = before;
  said.person = faces::PersonId{77};
  said.name = "Eve";
  said.corrected_by = "page";
  ASSERT_TRUE(keeper->correct({{said}, {}}, {}));
  const auto bob = recognizer.gallery().id_of("Bob").value();
  const auto as_bob = [&](double seconds) -> Seen& {
    Seen& seen = face(0, seconds);
    seen.identity.person = bob;
    seen.identity.name = "Bob";
    seen.identity.distance = 0.8F;  // not surely, but more and more
    return seen;
  };
  for (int i = 1; i < 8; ++i) {
    ASSERT_EQ(keep({&as_bob(0.5 * i)})[0].visit, id);
  }
  ASSERT_EQ(visit(id).name, "Eve");
  ASSERT_TRUE(keeper->correct({{before}, {}}, {}));
  EXPECT_EQ(visit(id).name, "Ann");
  ASSERT_EQ(keep({&as_bob(4)})[0].visit, id);
  EXPECT_EQ(visit(id).name, "Bob") << "its faces are heard again";
  EXPECT_EQ(visit(id).second_name, "Ann");
}

TEST_F(KeeperCorrectionsTest, WhoIsErasedIsNotWrittenAgain) {
  const std::string id = keep({&face(0, 0)})[0].visit;
  const auto ann = *visit(id).person;
  recognizer = testing::recognizer_of({"Nobody", "Bob"});
  keeper->forget(ann);
  EXPECT_EQ(keeper->counters().open.value(), 0);
  ASSERT_TRUE(store_->erase(ann));
  passed += 60s;
  ASSERT_TRUE(keeper->tick());
  EXPECT_EQ(store_->visit(*faces::parse<faces::VisitId>(id)).error().code, ErrorCode::kNotFound);
  Seen& late = face(0, 2);  // recognised while she was still there
  late.identity.person = ann;
  late.identity.name = "Ann";
  const auto kept = keep({&late});
  EXPECT_EQ(store_->face(*faces::parse<faces::FaceId>(kept[0].face_id))->decision.name, "unknown");
  EXPECT_EQ(visit(kept[0].visit).person, std::nullopt);
}

TEST_F(KeeperCorrectionsTest, AnotherPersonsVisitGoesOnWhenWhoCameSecondIsErased) {
  const std::string id = keep({&face(1, 0)})[0].visit;
  Seen& doubtful = face(1, 1);
  const auto ann = *recognizer.gallery().id_of("Ann");
  doubtful.identity.person = ann;
  doubtful.identity.name = "Ann";
  doubtful.identity.distance = 0.95F;  // not surely
  keep({&doubtful});
  ASSERT_EQ(visit(id).name, "Bob");
  ASSERT_EQ(visit(id).second_name, "Ann");
  keeper->forget(ann);
  ASSERT_TRUE(store_->erase(ann));
  EXPECT_EQ(keep({&face(1, 2)})[0].visit, id) << "he has not gone";
  EXPECT_EQ(visit(id).second_name, "");
  EXPECT_EQ(visit(id).votes.find("Ann"), std::string::npos);
  passed += 60s;
  ASSERT_TRUE(keeper->tick());
  EXPECT_EQ(visit(id).state, VisitState::kEnded);
  EXPECT_EQ(std::ranges::count(events(), "visit.started"), 1);
}

TEST_F(KeeperCorrectionsTest, AnErasedFaceHasNoVoteAndIsNoBestFaceAnyMore) {
  Seen& ann = face(0, 0);
  ann.message.box = image::Box{0, 0, 200, 240};  // shows most
  Seen& unknown = face(0, 1);
  unknown.identity = recognize::unnamed(unknown.identity);
  const auto kept = keep({&ann});
  keep({&unknown});
  const faces::VisitRecord before = visit(kept[0].visit);
  const auto erased = *faces::parse<faces::FaceId>(kept[0].face_id);
  ASSERT_EQ(before.name, "Ann");
  ASSERT_EQ(before.best_face, erased);
  ASSERT_EQ(before.frames, 2);
  ASSERT_TRUE(keeper->forget(erased));
  ASSERT_TRUE(store_->erase_face(erased));
  EXPECT_EQ(events().back(), "visit.corrected");
  const faces::VisitRecord after = visit(kept[0].visit);
  EXPECT_EQ(after.person, std::nullopt);
  EXPECT_EQ(after.name, "");
  EXPECT_EQ(after.state, VisitState::kStarted);
  EXPECT_EQ(after.frames, 1);
  EXPECT_NE(after.best_face, erased);
  EXPECT_TRUE(after.best_face);
  EXPECT_EQ(after.first_seen, *unknown.message.time);
  EXPECT_EQ(after.votes.find("Ann"), std::string::npos);
  // It goes on, and what is written next does not bring it back.
  Seen& next = face(0, 2);
  next.identity = recognize::unnamed(next.identity);
  EXPECT_EQ(keep({&next})[0].visit, kept[0].visit);
  EXPECT_EQ(visit(kept[0].visit).name, "");
  EXPECT_EQ(visit(kept[0].visit).frames, 2);
  EXPECT_NE(visit(kept[0].visit).best_face, erased);
}

TEST_F(KeeperCorrectionsTest, AVisitAndAGroupGoWithTheirLastFace) {
  const auto kept = keep({&face(5, 0)});
  const auto id = *faces::parse<faces::FaceId>(kept[0].face_id);
  const auto group = *visit(kept[0].visit).unknown;
  ASSERT_TRUE(keeper->forget(id));
  ASSERT_TRUE(store_->erase_face(id));
  EXPECT_EQ(events().back(), "visit.erased");
  EXPECT_EQ(store_->unknown(group).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(keeper->counters().open.value(), 0);
  EXPECT_EQ(keeper->counters().groups.value(), 0);
  passed += 60s;
  ASSERT_TRUE(keeper->tick());
  EXPECT_EQ(store_->counts()->visits, 0) << "it is not written again";
  const auto back = keep({&face(5, 2)});
  EXPECT_NE(back[0].visit, kept[0].visit);
  EXPECT_NE(visit(back[0].visit).unknown, group) << "nothing is left that they could be like";
}

TEST_F(KeeperCorrectionsTest, AGroupForgetsAnErasedFace) {
  Seen& one = face(5, 0, "");
  Seen& two = face(5, 10, "");
  Seen& three = face(5, 20, "");
  one.embedding = embedding_of(5);
  two.embedding = embedding_of(5, 0.4F, 3);
  three.embedding = embedding_of(5);
  std::vector<faces::FaceId> ids;
  for (const Seen* seen : {&one, &two, &three}) {
    ids.push_back(*faces::parse<faces::FaceId>(keep({seen})[0].face_id));
  }
  const auto group = *store_->face(ids[1])->unknown;
  ASSERT_EQ(store_->unknown(group)->faces, 3);
  ASSERT_GT(store_->unknown(group)->centroid[9], 0.05F);
  ASSERT_TRUE(keeper->forget(ids[1]));
  const faces::UnknownRecord after = store_->unknown(group).value();
  EXPECT_EQ(after.faces, 2);
  EXPECT_FLOAT_EQ(after.centroid[5], 1);
  EXPECT_FLOAT_EQ(after.centroid[9], 0);
  EXPECT_EQ(store_->face(ids[1])->unknown, std::nullopt);
  ASSERT_TRUE(keeper->forget(ids[1])) << "again, as after a crash between the two steps";
  EXPECT_EQ(store_->unknown(group)->faces, 2);
}

TEST_F(KeeperCorrectionsTest, WhatAHumanSaidStaysWithoutAFaceAlsoInAVisitThatIsOver) {
  const auto kept = keep({&face(0, 0)});
  keep({&face(0, 1)});
  VisitCorrection correction;
  correction.visit = *faces::parse<faces::VisitId>(kept[0].visit);
  correction.person = faces::PersonId{77};
  correction.name = "Eve";
  correction.corrected_by = "page";
  ASSERT_TRUE(keeper->correct({{correction}, {}}, {}));
  passed += 60s;
  ASSERT_TRUE(keeper->tick());
  start();
  ASSERT_TRUE(keeper->forget(*faces::parse<faces::FaceId>(kept[0].face_id)));
  EXPECT_EQ(visit(kept[0].visit).name, "Eve");
  EXPECT_EQ(visit(kept[0].visit).state, VisitState::kEnded);
  EXPECT_EQ(visit(kept[0].visit).frames, 1);
}

TEST_F(KeeperCorrectionsTest, AFaceThatIsWaitedWithIsForgotten) {
  Seen& first = face(5, 0);
  first.message.confidence = 0.93F;  // not certain: a second one is waited for
  const auto waiting = keep({&first});
  ASSERT_EQ(waiting[0].visit, "");
  ASSERT_TRUE(keeper->forget(*faces::parse<faces::FaceId>(waiting[0].face_id)));
  Seen& second = face(5, 1);
  second.message.confidence = 0.93F;
  EXPECT_EQ(keep({&second})[0].visit, "") << "it is the first again";
}

}  // namespace
}  // namespace facepipe::visits
