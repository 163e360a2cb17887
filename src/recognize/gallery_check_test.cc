#include "recognize/gallery_check.h"

#include <gtest/gtest.h>

#include <cmath>
#include <optional>
#include <string_view>
#include <vector>

namespace facepipe::recognize {
namespace {

// Unit vectors of a plane, told by their angle.
std::vector<float> turned_by(float degrees) {
  const float radians = degrees * 3.14159265F / 180;
  return {std::cos(radians), std::sin(radians)};
}

struct Enrolled {
  std::string_view name;
  float degrees;
};

gallery::Gallery gallery_with(const std::vector<Enrolled>& pictures) {
  gallery::Gallery gallery({"m1", model::known_mode("standard").value(), 2});
  gallery.set_distance_threshold(0.7F);  // 41 degrees
  for (const Enrolled& picture : pictures) {
    EXPECT_TRUE(gallery.add(picture.name, turned_by(picture.degrees)));
  }
  return gallery;
}

// 0.7 names; 1 (60 degrees) is too far for one person.
NamingRule a_rule() {
  return {model::Decision{.false_accepts = {{0.5F, 1e-5}, {1.0F, 1e-3}}, .slope = 1}, 0.01, 0.7F};
}

std::vector<DoubtfulPicture> doubts(const std::vector<Enrolled>& pictures,
                                    const std::optional<NamingRule>& rule = a_rule()) {
  auto found = check_gallery(gallery_with(pictures), rule);
  EXPECT_TRUE(found) << found.error().message;
  return *std::move(found);
}

TEST(GalleryCheck, NothingIsDoubtfulWherePeopleAreApart) {
  EXPECT_TRUE(doubts({{"ada", 0}, {"ada", 20}, {"bob", 90}, {"bob", 110}, {"cy", 180}}).empty());
  EXPECT_TRUE(doubts({}).empty());
}

TEST(GalleryCheck, FindsAPictureThatIsSomebodyElses) {
  const auto found = doubts({{"ada", 0}, {"ada", 20}, {"bob", 90}, {"ada", 110}});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].doubt, Doubt::kResembles);
  EXPECT_EQ(found[0].person, 0U);
  EXPECT_EQ(found[0].number, 3U);
  EXPECT_EQ(found[0].other_person, 1U);
  EXPECT_NEAR(found[0].other_distance, 2 * std::sin(10 * 3.14159265 / 180), 1e-5);
  EXPECT_NEAR(found[0].own_distance, std::sqrt(2.0), 1e-5);
}

TEST(GalleryCheck, FindsAPictureThatIsNobodys) {
  const std::vector<Enrolled> pictures = {{"ada", 0}, {"ada", 20}, {"ada", 110}, {"bob", 180}};
  const auto found = doubts(pictures);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].doubt, Doubt::kDisagrees);
  EXPECT_EQ(found[0].number, 3U);
  EXPECT_EQ(found[0].other_person, std::nullopt);
  EXPECT_TRUE(doubts(pictures, std::nullopt).empty());  // nothing says how far is too far
}

TEST(GalleryCheck, OnePersonsPicturesByThemselves) {
  const gallery::Gallery gallery = gallery_with({{"ada", 0}, {"bob", 90}, {"ada", 20}, {"ada", 110}, {"cy", 180}});
  const std::vector<std::size_t> ada{0, 2, 3};
  const auto checked = check_person(gallery, a_rule(), 0, ada).value();
  ASSERT_EQ(checked.size(), 3U);
  const auto cosine = [](float degrees) { return std::cos(degrees * 3.14159265F / 180); };
  EXPECT_EQ(checked[2].row, 3U);
  EXPECT_NEAR(*checked[0].likeness, (cosine(20) + cosine(110)) / 2, 1e-5);
  EXPECT_NEAR(*checked[2].likeness, (cosine(110) + cosine(90)) / 2, 1e-5);
  EXPECT_FALSE(checked[0].doubt);
  ASSERT_TRUE(checked[2].doubt);
  EXPECT_EQ(checked[2].doubt->doubt, Doubt::kResembles);
  EXPECT_EQ(checked[2].doubt->number, 3U);
  EXPECT_EQ(checked[2].doubt->other_person, 1U);
  const std::vector<std::size_t> cy{4};
  EXPECT_EQ(check_person(gallery, a_rule(), 2, cy).value().at(0).likeness, std::nullopt) << "an only one";
  EXPECT_TRUE(check_person(gallery, a_rule(), 2, {}).value().empty());
}

TEST(GalleryCheck, FindsDoublesOfOneAndOfTwoPeople) {
  const auto found = doubts({{"ada", 0}, {"bob", 90}, {"ada", 5}, {"cy", 92}});
  ASSERT_EQ(found.size(), 3U);  // both of the two people's
  EXPECT_EQ(found[0].doubt, Doubt::kDouble);
  EXPECT_EQ(found[0].other_person, 2U);
  EXPECT_EQ(found[1].person, 0U);
  EXPECT_EQ(found[1].number, 2U);
  EXPECT_EQ(found[1].other_person, std::nullopt);  // her own
  EXPECT_EQ(found[2].person, 2U);
  EXPECT_EQ(found[2].other_person, 1U);
}

}  // namespace
}  // namespace facepipe::recognize
