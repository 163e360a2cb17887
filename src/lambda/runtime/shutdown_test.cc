#include "lambda/runtime/shutdown.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/types.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>

#include "base/stop_signals.h"
#include "lambda/runtime/test_runtime_api.h"

namespace facepipe::lambda {
namespace {

using ::testing::Contains;
using testing::FakeRuntimeApi;
using ::testing::Pair;

constexpr std::chrono::minutes kPatience{1};

TEST(ShutdownExtension, RegistersForNoEventsAndThenWaits) {
  FakeRuntimeApi api;
  const auto extension = ShutdownExtension::start(api.address(), null_logger());
  EXPECT_TRUE(extension.wait_registered(kPatience));
  ASSERT_TRUE(api.wait_for("/2020-01-01/extension/event/next"));
  const auto posts = api.requests("POST");
  ASSERT_EQ(posts.size(), 1U);
  EXPECT_EQ(posts[0].target, "/2020-01-01/extension/register");
  EXPECT_EQ(posts[0].body, R"({"events":[]})");
  EXPECT_THAT(posts[0].headers, Contains(Pair("lambda-extension-name", "facepipe")));
  const auto gets = api.requests("GET");
  ASSERT_EQ(gets.size(), 1U);
  EXPECT_THAT(gets[0].headers, Contains(Pair("lambda-extension-identifier", "ext-1")));
}

TEST(ShutdownExtension, GoesOnWithoutWhereThereIsNone) {
  FakeRuntimeApi api;
  api.set_register_response(http::make_response(404, "text/plain", "no such path"));
  EXPECT_FALSE(ShutdownExtension::start(api.address(), null_logger()).wait_registered(kPatience));
  EXPECT_FALSE(ShutdownExtension::start("no port", null_logger()).wait_registered(kPatience));
}

// In a process of its own, forked before any thread: the signal ends the process unless it is taken.
TEST(StopSignalDeathTest, IsTakenByItsOwnThread) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        block_stop_signals();
        on_stop_signal([](int signal) { std::_Exit(signal == SIGTERM ? 42 : 1); });
        kill(getpid(), SIGTERM);
        sleep(60);
      },
      ::testing::ExitedWithCode(42), "");
}

}  // namespace
}  // namespace facepipe::lambda
