#include "visits/unknowns.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "visits/likeness.h"
#include "visits/test_faces.h"

namespace facepipe::visits {
namespace {

using namespace testing;  // the made-up faces
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr float kLimit = 0.85F;

TEST(Unknowns, AFaceJoinsTheNearestGroupWithinTheLimit) {
  Unknowns unknowns;
  const auto one = unknowns.found(face_of(1, 0).get());
  const auto two = unknowns.found(face_of(2, 0).get());
  EXPECT_EQ(unknowns.nearest(embedding_of(1, 0.3F), kLimit, {}), one);
  EXPECT_EQ(unknowns.nearest(embedding_of(2, 0.3F), kLimit, {}), two);
  EXPECT_EQ(unknowns.nearest(embedding_of(9), kLimit, {}), std::nullopt);
  EXPECT_EQ(unknowns.nearest(embedding_of(1), kLimit, std::vector{one}), std::nullopt) << "shown in that frame already";
  EXPECT_EQ(unknowns.nearest(std::vector<float>{1, 0}, kLimit, {}), std::nullopt) << "another model's";
}

TEST(Unknowns, GoodFacesMoveTheMiddleAndPoorOnesDoNot) {
  Unknowns unknowns;
  const auto group = unknowns.found(face_of(1, 0, 100, 0).get());
  MadeFace poor = face_of(1, 1, 100, 0.6F);
  poor.sighting.quality = 0.2F;
  unknowns.join(group, poor.get(), true);
  EXPECT_EQ(unknowns.find(group)->centroid, embedding_of(1));
  EXPECT_EQ(unknowns.find(group)->faces, 2);
  unknowns.join(group, face_of(1, 5, 100, 0.6F).get(), true);
  const auto& record = *unknowns.find(group);
  EXPECT_NE(record.centroid, embedding_of(1));
  double length = 0;
  for (const float value : record.centroid) {
    length += double{value} * double{value};
  }
  EXPECT_NEAR(length, 1, 1e-5);
  EXPECT_EQ(record.last_seen, at(5));
  EXPECT_FALSE(is_good_enough(weak(face_of(1, 0)).get()));
}

TEST(Unknowns, TheLongestUnseenIsForgotten) {
  Unknowns unknowns(3);
  std::vector<faces::UnknownId> groups;
  for (std::size_t i = 0; i < 3; ++i) {
    groups.push_back(unknowns.found(face_of(i, static_cast<double>(i)).get()));
  }
  unknowns.join(groups[0], face_of(0, 9).get(), true);
  unknowns.commit();
  static_cast<void>(unknowns.found(face_of(4, 10).get()));
  EXPECT_EQ(unknowns.size(), 3U);
  EXPECT_EQ(unknowns.find(groups[1]), nullptr);
  EXPECT_NE(unknowns.find(groups[0]), nullptr);
  EXPECT_THAT(unknowns.changes().removed, ElementsAre(groups[1]));
}

TEST(Unknowns, WhoIsIgnoredIsForgottenLast) {
  Unknowns unknowns(2);
  UnknownCorrection ignored;
  ignored.unknown = unknowns.found(face_of(1, 0).get());
  ignored.faces = 1;
  ignored.ignored = true;
  ASSERT_TRUE(unknowns.correct(ignored));
  const auto seen_last = unknowns.found(face_of(2, 1).get());
  static_cast<void>(unknowns.found(face_of(3, 2).get()));
  EXPECT_NE(unknowns.find(ignored.unknown), nullptr) << "else they would be told of again";
  EXPECT_EQ(unknowns.find(seen_last), nullptr);
  Unknowns all(1);
  ignored.unknown = all.found(face_of(1, 0).get());
  ASSERT_TRUE(all.correct(ignored));
  static_cast<void>(all.found(face_of(2, 1).get()));
  EXPECT_EQ(all.size(), 1U);
}

TEST(Unknowns, WhoCameInThisBatchIsNotForgottenInIt) {
  Unknowns unknowns(2);
  const auto before = unknowns.found(face_of(1, 100).get());
  static_cast<void>(unknowns.found(face_of(2, 101).get()));
  unknowns.commit();
  const auto late = unknowns.found(face_of(3, 0).get());  // of a frame that comes late
  const auto next = unknowns.found(face_of(4, 1).get());
  EXPECT_NE(unknowns.find(late), nullptr) << "its face is written with it";
  EXPECT_NE(unknowns.find(next), nullptr);
  EXPECT_EQ(unknowns.find(before), nullptr);
  EXPECT_EQ(unknowns.size(), 2U);
}

TEST(Unknowns, ChangesAreTakenBackAsAWhole) {
  Unknowns unknowns(2);
  const auto one = unknowns.found(face_of(1, 0).get());
  const auto two = unknowns.found(face_of(2, 1).get());
  unknowns.commit();
  EXPECT_THAT(unknowns.changes().groups, IsEmpty());
  const auto before = *unknowns.find(two);
  unknowns.join(two, face_of(2, 2, 100, 0.5F).get(), true);
  const auto three = unknowns.found(face_of(3, 3).get());  // in place of the first
  unknowns.add_visits(three, 1);
  EXPECT_EQ(unknowns.changes().groups.size(), 2U);
  unknowns.rollback();
  EXPECT_EQ(unknowns.find(three), nullptr);
  ASSERT_NE(unknowns.find(one), nullptr);
  EXPECT_EQ(unknowns.find(two)->centroid, before.centroid);
  EXPECT_EQ(unknowns.find(two)->faces, before.faces);
  EXPECT_EQ(unknowns.nearest(embedding_of(1), kLimit, {}), one);
}

TEST(Unknowns, OneThatIsFoundAndGoneWasNeverThere) {
  Unknowns unknowns;
  unknowns.remove(unknowns.found(face_of(1, 0).get()));
  EXPECT_THAT(unknowns.changes().groups, IsEmpty());
  EXPECT_THAT(unknowns.changes().removed, IsEmpty());
}

TEST(Likeness, FollowsTheDecisionOrTheThreshold) {
  model::Decision decision;
  decision.false_accepts = {{0.8F, 1e-6}, {0.9F, 1e-5}, {1.0F, 1e-3}, {1.2F, 0.05}};
  const Likeness likeness = likeness_of(decision, std::nullopt);
  EXPECT_NEAR(likeness.same, 0.95F, 1e-3);
  EXPECT_GT(likeness.maybe, 1.0F);
  EXPECT_NEAR(likeness.group(1), likeness.group(500), 1e-6) << "few groups do not make it wide";
  EXPECT_LT(likeness.group(5'000), likeness.group(500));
  EXPECT_LT(likeness.group(500), likeness.same);
  const Likeness plain = likeness_of(std::nullopt, 1.0F);
  EXPECT_LT(plain.group(10), plain.same);
  EXPECT_LT(plain.same, plain.maybe);
  EXPECT_GT(likeness_of(std::nullopt, std::nullopt).same, 0);
}

}  // namespace
}  // namespace facepipe::visits
