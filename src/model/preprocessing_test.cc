#include "model/preprocessing.h"

#include <gtest/gtest.h>

namespace facepipe::model {
namespace {

TEST(Normalisation, NamesReadBackAsTheSameValue) {
  EXPECT_EQ(to_string(Normalisation::kUnit), "unit");
  EXPECT_EQ(to_string(Normalisation::kFixed), "fixed");
  EXPECT_EQ(to_string(Normalisation::kWhiten), "whiten");
  for (const Normalisation value : {Normalisation::kUnit, Normalisation::kFixed, Normalisation::kWhiten}) {
    const auto parsed = parse_normalisation(to_string(value));
    ASSERT_TRUE(parsed);
    EXPECT_EQ(*parsed, value);
  }
}

TEST(Normalisation, UnknownNameIsQuotedWithTheKnownOnes) {
  const auto parsed = parse_normalisation("Whiten");
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(parsed.error().message,
            "unknown normalisation 'Whiten': expected unit, fixed, whiten or mean [...] deviation [...]");
}

TEST(Normalisation, TheSameArithmeticIsTheSameValueHoweverItIsWritten) {
  EXPECT_EQ((Normalisation{.mean = {127.5F, 127.5F, 127.5F}, .deviation = {128, 128, 128}}), Normalisation::kFixed);
  EXPECT_EQ(to_string(Normalisation{.deviation = {255, 255, 255}}), "unit");
  EXPECT_EQ(to_string(Normalisation{.mean = {104, 117, 123.5F}}), "mean [104,117,123.5] deviation [1,1,1]");
}

TEST(Normalisation, MeansAndDeviationsReadBackAsTheSameValue) {
  const Normalisation own{.mean = {104.1F, -117, 1e-7F}, .deviation = {0.1F, 57.375F, 1e6F}};
  const auto parsed = parse_normalisation(to_string(own));
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(*parsed, own);
  EXPECT_FALSE(has_name(own));
  EXPECT_TRUE(has_name({.mean = {127.5F, 127.5F, 127.5F}, .deviation = {128, 128, 128}}));
}

TEST(Normalisation, WhatIsNoMeanAndDeviationIsRefused) {
  for (const char* text :
       {"", "mean", "mean ", "mean deviation ", "mean  deviation ", "mean [1,2,3]", "mean [1,2,3] deviation [1,1]",
        "mean [1,2] deviation [1,1,1]", "mean [1,2,3] deviation [1,1,0]", "mean [1,2,3] deviation [1,1,-1]",
        "mean [1,2,3] deviation [1,1,1]x", "mean [1,2,3] deviation [1,1,1,1]", "mean [nan,2,3] deviation [1,1,1]",
        "mean [1,2,3] deviation [inf,1,1]", "mean [1,2,1e7] deviation [1,1,1]", "mean [1, 2,3] deviation [1,1,1]",
        "mean [,2,3] deviation [1,1,1]", " deviation [1,1,1]"}) {
    EXPECT_FALSE(parse_normalisation(text)) << text;
  }
}

TEST(KnownMode, ClassicIsWhatThePythonPipelineDoes) {
  const auto mode = known_mode("classic");
  ASSERT_TRUE(mode);
  EXPECT_EQ(mode->mode, "classic");
  EXPECT_EQ(mode->input_px, 240);
  EXPECT_EQ(mode->margin_px, 0);
  EXPECT_TRUE(mode->min_max_stretch);
  EXPECT_EQ(mode->normalisation, Normalisation::kUnit);
}

TEST(KnownMode, StandardIsWhatTheNetworkWasTrainedWith) {
  const auto mode = known_mode("standard");
  ASSERT_TRUE(mode);
  EXPECT_EQ(mode->mode, "standard");
  EXPECT_EQ(mode->input_px, 160);
  EXPECT_EQ(mode->margin_px, 0);
  EXPECT_FALSE(mode->min_max_stretch);
  EXPECT_EQ(mode->normalisation, Normalisation::kFixed);
}

TEST(KnownMode, WhitenedHasAMarginOf32) {
  const auto mode = known_mode("whitened");
  ASSERT_TRUE(mode);
  EXPECT_EQ(mode->mode, "whitened");
  EXPECT_EQ(mode->input_px, 160);
  EXPECT_EQ(mode->margin_px, 32);
  EXPECT_FALSE(mode->min_max_stretch);
  EXPECT_EQ(mode->normalisation, Normalisation::kWhiten);
  EXPECT_EQ(mode->alignment, "box");
  EXPECT_EQ(mode->colour_order, ColourOrder::kRgb);
}

TEST(KnownMode, UnknownNameListsTheModes) {
  const auto mode = known_mode("");
  ASSERT_FALSE(mode);
  EXPECT_EQ(mode.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(mode.error().message, "unknown preprocessing mode '': known are classic, standard and whitened");
}

}  // namespace
}  // namespace facepipe::model
