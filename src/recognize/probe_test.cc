#include "recognize/probe.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "embed/crop.h"
#include "embed/landmarks.h"
#include "image/resize.h"

namespace facepipe::recognize {
namespace {

constexpr const char* kModes[] = {"classic", "standard", "whitened"};

image::RgbImage noise(int width, int height, unsigned seed = 1) {
  std::mt19937 random(seed);
  image::RgbImage picture(width, height);
  for (int y = 0; y < height; ++y) {
    std::generate_n(picture.row(y), picture.stride_bytes(), [&] { return static_cast<std::uint8_t>(random()); });
  }
  return picture;
}

// Grey values from `low` to `high` along x.
image::RgbImage ramp(int width, int height, int low, int high) {
  image::RgbImage picture(width, height);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      std::fill_n(picture.row(y) + x * 3, 3, static_cast<std::uint8_t>(low + (high - low) * x / (width - 1)));
    }
  }
  return picture;
}

model::Preprocessing mode(std::string_view name) {
  return model::known_mode(name).value();
}

TEST(SourceCrop, GivesTheSameInputAsTheFrameInEveryMode) {
  const image::RgbImage frame = noise(320, 240);
  std::mt19937 random(2);  // NOLINT: a fixed seed, so that a failure repeats
  std::uniform_real_distribution<float> x(-30, 300);
  std::uniform_real_distribution<float> y(-30, 220);
  std::uniform_real_distribution<float> side(12, 140);
  int compared = 0;
  for (int round = 0; round < 300; ++round) {
    image::Box box{x(random), y(random), 0, 0};
    box.x2 = box.x1 + side(random);
    box.y2 = box.y1 + side(random);
    const SourceCrop crop = cut_source_crop(frame.view(), box);
    for (const char* name : kModes) {
      const image::RgbImage direct = embed::make_crop(frame.view(), box, mode(name));
      const image::RgbImage through = embed::make_crop(crop.pixels.view(), crop.box, mode(name));
      if (crop.pixels.view().empty()) {
        EXPECT_EQ(embed::crop_rect(box, 320, 240, mode("standard")), image::Rect{});
        continue;
      }
      ASSERT_EQ(direct.pixels(), through.pixels()) << name << " " << box.x1 << " " << box.y1 << " " << box.x2;
      ++compared;
    }
  }
  EXPECT_GT(compared, 800);
}

TEST(SourceCrop, FacesAtEveryEdgeAndOverTheWholeFrame) {
  const image::RgbImage frame = noise(90, 70);
  const image::Box boxes[] = {{-5.5F, 20, 30, 60},          {60.25F, 10, 95.75F, 50}, {20, -8.25F, 60, 30},
                              {20, 40.5F, 60, 77},          {0, 0, 90, 70},           {-10, -10, 100, 80},
                              {0.999F, 0.999F, 2.5F, 2.5F}, {89, 69, 90, 70}};
  for (const image::Box& box : boxes) {
    const SourceCrop crop = cut_source_crop(frame.view(), box);
    ASSERT_FALSE(crop.pixels.view().empty());
    for (const char* name : kModes) {
      EXPECT_EQ(embed::make_crop(frame.view(), box, mode(name)).pixels(),
                embed::make_crop(crop.pixels.view(), crop.box, mode(name)).pixels())
          << name << " " << box.x1 << " " << box.y1;
    }
  }
}

TEST(SourceCrop, HoldsTheBoxAndItsSurroundings) {
  const image::RgbImage frame = noise(400, 300);
  const SourceCrop crop = cut_source_crop(frame.view(), {100.5F, 50, 200.5F, 130});  // 20 px of room
  EXPECT_EQ(crop.pixels.width(), 141);                                               // columns 80 to 220
  EXPECT_EQ(crop.pixels.height(), 120);                                              // rows 30 to 149
  EXPECT_EQ(crop.box, (image::Box{20.5F, 20, 120.5F, 100}));
  EXPECT_TRUE(std::equal(crop.pixels.row(0), crop.pixels.row(0) + crop.pixels.stride_bytes(), frame.row(30) + 80 * 3));
}

