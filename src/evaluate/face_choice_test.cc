#include "evaluate/face_choice.h"

#include <gtest/gtest.h>

#include <vector>

namespace facepipe::evaluate {
namespace {

detect::Face face(float x1, float y1, float x2, float y2) {
  detect::Face one;
  one.box = {x1, y1, x2, y2};
  return one;
}

// In 100 x 100: 50 x 50 around (25, 25) has 2500 - 2 * (25^2 + 25^2) = 0; 20 x 20 around (52, 50) has 400 - 8.
TEST(FaceChoice, CentralBeatsLarger) {
  const std::vector<detect::Face> faces = {face(0, 0, 50, 50), face(42, 40, 62, 60)};
  EXPECT_EQ(choose_face(faces, 100, 100, FaceRule::kLargest), 0U);
  EXPECT_EQ(choose_face(faces, 100, 100, FaceRule::kCentral), 1U);
}

TEST(FaceChoice, ALargeOneBesideTheCentreBeatsASmallOneInIt) {
  // 60 x 60 around (40, 50): 3600 - 200; 10 x 10 around (50, 50): 100.
  const std::vector<detect::Face> faces = {face(45, 45, 55, 55), face(10, 20, 70, 80)};
  EXPECT_EQ(choose_face(faces, 100, 100, FaceRule::kCentral), 1U);
}

TEST(FaceChoice, NoneFarOutsideAndEqualOnes) {
  EXPECT_FALSE(choose_face({}, 10, 10, FaceRule::kCentral));
  const std::vector<detect::Face> outside = {face(-900, 0, -890, 10)};  // a negative rank is a rank
  EXPECT_EQ(choose_face(outside, 100, 100, FaceRule::kCentral), 0U);
  const std::vector<detect::Face> equal = {face(0, 0, 10, 10), face(0, 0, 10, 10)};
  EXPECT_EQ(choose_face(equal, 100, 100, FaceRule::kLargest), 0U);
}

TEST(FaceChoice, Words) {
  EXPECT_EQ(*face_rule_named("central"), FaceRule::kCentral);
  EXPECT_EQ(*face_rule_named("largest"), FaceRule::kLargest);
  EXPECT_EQ(face_rule_named("first").error().message, "expected the face \"largest\" or \"central\", got \"first\"");
}

}  // namespace
}  // namespace facepipe::evaluate
