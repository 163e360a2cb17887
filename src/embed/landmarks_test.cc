#include "embed/landmarks.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <sstream>
#include <string>

#include "base/file.h"
#include "embed/alignment.h"
#include "image/decode.h"
#include "image/test_pictures.h"

namespace facepipe::embed {
namespace {

constexpr float kNotANumber = std::numeric_limits<float>::quiet_NaN();

model::Preprocessing aligned_mode(int input_px) {
  model::Preprocessing preprocessing{
      .mode = "mine", .input_px = input_px, .alignment = std::string(model::kLandmarksAlignment)};
  const float scale = static_cast<float>(input_px) / static_cast<float>(kArcFaceSidePx);
  std::ranges::transform(kArcFacePoints, preprocessing.points.begin(),
                         [&](const image::Point& point) { return image::Point{point.x * scale, point.y * scale}; });
  return preprocessing;
}

// Around the points, with a tenth more on each side.
image::Box box_around(const image::Landmarks& points) {
  const auto [left, right] = std::ranges::minmax(points, {}, &image::Point::x);
  const auto [top, bottom] = std::ranges::minmax(points, {}, &image::Point::y);
  const float room = (bottom.y - top.y) / 2;
  return {left.x - room, top.y - room, right.x + room, bottom.y + room};
}

image::RgbImage fixture(const std::string& name) {
  const auto file =
      read_file(std::filesystem::path(FACEPIPE_SOURCE_DIR) / "tests/data/alignment" / (name + ".png"), 1U << 20U);
  EXPECT_TRUE(file) << file.error().message;
  auto picture = image::decode_image(*file);
  EXPECT_TRUE(picture) << picture.error().message;
  return *std::move(picture);
}

// Values more than one level off, of all.
double share_off(const image::RgbImage& a, const image::RgbImage& b) {
  EXPECT_EQ(a.width(), b.width());
  EXPECT_EQ(a.height(), b.height());
  std::size_t off = 0;
  for (std::size_t i = 0; i < a.pixels().size(); ++i) {
    off += std::abs(a.pixels()[i] - b.pixels()[i]) > 1 ? 1U : 0U;
  }
  return static_cast<double>(off) / static_cast<double>(a.pixels().size());
}

// tests/data/alignment: OpenCV's and numpy's answers.
TEST(AlignByLandmarks, AsAnotherImplementation) {
  const auto text = read_file(std::filesystem::path(FACEPIPE_SOURCE_DIR) / "tests/data/alignment/cases.txt", 1U << 20U);
  ASSERT_TRUE(text) << text.error().message;
  std::istringstream cases{std::string(as_text(*text))};
  std::string name;
  int width = 0;
  int height = 0;
  int side = 0;
  int compared = 0;
  while (cases >> name >> width >> height >> side) {
    image::Landmarks landmarks{};
    for (image::Point& point : landmarks) {
      ASSERT_TRUE(cases >> point.x >> point.y) << name;
    }
    const image::RgbImage picture = image::testing::make_pattern(width, height);
    const auto aligned = align_by_landmarks(picture.view(), box_around(landmarks), landmarks, aligned_mode(side));
    ASSERT_TRUE(aligned) << name << ": " << aligned.error().message;
    EXPECT_LE(share_off(*aligned, fixture(name)), 0.001) << name;
    ++compared;
  }
  EXPECT_EQ(compared, 9);
}

TEST(AlignByLandmarks, StretchesWhereTheModeDoes) {
  const image::RgbImage picture = image::testing::make_pattern(100, 100);
  const image::Landmarks landmarks = mean_landmarks({30, 20, 60, 60});
  model::Preprocessing stretched = aligned_mode(8);
  stretched.min_max_stretch = true;
  const auto input = align_by_landmarks(picture.view(), {30, 20, 60, 60}, landmarks, stretched);
  ASSERT_TRUE(input) << input.error().message;
  const auto [low, high] = std::ranges::minmax(input->pixels());
  EXPECT_EQ(low, 0);
  EXPECT_EQ(high, 255);
}

TEST(AlignByLandmarks, WithoutLandmarksTheBoxSaysWhereTheyWouldBe) {
  const image::RgbImage picture = image::testing::make_pattern(200, 200);
  const image::Box box{50, 40, 140, 160};
  const auto from_box = align_by_landmarks(picture.view(), box, std::nullopt, aligned_mode(48));
  const auto from_means = align_by_landmarks(picture.view(), box, mean_landmarks(box), aligned_mode(48));
  ASSERT_TRUE(from_box) << from_box.error().message;
  ASSERT_TRUE(from_means);
  EXPECT_EQ(from_box->pixels(), from_means->pixels());
  const image::Landmarks means = mean_landmarks(box);
  EXPECT_NEAR(means[0].x, 50 + 0.291 * 90, 1e-3);
  EXPECT_NEAR(means[0].y, 40 + 0.39 * 120, 1e-3);
}

TEST(AlignByLandmarks, IsTheKindOfThatName) {
  const auto kind = alignment_kinds().find("landmarks");
  ASSERT_TRUE(kind) << kind.error().message;
  const image::RgbImage picture = image::testing::make_pattern(100, 100);
  const image::Box box{20, 10, 70, 80};
  const auto by_kind = (*kind)(picture.view(), box, std::nullopt, aligned_mode(20));
  ASSERT_TRUE(by_kind);
  EXPECT_EQ(by_kind->pixels(), align_by_landmarks(picture.view(), box, std::nullopt, aligned_mode(20))->pixels());
}

TEST(AlignByLandmarks, LandmarksOfNoFaceAreRefusedAndSayWhy) {
  const image::RgbImage picture = image::testing::make_pattern(200, 200);
  const image::Box box{50, 50, 100, 120};
  image::Landmarks not_finite = mean_landmarks(box);
  not_finite[3].y = kNotANumber;
  image::Landmarks far = mean_landmarks(box);
  far[2].x = 171;
  image::Landmarks one_place{};
  one_place.fill({70, 80});
  image::Landmarks tiny{};
  std::ranges::transform(mean_landmarks(box), tiny.begin(), [](const image::Point& point) {
    return image::Point{70 + point.x / 100, 80 + point.y / 100};
  });
  const std::pair<image::Landmarks, const char*> cases[] = {
      {not_finite, "the face's landmarks are not finite"},
      {far, "the face's landmarks lie farther from its box than that is long: one at (171.000000, "},
      {one_place, "the face's landmarks lie in one place, or not as a face's"},
      {tiny, "the face's landmarks are those of a face 0.0"},
  };
  for (const auto& [landmarks, expected] : cases) {
    const auto input = align_by_landmarks(picture.view(), box, landmarks, aligned_mode(112));
    ASSERT_FALSE(input) << expected;
    EXPECT_EQ(input.error().code, ErrorCode::kInvalidData);
    EXPECT_TRUE(input.error().message.starts_with(expected)) << input.error().message;
    EXPECT_FALSE(aligned_part(box, landmarks)) << expected;
  }
  const image::Box beside{250, 50, 300, 120};
  const auto outside = align_by_landmarks(picture.view(), beside, mean_landmarks(beside), aligned_mode(112));
  ASSERT_FALSE(outside);
  EXPECT_EQ(outside.error().message, "the face's landmarks lie beside the picture of 200x200");
}

// What lies outside of aligned_part can be anything.
TEST(AlignedPart, HoldsAllThatAnAlignedFaceShows) {
  const std::pair<image::Landmarks, image::Box> faces[] = {
      {mean_landmarks({100, 80, 180, 190}), {100, 80, 180, 190}},
      {{{{152, 138}, {178, 161}, {152, 170}, {133, 171}, {154, 191}}}, {120, 110, 190, 210}},  // turned by 40 degrees
      {{{{100, 100}, {280, 90}, {190, 180}, {110, 290}, {270, 280}}}, {40, 20, 330, 380}},     // averaged in squares
  };
  for (const auto& [landmarks, box] : faces) {
    const auto part = aligned_part(box, landmarks);
    ASSERT_TRUE(part);
    image::RgbImage picture = image::testing::make_pattern(400, 400);
    const auto before = align_by_landmarks(picture.view(), box, landmarks, aligned_mode(112));
    for (int y = 0; y < picture.height(); ++y) {
      for (int x = 0; x < picture.width(); ++x) {
        if (x < part->left || x > part->right || y < part->top || y > part->bottom) {
          std::fill_n(picture.row(y) + std::ptrdiff_t{3} * x, 3, std::uint8_t{255});
        }
      }
    }
    const auto after = align_by_landmarks(picture.view(), box, landmarks, aligned_mode(112));
    ASSERT_TRUE(before);
    ASSERT_TRUE(after);
    EXPECT_EQ(before->pixels(), after->pixels());
    EXPECT_LT(part->right - part->left, 2 * static_cast<double>(box.height())) << "bounded";
  }
}

}  // namespace
}  // namespace facepipe::embed
