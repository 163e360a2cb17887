#include "image/image.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "image/geometry.h"
#include "image/test_pictures.h"

namespace facepipe::image {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::make_pattern;

TEST(RgbImage, IsBlackWhenMade) {
  const RgbImage picture(2, 1);
  EXPECT_EQ(picture.width(), 2);
  EXPECT_EQ(picture.height(), 1);
  EXPECT_EQ(picture.stride_bytes(), 6U);
  EXPECT_THAT(picture.pixels(), ElementsAre(0, 0, 0, 0, 0, 0));
}

TEST(RgbImage, CloneIsIndependent) {
  RgbImage picture(1, 1);
  picture.row(0)[1] = 9;
  const RgbImage copy = RgbImage::clone(picture.view());
  picture.row(0)[1] = 1;
  EXPECT_THAT(copy.pixels(), ElementsAre(0, 9, 0));
}

TEST(RgbImage, CloneOfACropPacksItsRows) {
  const RgbImage picture = make_pattern(4, 3);
  const RgbImage copy = RgbImage::clone(picture.view().crop({1, 1, 3, 3}));
  EXPECT_EQ(copy.width(), 2);
  EXPECT_EQ(copy.height(), 2);
  EXPECT_THAT(copy.pixels(), ElementsAre(138, 58, 28, 175, 73, 39, 239, 111, 39, 20, 126, 61));
}

TEST(RgbImage, CloneOfAnEmptyViewIsEmpty) {
  const RgbImage copy = RgbImage::clone({});
  EXPECT_TRUE(copy.view().empty());
  EXPECT_THAT(copy.pixels(), IsEmpty());
}

TEST(Box, AreaOfAnInvertedBoxIsZero) {
  EXPECT_EQ((Box{1, 2, 4, 4}).area(), 6.0F);
  EXPECT_EQ((Box{4, 2, 1, 4}).area(), 0.0F);
  EXPECT_EQ((Box{1, 4, 4, 2}).area(), 0.0F);
  EXPECT_EQ((Box{4, 4, 1, 1}).area(), 0.0F);
}

TEST(Rect, EmptyWithoutWidthOrHeight) {
  EXPECT_FALSE((Rect{0, 0, 1, 1}).empty());
  EXPECT_TRUE((Rect{1, 0, 1, 1}).empty());
  EXPECT_TRUE((Rect{0, 2, 1, 1}).empty());
}

}  // namespace
}  // namespace facepipe::image
