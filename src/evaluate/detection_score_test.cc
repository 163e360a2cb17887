#include "evaluate/detection_score.h"

#include <gtest/gtest.h>

namespace facepipe::evaluate {
namespace {

image::Box square(float left, float side) {
  return {left, 0, left + side, side};
}

TEST(DetectionScore, Overlap) {
  EXPECT_DOUBLE_EQ(overlap({0, 0, 2, 2}, {1, 0, 3, 2}), 2.0 / 6);
  EXPECT_DOUBLE_EQ(overlap({0, 0, 2, 2}, {0, 0, 2, 2}), 1);
  EXPECT_DOUBLE_EQ(overlap({0, 0, 2, 2}, {2, 0, 4, 2}), 0);
  EXPECT_DOUBLE_EQ(overlap({0, 0, 0, 0}, {0, 0, 0, 0}), 0);
}

// Five found boxes against three faces, by hand: right, wrong, right, wrong (a second one on the first face), wrong.
// Precision 1, 1/2, 2/3, 2/4, 2/5 at recall 1/3, 1/3, 2/3, 2/3, 2/3: area 1/3 * 1 + 1/3 * 2/3.
TEST(DetectionScore, AveragePrecisionByHand) {
  std::vector<Scene> scenes(2);
  scenes[0].truth = {{square(0, 10), false}, {square(100, 10), false}};
  scenes[0].found = {{square(1, 10), 0.9F}, {square(50, 10), 0.8F}, {square(0, 9), 0.6F}};
  scenes[1].truth = {{square(0, 20), false}};
  scenes[1].found = {{square(0, 20), 0.7F}, {square(60, 5), 0.5F}};
  const DetectionScore score = score_detections(scenes, 0.5);
  EXPECT_EQ(score.boxes, 3U);
  EXPECT_EQ(score.right, 2U);
  EXPECT_EQ(score.wrong, 3U);
  EXPECT_DOUBLE_EQ(score.recall(), 2.0 / 3);
  EXPECT_DOUBLE_EQ(score.precision(), 0.4);
  EXPECT_DOUBLE_EQ(score.average_precision, 1.0 / 3 + 2.0 / 9);
  ASSERT_EQ(score.curve.size(), 5U);
  EXPECT_DOUBLE_EQ(score.curve[1].precision, 0.5);
  EXPECT_DOUBLE_EQ(score.curve[2].recall, 2.0 / 3);
  ASSERT_EQ(score.missed.size(), 1U);
  EXPECT_EQ(score.missed[0].box, square(100, 10));
  ASSERT_EQ(score.false_alarms.size(), 3U);
  EXPECT_FLOAT_EQ(score.false_alarms[0].confidence, 0.8F);
  EXPECT_EQ(score.false_alarms[2].scene, 1U);
}

TEST(DetectionScore, TheMostOverlappingFreeBoxTakes) {
  std::vector<Scene> scenes(1);
  scenes[0].truth = {{square(0, 10), false}, {square(2, 10), false}};
  scenes[0].found = {{square(1.5F, 10), 0.9F}, {square(2, 10), 0.8F}};  // the second box is the first one's
  const DetectionScore score = score_detections(scenes, 0.5);
  EXPECT_EQ(score.right, 2U);  // the other overlaps the first box by 8/12
  EXPECT_EQ(score_detections(scenes, 0.7).right, 1U);
}

TEST(DetectionScore, IgnoredBoxesCountNeitherWay) {
  std::vector<Scene> scenes(1);
  scenes[0].truth = {{square(0, 10), true}, {square(100, 10), false}};
  scenes[0].found = {{square(0, 10), 0.9F}, {square(100, 10), 0.8F}, {square(1, 10), 0.7F}};
  const DetectionScore score = score_detections(scenes, 0.5);
  EXPECT_EQ(score.boxes, 1U);
  EXPECT_EQ(score.ignored, 1U);
  EXPECT_EQ(score.right, 1U);
  EXPECT_EQ(score.wrong, 0U);
  EXPECT_DOUBLE_EQ(score.average_precision, 1);
  EXPECT_EQ(score.curve.size(), 1U);
}

TEST(DetectionScore, NothingThereAndNothingFound) {
  const DetectionScore nothing = score_detections({}, 0.5);
  EXPECT_DOUBLE_EQ(nothing.recall(), 0);
  EXPECT_DOUBLE_EQ(nothing.precision(), 0);
  EXPECT_DOUBLE_EQ(nothing.average_precision, 0);
}

}  // namespace
}  // namespace facepipe::evaluate