TEST(SourceCrop, DegenerateBoxesGiveNothing) {
  const image::RgbImage frame = noise(50, 40);
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  constexpr float kInf = std::numeric_limits<float>::infinity();
  constexpr float kMax = std::numeric_limits<float>::max();
  const image::Box boxes[] = {{10, 10, 10, 20},       {20, 10, 10, 20},      {-20, -20, -5, -5},
                              {60, 10, 80, 20},       {kNan, 0, 10, 10},     {0, 0, kInf, 10},
                              {10.2F, 10, 10.8F, 20}, {-kMax, 0, -kMax, 10}, {0, kMax, 10, kMax}};
  for (const image::Box& box : boxes) {
    EXPECT_EQ(cut_source_crop(frame.view(), box).pixels.width(), 0) << box.x1 << " " << box.x2;
  }
  EXPECT_EQ(cut_source_crop({}, {0, 0, 10, 10}).pixels.width(), 0);
  const SourceCrop whole = cut_source_crop(frame.view(), {-kMax, -kMax, kMax, kMax});
  EXPECT_EQ(whole.pixels.width(), 50);
}

TEST(SourceCrop, LargeCropsAreShrunkWithTheirBox) {
  const image::RgbImage frame = noise(1000, 600);
  const SourceCrop crop =
      cut_source_crop(frame.view(), {200, 100, 700, 500}, std::nullopt, {.margin_share = 0.2F, .max_side_px = 400});
  EXPECT_EQ(crop.pixels.width(), 400);   // of 700, columns 100 to 799
  EXPECT_EQ(crop.pixels.height(), 343);  // of 600: all rows
  EXPECT_NEAR(crop.box.x1, 100 * 400 / 700.0, 1e-3);
  EXPECT_NEAR(crop.box.x2, 600 * 400 / 700.0, 1e-3);
  EXPECT_NEAR(crop.box.y1, 100 * 343 / 600.0, 1e-3);
  EXPECT_NEAR(crop.box.y2, 500 * 343 / 600.0, 1e-3);
  const SourceCrop dot = shrink_source_crop(crop, 1);
  EXPECT_EQ(dot.pixels.width(), 1);
  EXPECT_EQ(dot.pixels.height(), 1);
  EXPECT_EQ(shrink_source_crop(crop, 400).pixels.pixels(), crop.pixels.pixels());
}

TEST(MakeInput, AReadyCropIsNeverStretched) {
  const Probe ready{ramp(240, 240, 100, 150), std::nullopt};
  const auto input = make_input(ready, mode("classic"));
  ASSERT_TRUE(input);
  EXPECT_EQ(input->pixels(), ready.pixels.pixels());
  const auto smaller = make_input(ready, mode("standard"));
  ASSERT_TRUE(smaller);
  EXPECT_EQ(smaller->pixels(), image::resize_bilinear(ready.pixels.view(), 160, 160).pixels());
  const Probe other_size{ramp(200, 180, 100, 150), std::nullopt};
  const auto resized = make_input(other_size, mode("classic"));
  ASSERT_TRUE(resized);
  EXPECT_EQ(resized->pixels(), image::resize_bilinear(other_size.pixels.view(), 240, 240).pixels());
}

TEST(MakeInput, ASourceCropIsStretchedInClassicModeOnly) {
  const Probe source{ramp(240, 240, 100, 150), image::Box{0, 0, 240, 240}};
  const auto classic = make_input(source, mode("classic"));
  ASSERT_TRUE(classic);
  EXPECT_EQ(*std::min_element(classic->pixels().begin(), classic->pixels().end()), 0);
  EXPECT_EQ(*std::max_element(classic->pixels().begin(), classic->pixels().end()), 255);
  const auto standard = make_input(source, mode("standard"));
  ASSERT_TRUE(standard);
  EXPECT_EQ(*std::min_element(standard->pixels().begin(), standard->pixels().end()), 100);
  EXPECT_EQ(*std::max_element(standard->pixels().begin(), standard->pixels().end()), 150);
}

TEST(MoveLandmarks, FollowTheBoxFromTheFrameIntoItsCrop) {
  const image::Landmarks landmarks{{{110, 60}, {190, 60}, {150, 80}, {120, 120}, {180, 119.5F}}};
  const image::Landmarks moved = move_landmarks(landmarks, {100, 50, 200, 130}, {20, 20, 70, 100});
  // Half as wide: the centre of column 110 is at 110.5 of the frame, at 25.25 of the crop, which is column 24.75.
  EXPECT_EQ(moved, (image::Landmarks{{{24.75F, 30}, {64.75F, 30}, {44.75F, 50}, {29.75F, 90}, {59.75F, 89.5F}}}));
}

