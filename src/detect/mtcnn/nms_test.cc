#include "detect/mtcnn/nms.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace facepipe::detect {
namespace {

Candidate candidate(float x1, float y1, float x2, float y2, float score) {
  return {{x1, y1, x2, y2}, score, {}};
}

std::vector<std::int32_t> by_union(const std::vector<Candidate>& candidates, float limit) {
  NmsScratch scratch;
  std::vector<std::int32_t> kept = {99};  // must be replaced
  suppress_by_union(candidates, limit, scratch, kept);
  return kept;
}

std::vector<std::int32_t> by_smaller(const std::vector<Candidate>& candidates, float limit) {
  NmsScratch scratch;
  std::vector<std::int32_t> kept = {99};
  suppress_by_smaller(candidates, limit, scratch, kept);
  return kept;
}

using Indices = std::vector<std::int32_t>;

TEST(SuppressByUnion, OfNothingIsNothing) {
  EXPECT_EQ(by_union({}, 0.5F), Indices{});
}

TEST(SuppressByUnion, KeepsTheBestAndReturnsBestFirst) {
  const std::vector<Candidate> boxes = {candidate(0, 0, 10, 10, 0.7F), candidate(1, 0, 11, 10, 0.9F),
                                        candidate(50, 50, 60, 60, 0.8F)};
  EXPECT_EQ(by_union(boxes, 0.5F), (Indices{1, 2}));
}

// Intersection 50, union 100: exactly 0.5. N9: only what is larger than the limit goes.
TEST(SuppressByUnion, KeepsABoxAtTheLimit) {
  const std::vector<Candidate> boxes = {candidate(0, 0, 10, 10, 0.9F), candidate(0, 0, 10, 5, 0.8F)};
  EXPECT_EQ(by_union(boxes, 0.5F), (Indices{0, 1}));
  EXPECT_EQ(by_union(boxes, 0.49F), (Indices{0}));
}

TEST(SuppressByUnion, ASuppressedBoxSuppressesNothing) {
  const std::vector<Candidate> boxes = {candidate(0, 0, 10, 10, 0.9F), candidate(4, 0, 14, 10, 0.8F),
                                        candidate(8, 0, 18, 10, 0.7F)};
  EXPECT_EQ(by_union(boxes, 0.4F), (Indices{0, 2}));
}

TEST(SuppressByUnion, OfEqualScoresTheEarlierComesFirst) {
  const std::vector<Candidate> boxes = {candidate(0, 0, 10, 10, 0.5F), candidate(1, 0, 11, 10, 0.5F),
                                        candidate(30, 0, 40, 10, 0.5F)};
  EXPECT_EQ(by_union(boxes, 0.5F), (Indices{0, 2}));
}

// 0 / 0 is not larger than any limit, as in torchvision.
TEST(SuppressByUnion, BoxesWithoutAreaStay) {
  const std::vector<Candidate> boxes = {candidate(5, 5, 5, 5, 0.9F), candidate(5, 5, 5, 5, 0.8F),
                                        candidate(5, 5, 5, 9, 0.7F)};
  EXPECT_EQ(by_union(boxes, 0.5F), (Indices{0, 1, 2}));
}

TEST(SuppressByUnion, BoxesThatTouchDoNotOverlap) {
  const std::vector<Candidate> boxes = {candidate(0, 0, 10, 10, 0.9F), candidate(10, 0, 20, 10, 0.8F)};
  EXPECT_EQ(by_union(boxes, 0.0F), (Indices{0, 1}));
}

// A small box inside a large one: the union hardly notices, the smaller area does. N10
TEST(SuppressBySmaller, DropsABoxInsideAnother) {
  const std::vector<Candidate> boxes = {candidate(0, 0, 99, 99, 0.9F), candidate(40, 40, 49, 49, 0.8F)};
  EXPECT_EQ(by_union(boxes, 0.7F), (Indices{0, 1}));
  EXPECT_EQ(by_smaller(boxes, 0.7F), (Indices{0}));
}

// Widths are inclusive: 10 x 10 boxes, 7 columns in common: 70 / 100 is at the limit, 8 columns past it. N10
TEST(SuppressBySmaller, CountsPixelsInclusively) {
  const std::vector<Candidate> at_limit = {candidate(0, 0, 9, 9, 0.9F), candidate(3, 0, 12, 9, 0.8F)};
  EXPECT_EQ(by_smaller(at_limit, 0.7F), (Indices{0, 1}));
  const std::vector<Candidate> past_limit = {candidate(0, 0, 9, 9, 0.9F), candidate(2, 0, 11, 9, 0.8F)};
  EXPECT_EQ(by_smaller(past_limit, 0.7F), (Indices{0}));
}

TEST(SuppressBySmaller, OfEqualScoresTheLaterComesFirst) {
  const std::vector<Candidate> boxes = {candidate(0, 0, 9, 9, 0.5F), candidate(1, 0, 10, 9, 0.5F),
                                        candidate(30, 0, 39, 9, 0.5F)};
  EXPECT_EQ(by_smaller(boxes, 0.7F), (Indices{2, 1}));
}

TEST(SuppressBySmaller, ABoxOfOnePixelHasArea) {
  const std::vector<Candidate> boxes = {candidate(5, 5, 5, 5, 0.9F), candidate(5, 5, 5, 5, 0.8F)};
  EXPECT_EQ(by_smaller(boxes, 0.7F), (Indices{0}));
}

// What is kept does not overlap; what is dropped overlaps something kept with a higher score.
TEST(SuppressByUnion, HoldsItsInvariantOnRandomBoxes) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    std::uniform_real_distribution<float> place(0, 100);
    std::uniform_real_distribution<float> size(1, 60);
    std::vector<Candidate> boxes;
    for (unsigned i = 0; i < 50 + seed; ++i) {
      const float x = place(random);
      const float y = place(random);
      boxes.push_back(candidate(x, y, x + size(random), y + size(random), place(random)));
    }
    const auto iou = [&](std::size_t a, std::size_t b) {
      const image::Box both = {std::max(boxes[a].box.x1, boxes[b].box.x1), std::max(boxes[a].box.y1, boxes[b].box.y1),
                               std::min(boxes[a].box.x2, boxes[b].box.x2), std::min(boxes[a].box.y2, boxes[b].box.y2)};
      return both.area() / (boxes[a].box.area() + boxes[b].box.area() - both.area());
    };
    const Indices kept = by_union(boxes, 0.3F);
    std::vector<bool> stays(boxes.size(), false);
    for (const std::int32_t index : kept) {
      stays[static_cast<std::size_t>(index)] = true;
    }
    for (std::size_t i = 0; i < boxes.size(); ++i) {
      bool beaten = false;
      for (std::size_t k = 0; k < boxes.size(); ++k) {
        beaten = beaten || (stays[k] && k != i && boxes[k].score > boxes[i].score && iou(i, k) > 0.3F);
      }
      EXPECT_NE(beaten, static_cast<bool>(stays[i])) << "box " << i;
    }
  }
}

}  // namespace
}  // namespace facepipe::detect
