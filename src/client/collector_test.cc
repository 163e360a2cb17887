#include "client/collector.h"

#include <gtest/gtest.h>

namespace facepipe::client {
namespace {

const Collector::TimePoint kStart{};
Collector::TimePoint after(int milliseconds) {
  return kStart + std::chrono::milliseconds(milliseconds);
}

Collector three_frames() {
  std::vector<FrameReport> frames(3);
  for (std::size_t i = 0; i < frames.size(); ++i) {
    frames[i].request_id = "r" + std::to_string(i);
  }
  return Collector(std::move(frames));
}

wire::Answer answer(const std::string& request_id, const std::string& result, int index = 0, int count = 1) {
  wire::Answer made;
  made.request_id = request_id;
  made.result = result;
  made.face_index = index;
  made.face_count = count;
  return made;
}

TEST(Collector, AFrameIsSettledByItsLastFace) {
  Collector collector = three_frames();
  collector.started(0, after(10));
  EXPECT_TRUE(collector.answered(answer("r0", "b", 1, 2), after(20)));
  EXPECT_EQ(collector.settled(), 0U);
  EXPECT_TRUE(collector.answered(answer("r0", "b again", 1, 2), after(21)));  // a duplicate changes nothing
  EXPECT_EQ(collector.settled(), 0U);
  EXPECT_TRUE(collector.answered(answer("r0", "a", 0, 2), after(30)));
  EXPECT_EQ(collector.settled(), 1U);
  const FrameReport report = collector.reports()[0];
  EXPECT_EQ(report.status, FrameStatus::kAnswered);
  ASSERT_EQ(report.faces.size(), 2U);
  EXPECT_EQ(report.faces[0].name, "a");
  EXPECT_EQ(report.faces[1].name, "b");
  EXPECT_DOUBLE_EQ(report.milliseconds, 20);
}

TEST(Collector, NoFaceSettlesByResponseOrByMessage) {
  Collector collector = three_frames();
  collector.accepted(0, true, after(1));
  EXPECT_EQ(collector.settled(), 1U);
  EXPECT_EQ(collector.awaiting_no_face_message(), 1U);
  EXPECT_TRUE(collector.answered(answer("r0", "No-Face", 0, 0), after(2)));
  EXPECT_EQ(collector.awaiting_no_face_message(), 0U);
  EXPECT_TRUE(collector.answered(answer("r1", "No-Face", 0, 0), after(2)));  // the message came first
  EXPECT_EQ(collector.settled(), 2U);
  EXPECT_TRUE(collector.reports()[1].faces.empty());
}

TEST(Collector, OtherClientsAnswersAreNotOurs) {
  Collector collector = three_frames();
  EXPECT_FALSE(collector.answered(answer("other", "x"), after(1)));
}

TEST(Collector, AnAnswerCanOvertakeTheResponseAndARefusalIsFinal) {
  Collector collector = three_frames();
  EXPECT_TRUE(collector.answered(answer("r0", "a"), after(1)));
  collector.accepted(0, false, after(2));
  collector.refused(1, "why", after(3));
  EXPECT_TRUE(collector.answered(answer("r1", "late"), after(4)));
  EXPECT_EQ(collector.reports()[1].error, "why");
  EXPECT_EQ(collector.reports()[1].status, FrameStatus::kRefused);
  EXPECT_FALSE(collector.complete());
  EXPECT_EQ(collector.reports()[2].status, FrameStatus::kNoAnswer);
}

}  // namespace
}  // namespace facepipe::client
