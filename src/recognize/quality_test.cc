#include "recognize/quality.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <limits>

namespace facepipe::recognize {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr int kPicturePx = 200;

using Level = std::function<int(int x, int y)>;

Probe painted(const Level& level) {
  image::RgbImage pixels(kPicturePx, kPicturePx);
  for (int y = 0; y < kPicturePx; ++y) {
    for (int x = 0; x < kPicturePx; ++x) {
      for (int channel = 0; channel < 3; ++channel) {
        pixels.row(y)[3 * x + channel] = static_cast<std::uint8_t>(level(x, y));
      }
    }
  }
  Probe probe{std::move(pixels), image::Box{50, 50, 150, 150}};
  probe.landmarks = image::Landmarks{{{80, 85}, {120, 85}, {100, 105}, {84, 125}, {116, 125}}};
  return probe;
}

// Squares of 10 px: edges and contrast.
int chequered(int x, int y, int dark, int bright) {
  return (x / 10 + y / 10) % 2 == 0 ? dark : bright;
}
Probe sharp_probe() {
  return painted([](int x, int y) { return chequered(x, y, 80, 170); });
}

TEST(Quality, AWholeSharpFaceHasNoFlaw) {
  const Quality quality = assess(sharp_probe(), {.confidence = 0.999F, .shorter_side_px = {}});
  EXPECT_THAT(quality.flaws, IsEmpty());
  EXPECT_TRUE(quality.usable);
  EXPECT_GT(quality.score, 0.5F);
  EXPECT_EQ(describe(quality), "");
}

TEST(Quality, WhatTheDetectorDoubtsIsNoFace) {
  const Quality quality = assess(sharp_probe(), {.confidence = 0.85F, .shorter_side_px = {}});
  EXPECT_THAT(quality.flaws, ElementsAre(Flaw::kUncertain));
  EXPECT_FALSE(quality.usable);
  EXPECT_EQ(quality.score, 0.0F);
  EXPECT_TRUE(assess(sharp_probe(), {.confidence = 0.93F, .shorter_side_px = {}}).usable);
}

TEST(Quality, TheBoxInTheFrameSaysHowSmallAFaceIs) {
  EXPECT_THAT(assess(sharp_probe(), {.confidence = {}, .shorter_side_px = 24}).flaws, ElementsAre(Flaw::kSmall));
  EXPECT_FALSE(assess(sharp_probe(), {.confidence = {}, .shorter_side_px = 20}).usable);
  Probe small = sharp_probe();
  small.box = image::Box{50, 50, 80, 100};
  EXPECT_THAT(assess(small, {}).flaws, Contains(Flaw::kSmall));
}

TEST(Quality, ABlurredFaceHasNoEdges) {
  const Probe blurred = painted([](int x, int y) { return 40 + (x + y) / 2; });  // a ramp
  const Quality quality = assess(blurred, {});
  EXPECT_THAT(quality.flaws, ElementsAre(Flaw::kBlurred));
  EXPECT_FALSE(quality.usable);
}

TEST(Quality, LightThatLeavesNothing) {
  EXPECT_THAT(assess(painted([](int x, int y) { return chequered(x, y, 0, 12); }), {}).flaws, Contains(Flaw::kDark));
  EXPECT_THAT(assess(painted([](int x, int y) { return chequered(x, y, 240, 255); }), {}).flaws,
              Contains(Flaw::kBright));
  const Quality fog = assess(painted([](int x, int y) { return chequered(x, y, 126, 130); }), {});
  EXPECT_THAT(fog.flaws, ElementsAre(Flaw::kFlat));
  EXPECT_FALSE(fog.usable);
}

TEST(Quality, DarknessAloneIsNoBlur) {
  const Quality dim = assess(painted([](int x, int y) { return chequered(x, y, 8, 28); }), {});
  EXPECT_THAT(dim.flaws, Not(Contains(Flaw::kBlurred)));
}

TEST(Quality, ThePicturesEdgeCutsTheFaceOrItsSurroundings) {
  Probe cut = sharp_probe();
  cut.box = image::Box{0, 0, 200, 200};  // nothing around it
  const Quality quality = assess(cut, {});
  EXPECT_THAT(quality.flaws, ElementsAre(Flaw::kCut));
  EXPECT_TRUE(quality.usable);
  EXPECT_TRUE(is_deeply_cut(quality));  // 1 - (1 / 1.4)^2 are missing
  cut.box = image::Box{0, 40, 160, 200};
  const Quality a_little = assess(cut, {});
  EXPECT_TRUE(is_cut(a_little));
  EXPECT_FALSE(is_deeply_cut(a_little));
  cut.box = image::Box{-190, 0, 10, 200};
  EXPECT_FALSE(assess(cut, {}).usable);
}

TEST(Quality, ANoseBesideTheFacesMiddleIsTurnedAway) {
  Probe turned = sharp_probe();
  turned.landmarks->at(2) = {121, 105};
  EXPECT_THAT(assess(turned, {}).flaws, ElementsAre(Flaw::kTurned));
  turned.landmarks->at(2) = {140, 105};
  EXPECT_FALSE(assess(turned, {}).usable);
  turned.landmarks = image::Landmarks{};  // five times one place
  EXPECT_FALSE(assess(turned, {}).usable);
}

TEST(Quality, AReadyCropIsJudgedByItsPixelsAlone) {
  Probe crop = sharp_probe();
  crop.box.reset();
  crop.landmarks.reset();
  EXPECT_THAT(assess(crop, {}).flaws, IsEmpty());
}

TEST(Quality, NumbersThatAreNoneAreFlaws) {
  EXPECT_FALSE(
      assess(sharp_probe(), {.confidence = std::numeric_limits<float>::quiet_NaN(), .shorter_side_px = {}}).usable);
  Probe nowhere = sharp_probe();
  nowhere.box = image::Box{500, 500, 600, 600};
  EXPECT_FALSE(assess(nowhere, {}).usable);
}

TEST(Quality, DescribesAllItsFlaws) {
  const Quality quality = assess(sharp_probe(), {.confidence = 0.93F, .shorter_side_px = 24});
  EXPECT_EQ(describe(quality), "likely not a face, too small");
}

TEST(Quality, AWeakEmbeddingIsSaidAndNotEnrolledAndAUselessOneTellsNobody) {
  const model::NormLimits limits{.weak = 46, .useless = 35};
  const auto of = [&](std::optional<float> norm, const std::optional<model::NormLimits>& by) {
    Quality quality{.score = 0.9F, .usable = true, .flaws = {Flaw::kTurned}};
    add_norm(norm, by, quality);
    return quality;
  };
  EXPECT_EQ(describe(of(70, limits)), "turned away");
  EXPECT_FLOAT_EQ(of(70, limits).score, 0.9F);
  EXPECT_TRUE(may_be_enrolled(of(46.5F, limits)));
  const Quality weak = of(45, limits);
  EXPECT_EQ(describe(weak), "turned away, weak embedding");
  EXPECT_TRUE(weak.usable);
  EXPECT_LT(weak.score, 0.5F);
  EXPECT_FALSE(may_be_enrolled(weak));
  EXPECT_FALSE(of(34, limits).usable);
  EXPECT_EQ(of(34, limits).score, 0);
  EXPECT_EQ(describe(of(std::nullopt, limits)), "turned away");  // a network that does not tell it
  EXPECT_EQ(describe(of(1, std::nullopt)), "turned away");       // a pack without limits
}

}  // namespace
}  // namespace facepipe::recognize
