#include "serve/door/sessions.h"

#include <gtest/gtest.h>

namespace facepipe::serve {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

TEST(Sessions, AreOfTheirTokenUntilClosed) {
  Sessions sessions;
  const Sessions::Clock::time_point now{};
  const std::string id = sessions.open("digest", now);
  EXPECT_EQ(sessions.token_digest(id, now), "digest");
  EXPECT_FALSE(sessions.token_digest("other", now));
  EXPECT_FALSE(sessions.token_digest("", now));
  sessions.close("other");
  EXPECT_EQ(sessions.token_digest(id, now), "digest");
  sessions.close(id);
  EXPECT_FALSE(sessions.token_digest(id, now));
}

TEST(Sessions, EndUnusedOrOld) {
  Sessions sessions;
  Sessions::Clock::time_point now{};
  const std::string unused = sessions.open("a", now);
  const std::string used = sessions.open("b", now);
  for (int i = 0; i < 7; ++i) {
    now += hours(24);
    EXPECT_TRUE(sessions.token_digest(used, now)) << i;
  }
  EXPECT_FALSE(sessions.token_digest(unused, now));
  EXPECT_FALSE(sessions.token_digest(used, now + seconds(1)));
  EXPECT_EQ(sessions.size(), 0U);
}

TEST(Sessions, AreBoundedAndTheOneUnusedLongestMakesRoom) {
  Sessions sessions;
  Sessions::Clock::time_point now{};
  const std::string first = sessions.open("first", now);
  const std::string second = sessions.open("second", now + seconds(1));
  for (std::size_t i = 2; i < Sessions::kMaxSessions; ++i) {
    (void)sessions.open("more", now + seconds(2));
  }
  EXPECT_TRUE(sessions.token_digest(first, now + seconds(3)));
  (void)sessions.open("one more", now + seconds(4));
  EXPECT_EQ(sessions.size(), Sessions::kMaxSessions);
  EXPECT_TRUE(sessions.token_digest(first, now + seconds(5)));
  EXPECT_FALSE(sessions.token_digest(second, now + seconds(5)));
}

TEST(Cookie, IsFoundAmongOthers) {
  EXPECT_EQ(cookie("session=1", "session"), "1");
  EXPECT_EQ(cookie("a=2; session=1; b=3", "session"), "1");
  EXPECT_EQ(cookie("my_session=2; sessions=3; session=", "session"), "");
  EXPECT_EQ(cookie("", "session"), "");
  EXPECT_EQ(cookie("session", "session"), "");
}

}  // namespace
}  // namespace facepipe::serve
