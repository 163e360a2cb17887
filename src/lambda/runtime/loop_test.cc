#include "lambda/runtime/loop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <stdexcept>
#include <thread>

#include "lambda/runtime/test_runtime_api.h"

namespace facepipe::lambda {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using testing::FakeRuntimeApi;
using ::testing::HasSubstr;
using ::testing::Not;

struct LoopTest : ::testing::Test {
  // Runs until the queued invocations are used up; the loop then ends with the API's 500.
  Status run(const Handler& handler) {
    RuntimeClientOptions client_options;
    client_options.sleep = [](milliseconds) {};
    client_options.post_timeout = std::chrono::minutes{1};
    auto client = RuntimeClient::create(api.address(), client_options);
    EXPECT_TRUE(client.has_value());
    LoopOptions options;
    options.sleep = [this](milliseconds time) { slept.push_back(time); };
    return run_loop(*client, handler, gate, logger, options);
  }
  FakeRuntimeApi api;
  InvocationGate gate;
  std::vector<milliseconds> slept;
  std::string log;
  Logger logger{LogLevel::kDebug, [this](std::string_view line) { log.append(line).append("\n"); }};
};

Result<std::string> echo(const Invocation& invocation) {
  return "echo " + invocation.payload;
}

TEST_F(LoopTest, AnswersEachInvocationUnderItsId) {
  api.add_invocation("1", "a");
  api.add_invocation("2", "b");
  EXPECT_EQ(run(echo).error().code, ErrorCode::kUnavailable);
  const auto posts = api.requests("POST");
  ASSERT_EQ(posts.size(), 2U);
  EXPECT_EQ(posts[0].target, "/2018-06-01/runtime/invocation/1/response");
  EXPECT_EQ(posts[0].body, "echo a");
  EXPECT_EQ(posts[1].target, "/2018-06-01/runtime/invocation/2/response");
  EXPECT_EQ(posts[1].body, "echo b");
}

TEST_F(LoopTest, SetsTheTraceForEachInvocationAlone) {
  api.add_invocation("1", "", "Root=1-1");
  api.add_invocation("2", "", "");
  std::vector<std::string> seen;
  EXPECT_FALSE(run([&](const Invocation&) -> Result<std::string> {
                 const char* trace = std::getenv("_X_AMZN_TRACE_ID");
                 seen.emplace_back(trace == nullptr ? "(unset)" : trace);
                 return std::string("{}");
               }).has_value());
  EXPECT_THAT(seen, ElementsAre("Root=1-1", "(unset)"));
}

TEST_F(LoopTest, AnErrorFailsItsInvocationOnly) {
  api.add_invocation("1", "bad");
  api.add_invocation("2", "good");
  EXPECT_FALSE(run([](const Invocation& invocation) -> Result<std::string> {
                 if (invocation.payload == "bad") {
                   return Error{ErrorCode::kInvalidData, "event: expected an object"};
                 }
                 return std::string("1");
               }).has_value());
  const auto posts = api.requests("POST");
  ASSERT_EQ(posts.size(), 2U);
  EXPECT_EQ(posts[0].target, "/2018-06-01/runtime/invocation/1/error");
  EXPECT_EQ(posts[0].body,
            R"({"errorMessage":"event: expected an object","errorType":"Facepipe.InvalidData","stackTrace":[]})");
  EXPECT_EQ(posts[1].target, "/2018-06-01/runtime/invocation/2/response");
}

TEST_F(LoopTest, AnExceptionFailsItsInvocationOnlyAndKeepsItsTextFromTheCaller) {
  api.add_invocation("1", "std");
  api.add_invocation("2", "int");
  api.add_invocation("3", "fine");
  EXPECT_FALSE(run([](const Invocation& invocation) -> Result<std::string> {
                 if (invocation.payload == "std") {
                   throw std::runtime_error("private detail");
                 }
                 if (invocation.payload == "int") {
                   throw 7;
                 }
                 return std::string("1");
               }).has_value());
  const auto posts = api.requests("POST");
  ASSERT_EQ(posts.size(), 3U);
  EXPECT_THAT(posts[0].target, HasSubstr("/1/error"));
  EXPECT_THAT(posts[0].body, Not(HasSubstr("private detail")));
  EXPECT_THAT(posts[1].target, HasSubstr("/2/error"));
  EXPECT_EQ(
      posts[1].body,
      R"({"errorMessage":"the handler ended with an exception","errorType":"Facepipe.Internal","stackTrace":[]})");
  EXPECT_THAT(posts[2].target, HasSubstr("/3/response"));
  EXPECT_THAT(log, HasSubstr("private detail"));
}

TEST_F(LoopTest, AResponseThatIsTooLargeFailsByName) {
  api.add_invocation("1", "");
  api.add_post_status(413);
  EXPECT_FALSE(run([](const Invocation&) -> Result<std::string> { return std::string(7'000'000, 'x'); }).has_value());
  const auto posts = api.requests("POST");
  ASSERT_EQ(posts.size(), 2U);
  EXPECT_EQ(posts[1].target, "/2018-06-01/runtime/invocation/1/error");
  EXPECT_EQ(posts[1].body, R"({"errorMessage":"the response of 7000000 bytes is past the limit of 6291456",)"
                           R"("errorType":"Facepipe.TooLarge","stackTrace":[]})");
}

TEST_F(LoopTest, ARefusedAnswerIsLoggedAndTheNextInvocationTaken) {
  api.add_invocation("1", "a");
  api.add_invocation("2", "b");
  api.add_post_status(400);
  EXPECT_FALSE(run(echo).has_value());
  EXPECT_EQ(api.requests("POST").size(), 2U);
  EXPECT_THAT(log, HasSubstr(R"("event":"answer_not_posted","requestId":"1")"));
}

TEST_F(LoopTest, AsksAgainBeforeItGivesUp) {
  const Status ended = run(echo);
  ASSERT_FALSE(ended.has_value());
  EXPECT_THAT(ended.error().message, HasSubstr("status 500"));
  EXPECT_EQ(api.requests("GET").size(), 4U);
  EXPECT_THAT(slept, ElementsAre(milliseconds{50}, milliseconds{100}, milliseconds{200}));
}

TEST_F(LoopTest, AClosedGateEndsTheLoopBeforeTheNextInvocation) {
  api.add_invocation("1", "a");
  EXPECT_TRUE(gate.close(milliseconds{0}));
  EXPECT_TRUE(run(echo).has_value());
  EXPECT_TRUE(api.requests("POST").empty());
}

TEST(InvocationGate, CloseWaitsForTheInvocationUnderWay) {
  InvocationGate gate;
  ASSERT_TRUE(gate.enter());
  EXPECT_FALSE(gate.close(milliseconds{1}));
  std::thread leaver([&gate] { gate.leave(); });
  EXPECT_TRUE(gate.close(std::chrono::minutes{1}));
  leaver.join();
  EXPECT_FALSE(gate.enter());
}

}  // namespace
}  // namespace facepipe::lambda
