#include "detect/mtcnn/candidate_bound.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace facepipe::detect {
namespace {

using ::testing::ElementsAre;

Candidate candidate(float score, float side = 1) {
  return {{0, 0, side, side}, score, {}};
}

std::vector<float> scores(const std::vector<Candidate>& candidates) {
  std::vector<float> scores;
  for (const Candidate& item : candidates) {
    scores.push_back(item.score);
  }
  return scores;
}

TEST(CandidateBound, WhatFitsStaysAsItIs) {
  std::vector<Candidate> candidates = {candidate(0.7F), candidate(0.9F)};
  EXPECT_FALSE(keep_best(candidates, 2));
  EXPECT_FALSE(keep_largest(candidates, 2));
  EXPECT_FALSE(keep_coarsest(candidates, {1, 1}, 2));
  EXPECT_THAT(scores(candidates), ElementsAre(0.7F, 0.9F));
}

TEST(CandidateBound, TheBestStayInTheirOrderAndOfEqualOnesTheEarlier) {
  std::vector<Candidate> candidates = {candidate(0.7F, 1), candidate(0.9F, 2), candidate(0.7F, 3), candidate(0.8F, 4)};
  EXPECT_TRUE(keep_best(candidates, 3));
  EXPECT_THAT(scores(candidates), ElementsAre(0.7F, 0.9F, 0.8F));
  EXPECT_EQ(candidates[0].box.x2, 1);
}

TEST(CandidateBound, TheLargestStay) {
  std::vector<Candidate> candidates = {candidate(0.9F, 1), candidate(0.8F, 3), candidate(0.7F, 2)};
  EXPECT_TRUE(keep_largest(candidates, 2));
  EXPECT_THAT(scores(candidates), ElementsAre(0.8F, 0.7F));
}

TEST(CandidateBound, TheLargestFacesLevelsStayAndTheBestOfTheOneThatIsCut) {
  std::vector<Candidate> candidates = {candidate(0.99F), candidate(0.98F), candidate(0.9F),
                                       candidate(0.8F),  candidate(0.7F),  candidate(0.65F)};
  EXPECT_TRUE(keep_coarsest(candidates, {2, 3, 1}, 3));
  EXPECT_THAT(scores(candidates), ElementsAre(0.9F, 0.8F, 0.65F));
}

TEST(CandidateBound, DroppingInBetweenLeavesTheSame) {
  std::mt19937 random(7);
  std::uniform_int_distribution<int> value(0, 40);  // many ties
  std::vector<Candidate> at_once;
  std::vector<Candidate> in_between;
  for (int i = 0; i < 1000; ++i) {
    const Candidate next = candidate(static_cast<float>(value(random)), static_cast<float>(i));
    at_once.push_back(next);
    in_between.push_back(next);
    if (in_between.size() >= 200) {
      EXPECT_TRUE(keep_best(in_between, 100));
    }
  }
  EXPECT_TRUE(keep_best(at_once, 100));
  (void)keep_best(in_between, 100);
  ASSERT_EQ(at_once.size(), in_between.size());
  for (std::size_t i = 0; i < at_once.size(); ++i) {
    EXPECT_EQ(at_once[i].box, in_between[i].box) << i;
  }
}

}  // namespace
}  // namespace facepipe::detect
