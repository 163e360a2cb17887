#include "gallery/calibrate.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <string>

namespace facepipe::gallery {
namespace {

const std::vector<float> kTenImpostors = {1.0F, 0.5F, 0.9F, 0.8F, 0.6F, 1.1F, 1.2F, 1.3F, 1.4F, 0.7F};
const std::vector<float> kGenuine = {0.1F, 0.2F, 0.64F, 0.66F};

TEST(Calibrate, HalfwayBetweenTheLastAcceptedAndTheFirstRejectedImpostor) {
  const auto calibration = calibrate_threshold(kTenImpostors, kGenuine, 0.2);  // 0.5 and 0.6 may be accepted
  ASSERT_TRUE(calibration) << calibration.error().message;
  EXPECT_FLOAT_EQ(calibration->distance_threshold, 0.65F);
  EXPECT_DOUBLE_EQ(calibration->false_accept_rate, 0.2);
  EXPECT_DOUBLE_EQ(calibration->true_accept_rate, 0.75);
  EXPECT_EQ(calibration->impostor_pairs, 10U);
  EXPECT_EQ(calibration->genuine_pairs, 4U);
}

TEST(Calibrate, TheAllowedNumberIsRoundedDown) {
  const auto calibration = calibrate_threshold(kTenImpostors, kGenuine, 0.19);
  ASSERT_TRUE(calibration);
  EXPECT_FLOAT_EQ(calibration->distance_threshold, 0.55F);
  EXPECT_DOUBLE_EQ(calibration->false_accept_rate, 0.1);
}

TEST(Calibrate, EqualDistancesNeverAcceptMoreThanAllowed) {
  const auto calibration = calibrate_threshold({0.4F, 0.6F, 0.6F, 0.6F, 0.9F}, kGenuine, 0.4);  // two may be accepted
  ASSERT_TRUE(calibration);
  EXPECT_FLOAT_EQ(calibration->distance_threshold, 0.5F);
  EXPECT_DOUBLE_EQ(calibration->false_accept_rate, 0.2);
  const auto all_alike = calibrate_threshold({0.6F, 0.6F}, kGenuine, 0.5);
  ASSERT_TRUE(all_alike);
  EXPECT_FLOAT_EQ(all_alike->distance_threshold, 0.3F);
  EXPECT_DOUBLE_EQ(all_alike->false_accept_rate, 0.0);
}

TEST(Calibrate, NeighbouringFloatsAreKeptApart) {
  const float low = 0.5F;
  const float high = std::nextafter(low, 1.0F);
  const auto calibration = calibrate_threshold({low, high}, kGenuine, 0.5);
  ASSERT_TRUE(calibration);
  EXPECT_EQ(calibration->distance_threshold, low);
  EXPECT_DOUBLE_EQ(calibration->false_accept_rate, 0.5);
}

TEST(Calibrate, NeverAboveTheRateAskedFor) {
  std::mt19937 random(9);  // NOLINT: a fixed seed, so that a failure repeats
  for (int round = 0; round < 300; ++round) {
    std::vector<float> impostors(20 + random() % 200);
    for (float& distance : impostors) {
      distance = static_cast<float>(1 + random() % 50) / 32;  // with many ties
    }
    const double far = 0.05 + 0.9 * static_cast<double>(random() % 1000) / 1000;
    const auto calibration = calibrate_threshold(impostors, kGenuine, far);
    ASSERT_TRUE(calibration) << calibration.error().message;
    EXPECT_LE(calibration->false_accept_rate, far);
  }
}

TEST(Calibrate, AskingForMoreThanThePairsCanTellIsRefused) {
  const auto few = calibrate_threshold(kTenImpostors, kGenuine, 0.001);
  ASSERT_FALSE(few);
  EXPECT_EQ(few.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(few.error().message,
            "a false-accept rate of 0.001000 needs 1000 impostor pairs and a genuine pair; found 10 and 4");
  EXPECT_TRUE(calibrate_threshold(std::vector<float>(1000, 1.0F), kGenuine, 0.001));
  EXPECT_FALSE(calibrate_threshold(std::vector<float>(999, 1.0F), kGenuine, 0.001));
  EXPECT_FALSE(calibrate_threshold(kTenImpostors, {}, 0.5));
  EXPECT_FALSE(calibrate_threshold({}, kGenuine, 0.5));
  EXPECT_FALSE(calibrate_threshold({0, 0, 0}, kGenuine, 0.5));  // nothing lies below distance 0
}

TEST(Calibrate, BadRatesAndDistancesAreRefused) {
  for (const double far : {0.0, 1.0, -0.1, 2.0, std::nan("")}) {
    EXPECT_FALSE(calibrate_threshold(kTenImpostors, kGenuine, far)) << far;
  }
  EXPECT_TRUE(calibrate_threshold(kTenImpostors, kGenuine, 0.9999999999999));
  EXPECT_FALSE(calibrate_threshold({1, std::nanf("")}, kGenuine, 0.5));
  EXPECT_FALSE(calibrate_threshold({1, -1}, kGenuine, 0.5));
  EXPECT_FALSE(calibrate_threshold(kTenImpostors, std::vector<float>{std::numeric_limits<float>::infinity()}, 0.5));
}

TEST(Calibrate, FromEmbeddingsTakesEveryPair) {
  const std::vector<std::vector<float>> embeddings = {{0, 0}, {0, 1}, {10, 0}, {10, 1}};
  const std::vector<std::size_t> person = {7, 7, 3, 3};
  // Genuine: 1 and 1. Impostor: 10, 10, and twice the root of 101.
  const auto calibration = calibrate_threshold(embeddings, person, 0.5);
  ASSERT_TRUE(calibration) << calibration.error().message;
  EXPECT_EQ(calibration->genuine_pairs, 2U);
  EXPECT_EQ(calibration->impostor_pairs, 4U);
  EXPECT_NEAR(calibration->distance_threshold, (10 + std::sqrt(101.0F)) / 2, 1e-5);
  EXPECT_DOUBLE_EQ(calibration->false_accept_rate, 0.5);
  EXPECT_DOUBLE_EQ(calibration->true_accept_rate, 1.0);
}

TEST(Calibrate, EmbeddingsThatDoNotFitAreRefused) {
  const std::vector<std::size_t> person = {0, 1};
  EXPECT_FALSE(calibrate_threshold(std::vector<std::vector<float>>{{1}}, person, 0.5));
  EXPECT_FALSE(calibrate_threshold(std::vector<std::vector<float>>{{1}, {1, 2}}, person, 0.5));
  EXPECT_FALSE(calibrate_threshold(std::vector<std::vector<float>>{{}, {}}, person, 0.5));
  const std::vector<std::vector<float>> many(kMaxCalibrationEmbeddings + 1, {1.0F});
  const auto large = calibrate_threshold(many, std::vector<std::size_t>(many.size()), 0.5);
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().code, ErrorCode::kTooLarge);
}

}  // namespace
}  // namespace facepipe::gallery
