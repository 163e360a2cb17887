#include "visits/tracker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "visits/test_faces.h"

namespace facepipe::visits {
namespace {

using namespace testing;  // the made-up faces
using faces::VisitState;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct TrackerTest : ::testing::Test {
  std::vector<std::optional<faces::VisitId>> see(const std::vector<MadeFace>& faces) {
    return tracker.add(frame(faces), kLikeness, changes);
  }
  std::vector<VisitEvent> events() {
    std::vector<VisitEvent> kinds;
    for (const VisitHappening& happening : changes.happenings) {
      kinds.push_back(happening.event);
    }
    return kinds;
  }
  Tracker tracker{"door", {}};
  VisitChanges changes;
};

TEST_F(TrackerTest, SomebodyWhoStaysIsOneVisit) {
  const auto first = see({face_of(1, 0)});
  ASSERT_TRUE(first[0]);
  for (int i = 1; i < 20; ++i) {
    EXPECT_EQ(see({face_of(1, 0.5 * i, 100 + 50.0F * static_cast<float>(i))}), first);
  }
  EXPECT_THAT(events(), ElementsAre(VisitEvent::kStarted));
  tracker.close(at(9.5 + 10), changes);
  EXPECT_THAT(events(), ElementsAre(VisitEvent::kStarted)) << "exactly the timeout";
  tracker.close(at(9.5 + 10.001), changes);
  EXPECT_THAT(events(), ElementsAre(VisitEvent::kStarted, VisitEvent::kEnded));
  const faces::VisitRecord& record = changes.visits.at(*first[0]);
  EXPECT_EQ(record.state, VisitState::kEnded);
  EXPECT_EQ(record.frames, 20);
  EXPECT_EQ(record.camera, "door");
  EXPECT_EQ(record.first_seen, at(0));
  EXPECT_EQ(record.last_seen, at(9.5));
  EXPECT_EQ(tracker.open(), 0U);
}

TEST_F(TrackerTest, ADoubtfulFaceIsAVisitWithItsSecond) {
  MadeFace doubtful = face_of(1, 0);
  doubtful.sighting.confidence = 0.92F;
  EXPECT_EQ(see({doubtful})[0], std::nullopt);
  EXPECT_THAT(events(), IsEmpty());
  MadeFace again = face_of(1, 1);
  again.sighting.confidence = 0.92F;
  const auto visit = see({again})[0];
  ASSERT_TRUE(visit);
  EXPECT_THAT(changes.joined, ElementsAre(std::pair(doubtful.sighting.face, *visit)));
  EXPECT_EQ(changes.visits.at(*visit).frames, 2);
}

TEST_F(TrackerTest, OneDoubtfulFaceAloneIsForgotten) {
  MadeFace doubtful = face_of(1, 0);
  doubtful.sighting.quality = 0.3F;
  static_cast<void>(see({doubtful}));
  tracker.close(at(11), changes);
  EXPECT_TRUE(tracker.empty());
  EXPECT_TRUE(changes.visits.empty());
}

TEST_F(TrackerTest, WeakFacesKeepAVisitAliveAndFoundNone) {
  EXPECT_EQ(see({weak(face_of(1, 0))})[0], std::nullopt);
  EXPECT_TRUE(tracker.empty());
  const auto visit = see({face_of(1, 1)})[0];
  for (int i = 2; i < 15; ++i) {
    EXPECT_EQ(see({weak(face_of(1, i))})[0], visit) << "in its place";
  }
  EXPECT_EQ(see({weak(face_of(1, 15, 900))})[0], std::nullopt) << "beside it";
  EXPECT_EQ(see({face_of(1, 16)})[0], visit);
  EXPECT_THAT(events(), ElementsAre(VisitEvent::kStarted));
}

TEST_F(TrackerTest, TwoWhoCrossStayWhoTheyAre) {
  const auto began = see({face_of(1, 0, 0), face_of(2, 0, 800)});
  for (int i = 1; i <= 8; ++i) {
    const float way = 100.0F * static_cast<float>(i);
    const auto now = see({face_of(2, i, 800 - way), face_of(1, i, way)});
    EXPECT_THAT(now, ElementsAre(began[1], began[0])) << i;
  }
  EXPECT_EQ(tracker.open(), 2U);
}

TEST_F(TrackerTest, OneVisitTakesOneFaceOfAFrameInHoweverManyBatches) {
  const auto first = see({face_of(1, 0)})[0];
  const auto same_frame = see({face_of(1, 0, 300)})[0];
  EXPECT_NE(first, same_frame);
  const auto both = see({face_of(1, 1, 100), face_of(1, 1, 300)});
  EXPECT_EQ(both[0], first);
  EXPECT_EQ(both[1], same_frame);
}

TEST_F(TrackerTest, AWeakFaceThatComesFirstKeepsNoBetterOneOfItsFrameOut) {
  const auto visit = see({face_of(1, 0)})[0];
  EXPECT_EQ(see({weak(face_of(1, 1, 40))})[0], visit) << "in its place";
  EXPECT_EQ(see({face_of(1, 1)})[0], visit) << "of the same frame, in another batch";
  EXPECT_EQ(see({weak(face_of(1, 1, 120))})[0], std::nullopt) << "there is a better one";
  EXPECT_NE(see({face_of(1, 1, 300)})[0], visit) << "and one is enough";
  EXPECT_EQ(changes.visits.at(*visit).frames, 2);
  EXPECT_EQ(tracker.open(), 2U);
}

TEST_F(TrackerTest, OfTwoWhoAreToldToBeOnePersonOneIs) {
  for (int i = 0; i < 4; ++i) {
    MadeFace twin = named(face_of(2, i, 500), 7, 0.99F);
    twin.sighting.decision.distance = 0.9F;
    static_cast<void>(see({named(face_of(1, i, 100), 7, 0.99F), twin}));
  }
  int named_visits = 0;
  for (const auto& [id, visit] : changes.visits) {
    named_visits += visit.person ? 1 : 0;
  }
  EXPECT_EQ(changes.visits.size(), 2U);
  EXPECT_EQ(named_visits, 1);
}

TEST_F(TrackerTest, WhoWasRemovedIsNotWhoComesBack) {
  const auto visit = see({named(face_of(1, 0), 7, 0.99F)})[0];
  ASSERT_TRUE(visit);
  tracker.close(at(11), changes);
  tracker.follow([](faces::PersonId) { return std::optional<std::string>(); }, changes);
  EXPECT_EQ(changes.visits.at(*visit).name, "person 7") << "of a visit that is over, it stays";
  ASSERT_EQ(see({face_of(1, 5)})[0], visit) << "a frame that was held up";
  EXPECT_THAT(events(),
              ElementsAre(VisitEvent::kStarted, VisitEvent::kNamed, VisitEvent::kEnded, VisitEvent::kResumed));
  EXPECT_EQ(changes.visits.at(*visit).person, std::nullopt);
  EXPECT_EQ(changes.visits.at(*visit).state, VisitState::kStarted);
}

TEST_F(TrackerTest, WhoComesBackInTimeIsTheSameVisitWhereverTheyAre) {
  const auto visit = see({face_of(1, 0, 0)})[0];
  EXPECT_EQ(see({face_of(1, 9, 1500)})[0], visit);
  EXPECT_NE(see({face_of(1, 20, 1500)})[0], visit);
  EXPECT_THAT(events(), ElementsAre(VisitEvent::kStarted, VisitEvent::kEnded, VisitEvent::kStarted));
}

TEST_F(TrackerTest, AFaceLessLikeIsTheSameOnesInPlaceAlone) {
  const auto visit = see({face_of(1, 0, 100, 0)})[0];
  EXPECT_EQ(see({face_of(1, 1, 150, 0.55F)})[0], visit);
  EXPECT_NE(see({face_of(1, 9, 1900, 0.9F)})[0], visit) << "unlike, and too long ago for its place to count";
}

TEST_F(TrackerTest, AHalfHiddenFaceIsNobodyNew) {
  const auto visit = see({face_of(1, 0, 100)})[0];
  for (const double seconds : {0.2, 0.4, 0.6}) {
    EXPECT_EQ(see({face_of(9, seconds, 120)})[0], std::nullopt) << "unlike whoever was here a moment ago";
  }
  EXPECT_EQ(see({face_of(1, 0.8, 110)})[0], visit);
  EXPECT_EQ(changes.visits.size(), 1U);
}

TEST_F(TrackerTest, WhoTakesAnothersPlaceIsSomebodyNew) {
  const auto first = see({face_of(1, 0, 100)})[0];
  std::optional<faces::VisitId> second;
  for (int i = 1; i <= 10; ++i) {
    second = see({face_of(9, 0.2 * i, 100)})[0];
  }
  ASSERT_TRUE(second);
  EXPECT_NE(second, first);
  EXPECT_EQ(changes.visits.at(*second).frames, 10) << "with the faces that were waited with";
  EXPECT_EQ(changes.visits.at(*second).first_seen, at(0.2));
  EXPECT_THAT(changes.joined, ::testing::SizeIs(4));
}

TEST_F(TrackerTest, ASureNameIsToldAtOnceAndAnotherWithTheSecondFace) {
  const auto sure = see({named(face_of(1, 0, 0), 7, 0.99F)})[0];
  EXPECT_THAT(events(), ElementsAre(VisitEvent::kStarted, VisitEvent::kNamed));
  EXPECT_EQ(changes.visits.at(*sure).name, "person 7");
  EXPECT_EQ(changes.visits.at(*sure).state, VisitState::kNamed);
  changes = {};
  const auto doubtful = see({named(face_of(2, 1, 800), 8, 0.7F)})[0];
  EXPECT_THAT(events(), ElementsAre(VisitEvent::kStarted));
  EXPECT_EQ(see({named(face_of(2, 2, 800), 8, 0.7F)})[0], doubtful);
  EXPECT_THAT(events(), ElementsAre(VisitEvent::kStarted, VisitEvent::kNamed));
}

TEST_F(TrackerTest, WhoIsSurelySomebodyElseIsAnotherVisit) {
  const auto first = see({named(face_of(1, 0), 7, 0.99F)})[0];
  EXPECT_NE(see({named(face_of(1, 1), 8, 0.99F)})[0], first);
  EXPECT_EQ(see({named(face_of(3, 2), 7, 0.99F)})[0], first) << "the name counts for more than the likeness";
}

TEST_F(TrackerTest, FramesMayComeInAnyOrder) {
  const auto visit = see({face_of(1, 5)})[0];
  EXPECT_EQ(see({face_of(1, 3)})[0], visit);
  EXPECT_EQ(see({face_of(1, 4)})[0], visit);
  EXPECT_EQ(changes.late_frames, 2);
  const faces::VisitRecord& record = changes.visits.at(*visit);
  EXPECT_EQ(record.first_seen, at(3));
  EXPECT_EQ(record.last_seen, at(5));
  static_cast<void>(see({face_of(2, 40)}));
  EXPECT_EQ(see({face_of(1, 6)})[0], visit) << "it is over, and the frame is late";
  EXPECT_EQ(changes.visits.at(*visit).last_seen, at(6));
}

TEST_F(TrackerTest, WhoWasEndedTooEarlyGoesOn) {
  const auto visit = see({face_of(1, 0)})[0];
  tracker.close(at(13), changes);
  EXPECT_EQ(see({face_of(1, 5)})[0], visit);
  EXPECT_THAT(events(), ElementsAre(VisitEvent::kStarted, VisitEvent::kEnded, VisitEvent::kResumed));
  EXPECT_EQ(changes.visits.at(*visit).state, VisitState::kStarted);
}

TEST_F(TrackerTest, WhatAHumanSaidHolds) {
  const auto visit = *see({named(face_of(1, 0), 7, 0.99F)})[0];
  const auto said = [&](std::optional<faces::PersonId> person, const std::string& who) {
    VisitCorrection correction;
    correction.visit = visit;
    correction.person = person;
    correction.name = "Ann";
    correction.corrected_by = who;
    return tracker.correct(correction, changes);
  };
  EXPECT_TRUE(said(faces::PersonId{9}, "page"));
  for (int i = 1; i < 6; ++i) {
    EXPECT_EQ(see({named(face_of(1, i), 7, 0.99F)})[0], visit);
  }
  EXPECT_EQ(changes.visits.at(visit).name, "Ann");
  EXPECT_EQ(changes.visits.at(visit).corrected_by, "page");
  EXPECT_TRUE(said(std::nullopt, "page"));
  static_cast<void>(see({named(face_of(1, 6), 7, 0.99F)}));
  EXPECT_EQ(changes.visits.at(visit).person, std::nullopt);
  EXPECT_EQ(changes.visits.at(visit).state, VisitState::kStarted);
  EXPECT_TRUE(said(std::nullopt, ""));
  static_cast<void>(see({named(face_of(1, 7), 7, 0.99F)}));
  EXPECT_EQ(changes.visits.at(visit).name, "person 7") << "the faces are heard again";
  VisitCorrection nobody;
  nobody.visit = faces::VisitId{1};
  EXPECT_FALSE(tracker.correct(nobody, changes));
}

TEST_F(TrackerTest, FollowsThePeople) {
  const auto visit = *see({named(face_of(1, 0), 7, 0.99F)})[0];
  tracker.follow([](faces::PersonId) { return std::optional<std::string>("Ann"); }, changes);
  EXPECT_EQ(changes.visits.at(visit).name, "Ann");
  tracker.follow([](faces::PersonId) { return std::optional<std::string>(); }, changes);
  EXPECT_EQ(changes.visits.at(visit).person, std::nullopt);
  EXPECT_EQ(changes.visits.at(visit).votes.find("Ann"), std::string::npos);
  EXPECT_EQ(see({face_of(1, 1)})[0], visit);
  tracker.forget(faces::PersonId{7});
  EXPECT_NE(tracker.find(visit), nullptr) << "it is nobody's by now";
}

TEST_F(TrackerTest, GoesOnFromWhatWasKept) {
  const auto visit = *see({named(face_of(1, 0), 7, 0.7F)})[0];
  OpenVisit kept{changes.visits.at(visit), {embedding_of(1)}, image::Box{100, 100, 200, 220}};
  Tracker other("door", {});
  other.restore(kept);
  VisitChanges more;
  EXPECT_EQ(other.add(frame({named(face_of(1, 3), 7, 0.7F)}), kLikeness, more)[0], visit);
  EXPECT_EQ(more.visits.at(visit).frames, 2);
  EXPECT_EQ(more.visits.at(visit).person, std::nullopt) << "one vote since";
  EXPECT_EQ(other.add(frame({named(face_of(1, 4), 7, 0.7F)}), kLikeness, more)[0], visit);
  EXPECT_EQ(more.visits.at(visit).person, faces::PersonId{7});
}

TEST_F(TrackerTest, ItsMemoryIsBounded) {
  Tracker small("door", {.max_visits = 4});
  for (int i = 0; i < 300; ++i) {
    MadeFace face = face_of(static_cast<std::size_t>(i % 15), i * 0.01, static_cast<float>(i) * 3000);
    face.sighting.frame = 1;  // so that each is somebody else
    static_cast<void>(small.add(frame({face}), kLikeness, changes));
    EXPECT_LE(small.open(), 4U);
  }
  EXPECT_EQ(std::ranges::count(events(), VisitEvent::kEnded), 296);
}

}  // namespace
}  // namespace facepipe::visits
