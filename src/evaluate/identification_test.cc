#include "evaluate/identification.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

namespace facepipe::evaluate {
namespace {

const std::vector<std::string> kPhotographsOf = {"ada", "ada", "ada", "bob", "bob", "cleo", "dan", "dan", "dan", "dan"};
SplitOptions seeded(std::uint64_t seed) {
  SplitOptions options;
  options.seed = seed;
  return options;
}
SplitOptions sharing(double share) {
  SplitOptions options;
  options.people_share = share;
  return options;
}
SplitOptions leaving_out(std::string name) {
  SplitOptions options;
  options.without.push_back(std::move(name));
  return options;
}

constexpr Role kE = Role::kEnrolled;
constexpr Role kK = Role::kKnown;
constexpr Role kS = Role::kStranger;

TEST(Split, HalfOfEachIsEnrolledAndOnePhotographIsAStranger) {
  const auto roles = split_people(kPhotographsOf, {});
  ASSERT_TRUE(roles) << roles.error().message;
  EXPECT_EQ(*roles, (std::vector<Role>{kE, kK, kK, kE, kK, kS, kE, kE, kK, kK}));
}

TEST(Split, ASeedChoosesOthersAndAlwaysTheSame) {
  bool differs = false;
  for (std::uint64_t seed = 1; seed < 10; ++seed) {
    const auto roles = split_people(kPhotographsOf, seeded(seed));
    ASSERT_TRUE(roles);
    EXPECT_EQ(std::count(roles->begin(), roles->end(), kE), 4);
    EXPECT_EQ((*roles)[5], kS);
    EXPECT_EQ(*roles, *split_people(kPhotographsOf, seeded(seed)));
    differs = differs || *roles != *split_people(kPhotographsOf, {});
    // Other people change nothing for dan.
    const std::vector<std::string> dan(4, "dan");
    const auto alone = split_people(dan, seeded(seed));
    EXPECT_TRUE(std::equal(alone->begin(), alone->end(), roles->begin() + 6));
  }
  EXPECT_TRUE(differs);
}

TEST(Split, AShareOfThePeopleAndSomebodyLeftOut) {
  const auto some = split_people(kPhotographsOf, sharing(0.34));  // of three who have several: one
  ASSERT_TRUE(some);
  const std::size_t strangers = static_cast<std::size_t>(std::count(some->begin(), some->end(), kS));
  EXPECT_TRUE(strangers == 6 || strangers == 7 || strangers == 8) << strangers;
  const auto without = split_people(kPhotographsOf, leaving_out("bob"));
  ASSERT_TRUE(without);
  EXPECT_EQ(*without, (std::vector<Role>{kE, kK, kK, kS, kS, kS, kE, kE, kK, kK}));
  EXPECT_EQ(split_people(kPhotographsOf, leaving_out("eve")).error().message,
            "expected somebody of the folder to leave out, found nobody named \"eve\"");
  EXPECT_FALSE(split_people(kPhotographsOf, sharing(0)));
  EXPECT_FALSE(split_people(kPhotographsOf, sharing(1.5)));
}

ProbeResult known(float distance, bool right, bool named) {
  return {.nearest_right = right, .distance = distance, .named = named, .named_right = named && right};
}
ProbeResult stranger(float distance, bool named) {
  return {.stranger = true, .distance = distance, .named = named};
}

// Strangers at 0.5, 0.7, 0.9, 1.1: a quarter of them are named up to 0.6, halfway to the next.
TEST(Identification, ByHand) {
  std::vector<ProbeResult> probes = {known(0.4F, true, true),  known(0.55F, false, true), known(0.58F, true, true),
                                     known(0.65F, true, true), stranger(0.9F, false),     stranger(0.5F, true),
                                     stranger(0.7F, true),     stranger(1.1F, false)};
  ProbeResult faceless;
  faceless.has_face = false;
  probes.push_back(faceless);
  faceless.stranger = true;
  probes.push_back(faceless);
  const auto scored = score_identification(probes, std::vector<double>{0.25, 0.1});
  ASSERT_TRUE(scored) << scored.error().message;
  EXPECT_EQ(scored->all.known, 5U);
  EXPECT_EQ(scored->known_without_face, 1U);
  EXPECT_EQ(scored->all.strangers, 4U);
  EXPECT_EQ(scored->strangers_without_face, 1U);
  EXPECT_EQ(scored->nearest_right, 3U);
  EXPECT_EQ(scored->all.strangers_named, 2U);
  EXPECT_EQ(scored->all.right_names, 3U);
  EXPECT_EQ(scored->all.wrong_names, 1U);
  ASSERT_TRUE(scored->points[0].threshold);
  EXPECT_FLOAT_EQ(*scored->points[0].threshold, 0.6F);
  EXPECT_DOUBLE_EQ(scored->points[0].false_rate, 0.25);
  EXPECT_DOUBLE_EQ(scored->points[0].true_rate, 0.4);  // two of five: the third is taken for another, one has no face
  EXPECT_FALSE(scored->points[1].threshold);           // four strangers cannot tell 10 %
  EXPECT_EQ(scored->right_distances.at_most(2'000), 3U);
}

// Of strangers at 0.5, 0.6, 0.7 and one that cannot be told a quarter gets a name up to halfway between the first two.
TEST(Identification, WhatCannotBeToldIsNeverNamedAndCutFacesAreCountedApart) {
  ProbeResult refused_stranger = stranger(0.1F, false);
  refused_stranger.refused = true;
  ProbeResult refused = known(0.2F, true, false);
  refused.refused = true;
  ProbeResult cut = known(0.3F, true, true);
  cut.cut = true;
  ProbeResult cut_wrong = known(0.4F, false, true);
  cut_wrong.cut = true;
  ProbeResult cut_stranger = stranger(0.5F, true);
  cut_stranger.cut = true;
  const std::vector<ProbeResult> probes = {
      refused, refused_stranger, cut, cut_wrong, cut_stranger, stranger(0.6F, false), stranger(0.7F, false)};
  const auto scored = score_identification(probes, std::vector<double>{0.25, 0.75});
  ASSERT_TRUE(scored) << scored.error().message;
  EXPECT_EQ(scored->known_refused, 1U);
  EXPECT_EQ(scored->strangers_refused, 1U);
  EXPECT_EQ(scored->all.strangers, 4U) << "a face was found";
  EXPECT_EQ(scored->nearest_right, 2U);
  EXPECT_FLOAT_EQ(*scored->points[0].threshold, 0.55F);
  EXPECT_DOUBLE_EQ(scored->points[0].true_rate, 1.0 / 3);
  EXPECT_FLOAT_EQ(*scored->points[1].threshold, 0.7F) << "all that can be named";
  EXPECT_DOUBLE_EQ(scored->points[1].true_rate, 1.0 / 3);
  EXPECT_EQ(scored->cut.known, 2U);
  EXPECT_EQ(scored->cut.right_names, 1U);
  EXPECT_EQ(scored->cut.wrong_names, 1U);
  EXPECT_EQ(scored->cut.strangers, 1U);
  EXPECT_EQ(scored->cut.strangers_named, 1U);
  EXPECT_EQ(scored->all.right_names, 1U);
}

TEST(Identification, OneKindOfProbeAlone) {
  EXPECT_EQ(score_identification({}, {}).error().message, "expected faces to be named, found none");
  EXPECT_FALSE(score_identification(std::vector<ProbeResult>{known(1, true, true)}, std::vector<double>{0}));
  const auto knowns = score_identification(std::vector<ProbeResult>{known(1, true, true)}, std::vector<double>{0.1});
  ASSERT_TRUE(knowns);
  EXPECT_FALSE(knowns->points[0].threshold);
  const auto strangers =
      score_identification(std::vector<ProbeResult>{stranger(1, true), stranger(2, false)}, std::vector<double>{0.5});
  ASSERT_TRUE(strangers);
  EXPECT_EQ(strangers->all.strangers_named, 1U);
  EXPECT_DOUBLE_EQ(strangers->points[0].true_rate, 0);
}

}  // namespace
}  // namespace facepipe::evaluate
