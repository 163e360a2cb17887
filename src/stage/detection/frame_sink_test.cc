#include "stage/detection/frame_sink.h"

#include <gtest/gtest.h>

#include "queue/test_queue.h"
#include "wire/messages.h"

namespace facepipe::stage {
namespace {

DetectedFrame frame(std::vector<std::string> faces) {
  FrameInfo info;
  info.request_id = "r1";
  info.camera = "door";
  info.trace_header = "Root=1-2-3";
  return {std::move(info), "key", std::move(faces)};
}

TEST(FrameSinks, TheOriginalsTellsNobodyOfAFrameWithoutAFace) {
  queue::FakeQueue requests;
  QueueSink sink(requests);
  EXPECT_FALSE(sink.knows_frames());
  EXPECT_EQ(sink.store(frame({})).value().faces, 0);
  EXPECT_TRUE(requests.stored.empty());
  EXPECT_EQ(sink.store(frame({"a", "b"})).value().faces, 2);
  ASSERT_EQ(requests.stored.size(), 2U);
  EXPECT_EQ(requests.stored[1].body, "b");
  EXPECT_EQ(requests.stored[1].group_id, "door");
  EXPECT_EQ(requests.stored[1].trace_header, "Root=1-2-3");
  EXPECT_EQ(requests.stored[1].deduplication_id, "");
}

TEST(FrameSinks, TheAnsweringOneTellsTheAnswerQueue) {
  queue::FakeQueue requests;
  queue::FakeQueue answers;
  AnsweringQueueSink sink(requests, false, answers, true);
  EXPECT_EQ(sink.store(frame({})).value().faces, 0);
  ASSERT_EQ(answers.stored.size(), 1U);
  EXPECT_EQ(wire::parse_answer(answers.stored[0].body)->result, "No-Face");
  EXPECT_EQ(answers.stored[0].group_id, "door");
  EXPECT_NE(answers.stored[0].deduplication_id, "");
  EXPECT_TRUE(sink.knows_frames()) << "another picture under the same id is another answer";
  DetectedFrame other = frame({});
  other.key = "another picture's";
  EXPECT_EQ(sink.store(std::move(other)).value().faces, 0);
  EXPECT_NE(answers.stored[0].deduplication_id, answers.stored[1].deduplication_id);
  EXPECT_EQ(sink.store(frame({"a"})).value().faces, 1);
  EXPECT_EQ(answers.stored.size(), 2U);
  EXPECT_EQ(requests.stored.size(), 1U);
}

TEST(FrameSinks, OfAFifoQueueFramesAreKnownByTheirKey) {
  queue::FakeQueue requests;
  QueueSink sink(requests, true);
  EXPECT_TRUE(sink.knows_frames());
  EXPECT_EQ(sink.find("key").value(), std::nullopt) << "the queue itself drops what comes twice";
  EXPECT_TRUE(sink.store(frame({"a", "b"})));
  EXPECT_TRUE(sink.store(frame({"a"})));
  ASSERT_EQ(requests.stored.size(), 3U);
  EXPECT_EQ(requests.stored[0].deduplication_id, requests.stored[2].deduplication_id);
  EXPECT_NE(requests.stored[0].deduplication_id, requests.stored[1].deduplication_id);
}

}  // namespace
}  // namespace facepipe::stage
