// Long polls, most of them through the API.
#include "serve/sqs/receive_waiters.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "serve/sqs/test_sqs_api.h"

namespace facepipe::serve {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using SteadyClock = std::chrono::steady_clock;

constexpr auto kSoon = 10s;  // much less than a poll of 20 s, and enough for a slow machine

class LongPoll : public SqsFixture {
 protected:
  std::future<http::Response> poll(const std::string& queue, int seconds, const std::string& more = "") {
    return start(json_request("ReceiveMessage", R"({"QueueUrl":")" + url(queue) + R"(","WaitTimeSeconds":)" +
                                                    std::to_string(seconds) + more + "}"));
  }
  static bool waits(const std::future<http::Response>& answer) {
    return answer.wait_for(150ms) == std::future_status::timeout;
  }
};

TEST_F(LongPoll, SendWakesIt) {
  create("q");
  auto answer = poll("q", 20);
  ASSERT_TRUE(waits(answer));
  const auto start = SteadyClock::now();
  send("q", "hello");
  EXPECT_THAT(wait(std::move(answer)).body, HasSubstr(R"("Body":"hello")"));
  EXPECT_LT(SteadyClock::now() - start, kSoon);
}

TEST_F(LongPoll, EndsEmptyAtItsTime) {
  create("q");
  const auto start = SteadyClock::now();
  EXPECT_EQ(wait(poll("q", 1)).body, "{}");
  EXPECT_GE(SteadyClock::now() - start, 1s);
  EXPECT_LT(SteadyClock::now() - start, kSoon);
}

TEST_F(LongPoll, ShortPollBehindALongOneEndsAtItsOwnTime) {
  create("q");
  auto long_one = poll("q", 20);
  const auto start = SteadyClock::now();
  EXPECT_EQ(wait(poll("q", 1)).body, "{}");
  EXPECT_LT(SteadyClock::now() - start, kSoon);
  EXPECT_TRUE(waits(long_one));
}

TEST_F(LongPoll, QueuesOwnWaitIsTheDefault) {
  create("q", R"({"ReceiveMessageWaitTimeSeconds":"20"})");
  auto answer = start(json_request("ReceiveMessage", R"({"QueueUrl":")" + url("q") + "\"}"));
  ASSERT_TRUE(waits(answer));
  send("q", "m");
  EXPECT_THAT(wait(std::move(answer)).body, HasSubstr("Messages"));
  EXPECT_TRUE(receive("q", R"(,"WaitTimeSeconds":0)").empty()) << "0 is not the default";
}

TEST_F(LongPoll, WakesWhenAMessageBecomesVisible) {
  create("q");
  send("q", "m");
  ASSERT_EQ(receive("q", R"(,"VisibilityTimeout":1)").size(), 1U);
  const auto start = SteadyClock::now();
  EXPECT_THAT(wait(poll("q", 20)).body, HasSubstr("Messages"));
  EXPECT_LT(SteadyClock::now() - start, kSoon);
}

// In the line itself, where it is certain who came first.
TEST_F(LongPoll, OneMessageWakesOneAndTheFirstInLine) {
  create("q");
  boost::asio::thread_pool pool(2);
  sqs::ReceiveWaiters line(*store_, pool);
  const auto wait_for_one = [&] {
    const auto told = std::make_shared<std::promise<std::string>>();
    line.add("q", {}, SteadyClock::now() + 10min, [told](const sqs::ReceiveWaiters::Messages& messages) {
      told->set_value(messages && messages->size() == 1 ? messages->front().body : "no message");
    });
    return told->get_future();
  };
  auto first = wait_for_one();
  auto second = wait_for_one();
  send("q", "one");
  EXPECT_EQ(first.get(), "one");
  EXPECT_EQ(second.wait_for(150ms), std::future_status::timeout);
  send("q", "two");
  EXPECT_EQ(second.get(), "two");
  line.close();
  pool.join();
}

TEST_F(LongPoll, DeletedMessageFreesAFifoGroup) {
  create("q.fifo", R"({"FifoQueue":"true","ContentBasedDeduplication":"true"})");
  send("q.fifo", "1", R"(,"MessageGroupId":"g")");
  send("q.fifo", "2", R"(,"MessageGroupId":"g")");
  const auto first = receive("q.fifo");
  ASSERT_EQ(first.size(), 1U);
  auto answer = poll("q.fifo", 20);
  ASSERT_TRUE(waits(answer));
  ok("DeleteMessage",
     R"({"QueueUrl":")" + url("q.fifo") + R"(","ReceiptHandle":")" + text(first[0], "ReceiptHandle") + "\"}");
  EXPECT_THAT(wait(std::move(answer)).body, HasSubstr(R"("Body":"2")"));
}

TEST_F(LongPoll, DeletedQueueEndsIt) {
  create("q");
  auto answer = poll("q", 20);
  ASSERT_TRUE(waits(answer));
  ok("DeleteQueue", R"({"QueueUrl":")" + url("q") + "\"}");
  EXPECT_THAT(wait(std::move(answer)).body, HasSubstr("QueueDoesNotExist"));
}

TEST_F(LongPoll, ManyPollsNeedNoThreadEach) {
  create("q");
  std::vector<std::future<http::Response>> answers;
  for (int i = 0; i < 200; ++i) {
    answers.push_back(poll("q", 20));
  }
  ASSERT_TRUE(waits(answers.back()));
  send("q", "m");  // other requests are answered meanwhile
  const auto answered = [&] {
    return std::ranges::count_if(answers, [](auto& one) { return one.wait_for(0ms) == std::future_status::ready; });
  };
  const auto end = std::chrono::steady_clock::now() + 15s;  // before the polls end by themselves
  while (answered() == 0 && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(5ms);
  }
  std::this_thread::sleep_for(150ms);  // time for a second answer to come, which must not
  EXPECT_EQ(answered(), 1);
  api_.reset();
  for (auto& answer : answers) {
    if (answer.valid()) {
      EXPECT_EQ(wait(std::move(answer)).status, 200) << "the end of the server answers those who wait";
    }
  }
}

TEST_F(LongPoll, DestructionWaitsForNoTime) {
  create("q");
  auto answer = poll("q", 20);
  ASSERT_TRUE(waits(answer));
  const auto start = SteadyClock::now();
  api_.reset();
  EXPECT_LT(SteadyClock::now() - start, kSoon);
  EXPECT_EQ(wait(std::move(answer)).body, "{}");
}

}  // namespace
}  // namespace facepipe::serve
