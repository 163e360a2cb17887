#include "embed/normalise.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace facepipe::embed {
namespace {

using model::Normalisation;
using ::testing::Each;
using ::testing::ElementsAre;

std::vector<float> normalised(const image::RgbImage& crop, Normalisation normalisation) {
  std::vector<float> planes(crop.pixels().size(), -99.0F);
  normalise(crop.view(), {.mode = "", .normalisation = normalisation}, planes);
  return planes;
}

image::RgbImage two_pixels(std::initializer_list<std::uint8_t> bytes) {
  image::RgbImage crop(2, 1);
  std::copy(bytes.begin(), bytes.end(), crop.row(0));
  return crop;
}

TEST(Normalise, PutsOneColourAfterTheOther) {
  const image::RgbImage crop = two_pixels({0, 51, 102, 153, 204, 255});
  EXPECT_THAT(normalised(crop, Normalisation::kUnit), ElementsAre(0.0F, 0.6F, 0.2F, 0.8F, 0.4F, 1.0F));
}

TEST(Normalise, UnitDividesBy255) {
  const image::RgbImage crop = two_pixels({17, 17, 17, 1, 1, 1});
  EXPECT_THAT(normalised(crop, Normalisation::kUnit),
              ElementsAre(17.0F / 255.0F, 1.0F / 255.0F, 17.0F / 255.0F, 1.0F / 255.0F, 17.0F / 255.0F, 1.0F / 255.0F));
}

TEST(Normalise, FixedIsExact) {
  const image::RgbImage crop = two_pixels({0, 10, 127, 128, 200, 255});
  EXPECT_THAT(normalised(crop, Normalisation::kFixed),
              ElementsAre(-0.99609375F, 0.00390625F, -0.91796875F, 0.56640625F, -0.00390625F, 0.99609375F));
}

TEST(Normalise, WhitenTakesMeanAndPopulationDeviationOfAllValues) {
  // Mean 3, population deviation 3 (the sample deviation would be 3.29).
  const image::RgbImage crop = two_pixels({0, 0, 0, 6, 6, 6});
  EXPECT_THAT(normalised(crop, Normalisation::kWhiten), ElementsAre(-1.0F, 1.0F, -1.0F, 1.0F, -1.0F, 1.0F));
}

TEST(Normalise, WhitenNeverDividesByLessThanOneOverTheRootOfTheCount) {
  // 299 zeros and a one: deviation 0.05764, 1/sqrt(300) = 0.05774.
  image::RgbImage crop(10, 10);
  crop.row(0)[0] = 1;
  const std::vector<float> planes = normalised(crop, Normalisation::kWhiten);
  EXPECT_FLOAT_EQ(planes[0], 17.262773F);
  EXPECT_FLOAT_EQ(planes[1], -0.057735026F);
}

TEST(Normalise, WhitenMakesAFlatCropZero) {
  image::RgbImage crop(3, 2);
  for (int y = 0; y < 2; ++y) {
    std::fill_n(crop.row(y), 9, std::uint8_t{201});
  }
  EXPECT_THAT(normalised(crop, Normalisation::kWhiten), Each(0.0F));
}

TEST(Normalise, ReadsAViewWithPaddedRows) {
  image::RgbImage picture(4, 3);
  for (int y = 0; y < 3; ++y) {
    for (int x = 0; x < 12; ++x) {
      picture.row(y)[x] = static_cast<std::uint8_t>(y * 51 + (x / 3) * 17);
    }
  }
  std::vector<float> planes(12);
  normalise(picture.view().crop({1, 1, 3, 3}), {.mode = "", .normalisation = Normalisation::kUnit}, planes);
  const float a = 68.0F / 255.0F;
  const float b = 85.0F / 255.0F;
  const float c = 119.0F / 255.0F;
  const float d = 136.0F / 255.0F;
  EXPECT_THAT(planes, ElementsAre(a, b, c, d, a, b, c, d, a, b, c, d));
}

TEST(Normalise, EachChannelHasItsMeanAndDeviation) {
  const image::RgbImage crop = two_pixels({10, 20, 30, 40, 50, 60});
  EXPECT_THAT(normalised(crop, {.mean = {10, 30, 0}, .deviation = {1, 2, 4}}),
              ElementsAre(0.0F, 30.0F, -5.0F, 10.0F, 7.5F, 15.0F));
}

// Mean and deviation go with the network's channels, not the picture's.
TEST(Normalise, BlueComesFirstForANetworkOfThatOrder) {
  const image::RgbImage crop = two_pixels({10, 20, 30, 40, 50, 60});
  std::vector<float> planes(6);
  normalise(crop.view(),
            {.mode = "",
             .normalisation = {.mean = {10, 20, 30}, .deviation = {1, 1, 1}},
             .colour_order = model::ColourOrder::kBgr},
            planes);
  EXPECT_THAT(planes, ElementsAre(20.0F, 50.0F, 0.0F, 30.0F, -20.0F, 10.0F));
}

TEST(NormaliseDeathTest, RefusesABufferOfAnotherSize) {
  const image::RgbImage crop = two_pixels({0, 0, 0, 0, 0, 0});
  std::vector<float> planes(5);
  EXPECT_DEATH(normalise(crop.view(), {}, planes), "planes.size");
}

}  // namespace
}  // namespace facepipe::embed
