#include "detect/mtcnn/boxes.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace facepipe::detect {
namespace {

using image::Box;
using image::Point;
using image::Rect;

TEST(PNetWindow, IsTheTwelvePixelCellInThePictureRoundedDown) {
  EXPECT_EQ(pnet_window(0, 0, 1.0F), (Box{1, 1, 12, 12}));
  EXPECT_EQ(pnet_window(3, 5, 1.0F), (Box{7, 11, 18, 22}));
  EXPECT_EQ(pnet_window(2, 0, 0.5F), (Box{10, 2, 32, 24}));
}

// N5: the division is in float32; 3 / 0.6F is a little below 5 and rounds to it.
TEST(PNetWindow, DividesInFloat32AsTheReference) {
  EXPECT_EQ(pnet_window(1, 0, 0.6F), (Box{5, 1, 23, 20}));
}

// N6: +1 in the later corrections, none in P-Net's and none in the square.
TEST(Offsets, PNetsArePartsOfTheExclusiveSides) {
  EXPECT_EQ(apply_pnet_offsets({10, 20, 30, 60}, {0.5F, 0.25F, -0.5F, 1.0F}), (Box{20, 30, 20, 100}));
}

TEST(Offsets, LaterOnesArePartsOfTheInclusiveSides) {
  EXPECT_EQ(apply_inclusive_offsets({10, 20, 29, 59}, {0.5F, 0.25F, -0.5F, 1.0F}), (Box{20, 30, 19, 99}));
}

TEST(SquareAround, KeepsTheMiddleAndTheLongerSide) {
  EXPECT_EQ(square_around({0, 0, 10, 20}), (Box{-5, 0, 15, 20}));
  EXPECT_EQ(square_around({0, 0, 20, 10}), (Box{0, -5, 20, 15}));
  EXPECT_EQ(square_around({3, 4, 3, 4}), (Box{3, 4, 3, 4}));
}

TEST(SquareAround, OfAnInvertedBoxTakesTheLargerNumber) {
  EXPECT_EQ(square_around({10, 0, 0, 20}), (Box{-5, 0, 15, 20}));
}

// N7
TEST(Landmarks, ArePartsOfTheInclusiveSidesMinusOne) {
  const auto points = landmarks_in({10, 20, 29, 59}, {0, 0.5F, 1, 0.25F, 0.75F, 0, 0.5F, 1, 0.25F, 0.75F});
  EXPECT_EQ(points[0], (Point{9, 19}));
  EXPECT_EQ(points[1], (Point{19, 39}));
  EXPECT_EQ(points[2], (Point{29, 59}));
  EXPECT_EQ(points[3], (Point{14, 29}));
  EXPECT_EQ(points[4], (Point{24, 49}));
}

// N8: pixel 1 is the first; both ends are included.
TEST(OneBasedBox, CutsOffTheFractionAndThePicturesEdges) {
  EXPECT_EQ(OneBasedBox::clip({2.9F, 3.9F, 7.9F, 8.9F}, 100, 100).to_rect(), (Rect{1, 2, 7, 8}));
  EXPECT_EQ(OneBasedBox::clip({-5, -0.5F, 300, 200}, 100, 50).to_rect(), (Rect{0, 0, 100, 50}));
}

TEST(OneBasedBox, OnePixelIsNotEmpty) {
  EXPECT_EQ(OneBasedBox::clip({5, 6, 5, 6}, 100, 100).to_rect(), (Rect{4, 5, 5, 6}));
}

TEST(OneBasedBox, OutsideOrInvertedIsEmpty) {
  EXPECT_TRUE(OneBasedBox::clip({-20, 5, -3, 10}, 100, 100).to_rect().empty());
  EXPECT_TRUE(OneBasedBox::clip({102, 5, 120, 10}, 100, 100).to_rect().empty());
  EXPECT_TRUE(OneBasedBox::clip({5, 102, 10, 120}, 100, 100).to_rect().empty());
  EXPECT_TRUE(OneBasedBox::clip({20, 5, 10, 10}, 100, 100).to_rect().empty());
  // The reference's x = width + 1: one column past the picture.
  EXPECT_TRUE(OneBasedBox::clip({101, 5, 101, 10}, 100, 100).to_rect().empty());
}

TEST(OneBasedBox, TakesAnyFloat) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  const float nan = std::nanf("");
  EXPECT_EQ(OneBasedBox::clip({-kInfinity, -1e30F, 1e30F, kInfinity}, 40, 30).to_rect(), (Rect{0, 0, 40, 30}));
  EXPECT_TRUE(OneBasedBox::clip({nan, nan, nan, nan}, 40, 30).to_rect().empty());
}

}  // namespace
}  // namespace facepipe::detect