TEST(MoveLandmarks, StayOnTheirPixelInAShrunkCrop) {
  image::RgbImage frame(1'200, 1'000);
  std::fill_n(frame.row(0), std::size_t{1'200} * 1'000 * 3, std::uint8_t{0});
  constexpr int kSpot = 40;  // its middle lies between two pixels
  for (int y = 400; y < 400 + kSpot; ++y) {
    std::fill_n(frame.row(y) + std::ptrdiff_t{3} * 500, 3 * kSpot, std::uint8_t{255});
  }
  const image::Box box{100, 100, 1'000, 900};
  const image::Point middle{519.5F, 419.5F};
  const SourceCrop crop = cut_source_crop(frame.view(), box, std::nullopt, {});
  ASSERT_EQ(std::max(crop.pixels.width(), crop.pixels.height()), 512);
  const image::Point moved = move_landmarks({{middle, middle, middle, middle, middle}}, box, crop.box)[0];
  double sum = 0;
  double across = 0;
  double down = 0;
  for (int y = 0; y < crop.pixels.height(); ++y) {
    for (int x = 0; x < crop.pixels.width(); ++x) {
      const double light = crop.pixels.view().row(y)[std::ptrdiff_t{3} * x];
      sum += light;
      across += light * x;
      down += light * y;
    }
  }
  EXPECT_NEAR(moved.x, across / sum, 0.02);
  EXPECT_NEAR(moved.y, down / sum, 0.02);
}

TEST(CutProbe, HoldsTheFaceWithItsLandmarksUnshrunk) {
  const image::RgbImage frame = noise(1000, 600);
  const image::Landmarks landmarks{{{300, 200}, {600, 200}, {450, 290}, {330, 380}, {570, 380}}};
  const Probe probe = cut_probe(frame.view(), {{200, 100, 700, 500}, 1, landmarks});
  EXPECT_GE(probe.pixels.width(), 700);  // columns 100 to 799, and what the aligned face shows beside them
  EXPECT_EQ(probe.box->width(), 500);
  EXPECT_EQ(probe.box->height(), 400);
  ASSERT_TRUE(probe.landmarks);
  EXPECT_EQ((*probe.landmarks)[0].x - probe.box->x1, 100);
  EXPECT_EQ((*probe.landmarks)[1].x - probe.box->x1, 400);
  EXPECT_EQ((*probe.landmarks)[1].y - probe.box->y1, 100);
}

TEST(MakeInput, AnAlignmentOfItsOwnSeesTheFaceAndItsLandmarks) {
  embed::AlignmentKinds kinds = embed::alignment_kinds();
  kinds.add("nose",
            [](image::RgbView picture, const image::Box& box, const std::optional<image::Landmarks>& landmarks,
               const model::Preprocessing& preprocessing) -> Result<image::RgbImage> {
              EXPECT_EQ(box, (image::Box{1, 2, 9, 9}));
              const auto x = static_cast<int>((*landmarks)[2].x);
              return image::resize_bilinear(picture.crop({x, 3, x + 1, 4}), preprocessing.input_px,
                                            preprocessing.input_px);
            });
  model::Preprocessing nose = mode("standard");
  nose.alignment = "nose";
  const Probe probe{noise(20, 10), image::Box{1, 2, 9, 9}, image::Landmarks{{{}, {}, {5, 3}}}};
  const auto input = make_input(probe, nose, kinds);
  ASSERT_TRUE(input) << input.error().message;
  EXPECT_EQ(input->row(80)[240], probe.pixels.row(3)[15]);
  const auto unknown = make_input(probe, nose);
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().message, "unknown kind of alignment, 'nose': expected one of box, landmarks");
}

model::Preprocessing aligned_mode() {
  return {.mode = "mine",
          .input_px = embed::kArcFaceSidePx,
          .alignment = std::string(model::kLandmarksAlignment),
          .points = embed::kArcFacePoints};
}

// Turned by `degrees` around the middle of its box; the box stays.
image::Landmarks turned_landmarks(const image::Box& box, double degrees) {
  image::Landmarks landmarks = embed::mean_landmarks(box);
  const double angle = degrees / 180 * std::acos(-1.0);
  const double x = (double{box.x1} + double{box.x2}) / 2;
  const double y = (double{box.y1} + double{box.y2}) / 2;
  for (image::Point& point : landmarks) {
    const double right = double{point.x} - x;
    const double down = double{point.y} - y;
    point = {static_cast<float>(x + right * std::cos(angle) - down * std::sin(angle)),
             static_cast<float>(y + right * std::sin(angle) + down * std::cos(angle))};
  }
  return landmarks;
}

TEST(SourceCrop, HoldsAllThatAnAlignedFaceShowsHoweverItIsTurned) {
  const image::RgbImage frame = noise(700, 600);
  const image::Box boxes[] = {{300, 200, 352, 269}, {-10, 20, 60, 110}, {250, 150, 500, 480}, {640, 540, 690, 610}};
  for (const image::Box& box : boxes) {
    for (int degrees = 0; degrees < 360; degrees += 15) {
      const detect::Face face{box, 1, turned_landmarks(box, degrees)};
      const Probe cut = cut_probe(frame.view(), face);
      const Probe whole{image::RgbImage::clone(frame.view()), box, face.landmarks};
      const auto through = make_input(cut, aligned_mode());
      const auto direct = make_input(whole, aligned_mode());
      ASSERT_TRUE(through) << through.error().message;
      ASSERT_TRUE(direct) << direct.error().message;
      // A whole number of pixels is taken from each coordinate, so a value may be rounded otherwise in its last bit.
      int off = 0;
      for (std::size_t i = 0; i < direct->pixels().size(); ++i) {
        off = std::max(off, std::abs(direct->pixels()[i] - through->pixels()[i]));
      }
      EXPECT_LE(off, 1) << box.x1 << " turned by " << degrees;
    }
  }
}

TEST(SourceCrop, LandmarksOfNoFaceDoNotEnlargeIt) {
  const image::RgbImage frame = noise(400, 300);
  const image::Box box{100.5F, 50, 200.5F, 130};
  image::Landmarks far = embed::mean_landmarks(box);
  far[0] = {399, 299};
  EXPECT_EQ(cut_source_crop(frame.view(), box, far).pixels.pixels(),
            cut_source_crop(frame.view(), box).pixels.pixels());
}

TEST(MakeInput, AReadyCropIsTheBoxWhereLandmarksAreAskedFor) {
  const Probe ready{noise(240, 240), std::nullopt};
  const auto input = make_input(ready, aligned_mode());
  ASSERT_TRUE(input) << input.error().message;
  // 0.751 of 240: a square was made of a face that is higher than wide.
  const image::RgbImage face = image::resize_bilinear(ready.pixels.view(), 180, 240);
  const auto expected = embed::align_by_landmarks(face.view(), {0, 0, 180, 240}, std::nullopt, aligned_mode());
  EXPECT_EQ(input->pixels(), expected->pixels());
  const Probe high{noise(60, 80), std::nullopt};
  const auto as_it_is = make_input(high, aligned_mode());
  ASSERT_TRUE(as_it_is);
  EXPECT_EQ(as_it_is->pixels(),
            embed::align_by_landmarks(high.pixels.view(), {0, 0, 60, 80}, std::nullopt, aligned_mode())->pixels());
}

TEST(MakeInput, WhatItMadeIsTakenAsItIs) {
  Probe made{noise(112, 112), std::nullopt};
  made.is_input = true;
  const auto input = make_input(made, aligned_mode());
  ASSERT_TRUE(input);
  EXPECT_EQ(input->pixels(), made.pixels.pixels());
}

TEST(LacksLandmarks, OnlyWhereTheyAreAskedForAndNotThere) {
  const image::Box box{10, 10, 50, 60};
  Probe probe{noise(80, 80), box};
  EXPECT_TRUE(lacks_landmarks(probe, aligned_mode()));
  EXPECT_FALSE(lacks_landmarks(probe, mode("whitened")));
  probe.landmarks = embed::mean_landmarks(box);
  EXPECT_FALSE(lacks_landmarks(probe, aligned_mode()));
  Probe ready{noise(80, 80), std::nullopt};
  EXPECT_TRUE(lacks_landmarks(ready, aligned_mode()));
  ready.is_input = true;
  EXPECT_FALSE(lacks_landmarks(ready, aligned_mode()));
}

TEST(MakeInput, NamesABoxOutsideItsPicture) {
  const auto outside = make_input({noise(20, 10), image::Box{30, 0, 40, 10}}, mode("whitened"));
  ASSERT_FALSE(outside);
  EXPECT_EQ(outside.error().code, ErrorCode::kInvalidData);
  EXPECT_EQ(
      outside.error().message,
      "the face's box [30.000000, 0.000000, 40.000000, 10.000000] has no whole pixel inside its picture of 20x10");
  EXPECT_FALSE(make_input({image::RgbImage(), std::nullopt}, mode("whitened")));
}

}  // namespace
}  // namespace facepipe::recognize
