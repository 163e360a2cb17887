#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <string>
#include <thread>
#include <vector>

#include "aws/credentials/default_credentials.h"

namespace facepipe::aws {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

// A source whose every fetch gives a key of its own, "1", "2", ..., good for `life`.
struct Source {
  ManualClock clock{Clock::TimePoint(seconds(1'000'000))};
  std::optional<std::chrono::milliseconds> life = minutes(60);
  std::optional<Error> failure;
  int fetches = 0;
  CachedCredentials cached{[this]() -> Result<Credentials> {
                             ++fetches;
                             if (failure) {
                               return *failure;
                             }
                             Credentials made{std::to_string(fetches), "secret", "token", {}};
                             if (life) {
                               made.expires_at = clock.now() + *life;
                             }
                             return made;
                           },
                           clock};

  std::string key() {
    const auto credentials = cached.get();
    return credentials ? credentials->access_key_id : "error: " + credentials.error().message;
  }
};

TEST(CachedCredentials, AreFetchedAnewFiveMinutesBeforeTheyExpire) {
  Source source;
  EXPECT_EQ(source.key(), "1");
  source.clock.advance(minutes(55) - std::chrono::milliseconds(1));
  EXPECT_EQ(source.key(), "1");
  source.clock.advance(std::chrono::milliseconds(1));
  EXPECT_EQ(source.key(), "2");
  EXPECT_EQ(source.key(), "2");
  EXPECT_EQ(source.fetches, 2);
}

TEST(CachedCredentials, ShortOnesFromHalfOfTheirLife) {
  Source source;
  source.life = minutes(4);
  EXPECT_EQ(source.key(), "1");
  source.clock.advance(minutes(2) - std::chrono::milliseconds(1));
  EXPECT_EQ(source.key(), "1");
  source.clock.advance(std::chrono::milliseconds(1));
  EXPECT_EQ(source.key(), "2");
}

TEST(CachedCredentials, WithoutExpiryAreKeptForGood) {
  Source source;
  source.life.reset();
  EXPECT_EQ(source.key(), "1");
  source.clock.advance(std::chrono::hours(100'000));
  EXPECT_EQ(source.key(), "1");
}

TEST(CachedCredentials, AFailedFetchIsHiddenWhileTheOldOnesAreGood) {
  Source source;
  EXPECT_EQ(source.key(), "1");
  source.failure = Error{ErrorCode::kUnavailable, "away"};
  source.clock.advance(minutes(56));
  EXPECT_EQ(source.key(), "1");
  EXPECT_EQ(source.key(), "1");
  EXPECT_EQ(source.fetches, 2) << "and not tried again at once";
  source.clock.advance(seconds(10));
  EXPECT_EQ(source.key(), "1");
  EXPECT_EQ(source.fetches, 3);
  source.clock.advance(minutes(4));
  EXPECT_EQ(source.key(), "error: away") << "they have expired";
  source.failure.reset();
  EXPECT_EQ(source.key(), "5");
}

TEST(CachedCredentials, WhatHasExpiredAlreadyIsRefused) {
  Source source;
  source.life = seconds(0);
  EXPECT_EQ(source.key(),
            "error: expected credentials that are still good at 1970-01-12T13:46:40Z, got some that expired at "
            "1970-01-12T13:46:40Z");
  source.life = minutes(60);
  EXPECT_EQ(source.key(), "2");
}

TEST(CachedCredentials, OneThreadFetchesTheOthersGoOnWithTheOldOnes) {
  ManualClock clock{Clock::TimePoint(seconds(1'000'000))};
  std::mutex mutex;
  std::condition_variable changed;
  bool fetching = false;
  bool released = false;
  std::atomic<int> fetches{0};
  CachedCredentials cached(
      [&]() -> Result<Credentials> {
        const int number = ++fetches;
        if (number == 2) {
          std::unique_lock lock(mutex);
          fetching = true;
          changed.notify_all();
          changed.wait_for(lock, seconds(20), [&] { return released; });
        }
        return Credentials{std::to_string(number), "secret", "token", clock.now() + minutes(60)};
      },
      clock);
  ASSERT_EQ(cached.get()->access_key_id, "1");
  clock.advance(minutes(56));
  std::thread slow([&] { EXPECT_EQ(cached.get()->access_key_id, "2"); });
  {
    std::unique_lock lock(mutex);
    ASSERT_TRUE(changed.wait_for(lock, seconds(20), [&] { return fetching; }));
  }
  EXPECT_EQ(cached.get()->access_key_id, "1");
  {
    const std::lock_guard lock(mutex);
    released = true;
  }
  changed.notify_all();
  slow.join();
  EXPECT_EQ(cached.get()->access_key_id, "2");
  EXPECT_EQ(fetches, 2);
}

TEST(CachedCredentials, ManyThreadsFetchOnce) {
  ManualClock clock{Clock::TimePoint(seconds(1'000'000))};
  std::atomic<int> fetches{0};
  CachedCredentials cached(
      [&]() -> Result<Credentials> {
        ++fetches;
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        return Credentials{"key", "secret", "token", clock.now() + minutes(60)};
      },
      clock);
  std::vector<std::thread> threads;
  threads.reserve(8);
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] { EXPECT_EQ(cached.get()->access_key_id, "key"); });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(fetches, 1);
}

}  // namespace
}  // namespace facepipe::aws
