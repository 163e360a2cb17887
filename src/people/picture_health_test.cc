#include "people/picture_health.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

namespace facepipe::people {
namespace {

// Unit vectors of a plane, told by their angle.
std::vector<float> turned_by(float degrees) {
  const float radians = degrees * 3.14159265F / 180;
  return {std::cos(radians), std::sin(radians)};
}

std::shared_ptr<const gallery::Gallery> gallery_of(int pictures) {
  gallery::Gallery gallery({"m1", model::known_mode("standard").value(), 2});
  for (int i = 0; i < pictures; ++i) {
    EXPECT_TRUE(gallery.add("ada", turned_by(static_cast<float>(i) * 30)));
  }
  EXPECT_TRUE(gallery.add("bob", turned_by(-1)));
  return std::make_shared<const gallery::Gallery>(std::move(gallery));
}

std::vector<std::size_t> rows(std::size_t count) {
  std::vector<std::size_t> rows(count);
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  return rows;
}

TEST(PictureHealthTest, IsFoundOutOnceForAGallery) {
  PictureHealth health;
  const auto gallery = gallery_of(3);
  HealthWork work;
  const auto first = health.of(gallery, std::nullopt, 0, rows(3), work).value();
  EXPECT_EQ(first->doubtful(), 1U) << "bob's is as good as her first one";
  EXPECT_EQ(HealthWork::kMost - work.left, 3U * (3 + 4));
  const std::size_t left = work.left;
  EXPECT_EQ(health.of(gallery, std::nullopt, 0, rows(3), work).value(), first);
  EXPECT_EQ(work.left, left);
  const auto changed = gallery_of(4);
  const auto second = health.of(changed, std::nullopt, 0, rows(4), work).value();
  EXPECT_EQ(second->pictures.size(), 4U);
  EXPECT_LT(work.left, left);
}

TEST(PictureHealthTest, WhatIsTooDearIsSaidToBeUnknownAndFoundOutNextTime) {
  PictureHealth health;
  const auto gallery = gallery_of(5);
  HealthWork little{.left = 54};  // of 5 * (5 + 6)
  const auto none = health.of(gallery, std::nullopt, 0, rows(5), little).value();
  EXPECT_EQ(none->doubtful(), std::nullopt);
  ASSERT_EQ(none->pictures.size(), 5U);
  EXPECT_TRUE(none->pictures[0].likeness) << "which is cheap";
  HealthWork enough{.left = 55};
  EXPECT_TRUE(health.of(gallery, std::nullopt, 0, rows(5), enough).value()->doubtful());
  EXPECT_EQ(enough.left, 0U);
}

}  // namespace
}  // namespace facepipe::people
