// A recognition loop on FIFO queues: the order within a message group.
#include <gmock/gmock.h>

#include "stage/recognition/test_recognition_loop.h"

namespace facepipe::stage {
namespace {

using ::testing::ElementsAre;

using RecognitionLoopFifoTest = RecognitionLoopFixture;

TEST_F(RecognitionLoopFifoTest, TheFollowersOfAFailureAreNotAnswered) {
  requests.put("a1", "a", true);
  requests.put("poison", "a", true);
  requests.put("b1", "b", true);
  requests.put("a2", "a", true);
  run_once();
  EXPECT_THAT(answered(), ElementsAre("a1", "b1"));
  EXPECT_THAT(requests.visibilities, ElementsAre(std::pair("poison", Seconds(2)), std::pair("a2", Seconds(2))));
}

// Received as often as the one before it, and never tried: it is no dead letter.
TEST_F(RecognitionLoopFifoTest, OnlyTheFailureItselfGoesToTheDeadLetters) {
  queue::FakeQueue dead_letters;
  QueuePair moving(requests, answers, {.dead_letters = &dead_letters, .max_receives = 1});
  requests.put("poison", "a", true);
  requests.put("a2", "a", true);
  options.max_idle = Milliseconds(0);
  RecognitionLoop once(moving, stage, options, counters, logger);
  ASSERT_TRUE(eventually([&] { return once.ended(); }));
  ASSERT_EQ(dead_letters.stored.size(), 1U);
  EXPECT_EQ(dead_letters.stored[0].body, "poison");
  EXPECT_THAT(requests.removed, ElementsAre("poison"));
  EXPECT_THAT(requests.visibilities, ElementsAre(std::pair("a2", Seconds(2))));
  EXPECT_EQ(counters.retries, 2);
}

TEST_F(RecognitionLoopFifoTest, AnswersKeepTheOrderAndTheGroup) {
  options.fifo_answers = true;
  for (const char* body : {"1", "2", "3"}) {
    requests.put(body, "camera", true);
  }
  run_once();
  EXPECT_THAT(answered(), ElementsAre("1", "2", "3"));
  EXPECT_EQ(answers.stored[2].group_id, "camera");
  EXPECT_NE(answers.stored[0].deduplication_id, answers.stored[1].deduplication_id);
}

TEST_F(RecognitionLoopFifoTest, OnAStandardQueueAGroupIsNoOrder) {
  requests.put("poison", "a");
  requests.put("a2", "a");
  run_once();
  EXPECT_THAT(answered(), ElementsAre("a2"));
}

}  // namespace
}  // namespace facepipe::stage
