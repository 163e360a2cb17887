#include "recognize/naming.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "recognize/test_decision.h"

namespace facepipe::recognize {
namespace {

using testing::deciding_manifest;
using ::testing::HasSubstr;

std::vector<float> at_angle(float degrees) {
  const float radians = degrees * 3.14159265F / 180;
  return {std::cos(radians), std::sin(radians)};
}

float chord(float degrees) {
  return 2 * std::sin(degrees * 3.14159265F / 360);
}

gallery::Gallery empty_gallery(std::optional<double> strangers) {
  gallery::Gallery gallery({"m1", model::known_mode("standard").value(), 2});
  gallery.set_distance_threshold(0.3F);
  EXPECT_TRUE(gallery.set_strangers(strangers));
  return gallery;
}

Identity identity_of(const gallery::Gallery& gallery, float degrees) {
  auto identity = identify(gallery, naming_rule(gallery, deciding_manifest()), at_angle(degrees));
  EXPECT_TRUE(identity) << identity.error().message;
  return *std::move(identity);
}

TEST(Naming, WithoutAStatedShareTheGallerysOwnThresholdCounts) {
  gallery::Gallery gallery = empty_gallery(std::nullopt);
  ASSERT_TRUE(gallery.add("ada", at_angle(0)));
  EXPECT_FALSE(naming_rule(gallery, deciding_manifest()));
  const Identity ada = identity_of(gallery, 10);
  EXPECT_EQ(ada.name, "ada");
  EXPECT_EQ(ada.threshold, std::nullopt);
  EXPECT_EQ(ada.probability, std::nullopt);
  EXPECT_EQ(identity_of(gallery, 20).name, "unknown");
}

TEST(Naming, ARuleNeedsADecisionAndThePacksMode) {
  gallery::Gallery gallery = empty_gallery(0.01);
  EXPECT_TRUE(naming_rule(gallery, deciding_manifest()));
  model::Manifest manifest = deciding_manifest();
  manifest.preprocessing.mode = "by another name";
  EXPECT_TRUE(naming_rule(gallery, manifest));
  manifest.preprocessing.margin_px = 3;
  EXPECT_FALSE(naming_rule(gallery, manifest));
  EXPECT_THAT(set_strangers(gallery, manifest, 0.01).error().message, HasSubstr("the pack's own mode"));
  manifest.decision.reset();
  EXPECT_FALSE(naming_rule(gallery, manifest));
  EXPECT_THAT(set_strangers(gallery, manifest, 0.01).error().message, HasSubstr("this is a-pack"));
  EXPECT_EQ(set_strangers(gallery, deciding_manifest(), 1).error().code, ErrorCode::kInvalidArgument);
  EXPECT_TRUE(set_strangers(gallery, deciding_manifest(), 0.05));
  EXPECT_EQ(gallery.strangers(), 0.05);
}

TEST(Naming, TheThresholdFollowsTheNumberOfPeopleAndOfPictures) {
  gallery::Gallery gallery = empty_gallery(1e-3);
  ASSERT_TRUE(gallery.add("ada", at_angle(0)));
  EXPECT_NEAR(naming_rule(gallery, deciding_manifest())->threshold, 0.4F, 1e-3F);
  for (int picture = 0; picture < 3; ++picture) {
    ASSERT_TRUE(gallery.add("ada", at_angle(1)));
  }
  // Four pictures count as two people: half the rate, log(2)/log(10) of the way to the row below.
  EXPECT_NEAR(naming_rule(gallery, deciding_manifest())->threshold, 0.4F - 0.2F * std::log10(2.0F), 1e-3F);
}

TEST(Naming, APersonsDistanceIsTheMeanOfTheNearestPicturesAndTheCentroids) {
  gallery::Gallery gallery = empty_gallery(0.5);
  ASSERT_TRUE(gallery.add("ada", at_angle(0)));
  ASSERT_TRUE(gallery.add("bob", at_angle(90)));
  ASSERT_TRUE(gallery.add("ada", at_angle(20)));
  const Identity ada = identity_of(gallery, -5);
  EXPECT_EQ(ada.name, "ada");
  EXPECT_NEAR(*ada.distance, (chord(5) + chord(15)) / 2, 1e-5F);
  EXPECT_EQ(ada.second_name, "bob");
  EXPECT_NEAR(*ada.second_distance, chord(95), 1e-5F);
  ASSERT_TRUE(ada.threshold && ada.probability && ada.second_probability);
  EXPECT_GT(*ada.probability, *ada.second_probability);
}

TEST(Naming, TheCentroidDecidesBetweenTwoWhosePicturesAreAsNear) {
  gallery::Gallery gallery = empty_gallery(0.5);
  ASSERT_TRUE(gallery.add("far mean", at_angle(10)));
  ASSERT_TRUE(gallery.add("far mean", at_angle(40)));
  ASSERT_TRUE(gallery.add("near mean", at_angle(-11)));
  ASSERT_TRUE(gallery.add("near mean", at_angle(-12)));
  EXPECT_EQ(identity_of(gallery, 0).name, "near mean");
  ASSERT_TRUE(gallery.set_strangers(std::nullopt));
  EXPECT_EQ(identity_of(gallery, 0).name, "far mean");  // the nearest picture alone
}

TEST(Naming, WhoeverIsRejectedIsNotNamedAndTheNextIs) {
  for (const std::optional<double> strangers : {std::optional<double>(0.5), std::optional<double>()}) {
    gallery::Gallery gallery = empty_gallery(strangers);
    ASSERT_TRUE(gallery.add("ada", at_angle(0)));
    ASSERT_TRUE(gallery.add("bob", at_angle(24)));
    EXPECT_EQ(identity_of(gallery, 11).name, "ada");
    ASSERT_TRUE(gallery.reject(*gallery.id_of("ada"), at_angle(13)));
    EXPECT_EQ(identity_of(gallery, 11).name, "bob");
    EXPECT_EQ(identity_of(gallery, 5).name, "ada");  // nearer to a picture of hers
    ASSERT_TRUE(gallery.remove(*gallery.id_of("bob")));
    EXPECT_EQ(identity_of(gallery, 11).name, "unknown");
    ASSERT_TRUE(gallery.forget_rejected(*gallery.id_of("ada")));
    EXPECT_EQ(identity_of(gallery, 11).name, "ada");
  }
}

TEST(Naming, AFaceThatCannotBeToldHasNoName) {
  gallery::Gallery gallery = empty_gallery(0.5);
  ASSERT_TRUE(gallery.add("ada", at_angle(0)));
  const auto rule = naming_rule(gallery, deciding_manifest());
  const Identity ada = identity_of(gallery, 10);
  ASSERT_EQ(judged(ada, {}, *rule).name, "ada");
  const Identity blurred = judged(ada, {.score = 0, .usable = false, .flaws = {Flaw::kBlurred}}, *rule);
  EXPECT_EQ(blurred.name, "unknown");
  EXPECT_FALSE(blurred.known || blurred.person || blurred.probability);
  EXPECT_EQ(blurred.distance, ada.distance);
}

TEST(Naming, AFaceThatTheEdgeCutsHasANarrowerThreshold) {
  gallery::Gallery gallery = empty_gallery(0.5);
  ASSERT_TRUE(gallery.add("ada", at_angle(0)));
  auto rule = naming_rule(gallery, deciding_manifest());
  const Identity ada = identity_of(gallery, 10);
  const Quality cut{.score = 0.3F, .usable = true, .flaws = {Flaw::kCut}};
  rule->decision.cut = double{rule->threshold} - double{*ada.distance} - 0.01;
  const Identity near = judged(ada, cut, *rule);
  EXPECT_EQ(near.name, "ada");
  EXPECT_LT(*near.probability, *ada.probability);
  rule->decision.cut += 0.02;
  const Identity past = judged(ada, cut, *rule);
  EXPECT_EQ(past.name, "unknown");
  EXPECT_NEAR(*past.threshold, *ada.distance - 0.01F, 1e-5F);
}

TEST(Naming, AnEmptyGalleryKnowsNobody) {
  const Identity nobody = identity_of(empty_gallery(0.01), 0);
  EXPECT_EQ(nobody.name, "unknown");
  EXPECT_EQ(nobody.distance, std::nullopt);
}

}  // namespace
}  // namespace facepipe::recognize
