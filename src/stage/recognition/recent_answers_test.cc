#include "stage/recognition/recent_answers.h"

#include <gtest/gtest.h>

namespace facepipe::stage {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

queue::ReceivedMessage message(const std::string& id, const std::string& body, int sent_at_s = 0) {
  queue::ReceivedMessage made;
  made.message_id = id;
  made.body = body;
  made.sent_at = Clock::TimePoint{seconds{sent_at_s}};
  return made;
}

TEST(RecentAnswers, TheSameMessageIsADuplicateWheneverItComes) {
  RecentAnswers recent({});
  EXPECT_FALSE(recent.is_duplicate(message("1", "a")));
  recent.add(message("1", "a"));
  EXPECT_TRUE(recent.is_duplicate(message("1", "a")));
  EXPECT_TRUE(recent.is_duplicate(message("1", "a", 9'999)));
  EXPECT_FALSE(recent.is_duplicate(message("1", "another face under its id")));
}

TEST(RecentAnswers, ASecondSendingIsADuplicateWithinTheWindow) {
  RecentAnswers recent({.capacity = 10, .window = seconds{60}});
  recent.add(message("1", "a", 1'000));
  EXPECT_TRUE(recent.is_duplicate(message("2", "a", 1'059)));
  EXPECT_TRUE(recent.is_duplicate(message("2", "a", 941)));
  EXPECT_FALSE(recent.is_duplicate(message("2", "a", 1'060)));
  EXPECT_FALSE(recent.is_duplicate(message("2", "a", 940)));
}

TEST(RecentAnswers, WithoutAWindowOnlyTheMessageItself) {
  RecentAnswers recent({.capacity = 10, .window = seconds{0}});
  recent.add(message("1", "a", 5));
  EXPECT_TRUE(recent.is_duplicate(message("1", "a", 5)));
  EXPECT_FALSE(recent.is_duplicate(message("2", "a", 5)));
}

// A camera that always sends the same picture under one id: each was answered, and none of them is answered twice.
TEST(RecentAnswers, EachOfSeveralWithTheSameContentIsRemembered) {
  RecentAnswers recent({.capacity = 2, .window = seconds{60}});
  recent.add(message("1", "a", 1'000));
  recent.add(message("2", "a", 2'000));
  EXPECT_TRUE(recent.is_duplicate(message("1", "a", 1'000))) << "delivered again";
  EXPECT_TRUE(recent.is_duplicate(message("2", "a", 2'000)));
  EXPECT_TRUE(recent.is_duplicate(message("3", "a", 1'059)));
  EXPECT_FALSE(recent.is_duplicate(message("3", "a", 1'500)));
  recent.add(message("4", "b", 2'000));
  EXPECT_FALSE(recent.is_duplicate(message("1", "a", 1'000)));
  EXPECT_TRUE(recent.is_duplicate(message("2", "a", 2'000))) << "one of the last two that were answered";
}

TEST(RecentAnswers, ForgetsTheOldestPastItsCapacity) {
  RecentAnswers recent({.capacity = 2, .window = seconds{60}});
  for (const char* body : {"a", "b", "b", "c"}) {
    recent.add(message(body, body));
  }
  EXPECT_EQ(recent.size(), 2U);
  EXPECT_FALSE(recent.is_duplicate(message("a", "a")));
  EXPECT_TRUE(recent.is_duplicate(message("b", "b")));
  EXPECT_TRUE(recent.is_duplicate(message("c", "c")));
  RecentAnswers none({.capacity = 0, .window = seconds{60}});
  none.add(message("a", "a"));
  EXPECT_FALSE(none.is_duplicate(message("a", "a")));
  EXPECT_EQ(none.size(), 0U);
}

}  // namespace
}  // namespace facepipe::stage
