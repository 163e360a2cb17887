// The port over the embedded store. Semantics that it shares with a remote queue are in tests/conformance.
#include <gmock/gmock.h>

#include <thread>

#include "queue/message_queue.h"
#include "queue/store/test_store.h"

namespace facepipe::queue {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;
using SteadyClock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// Much less than a wait of 20 s, and enough for a slow machine.
constexpr std::chrono::seconds kSoon{10};

class StoreQueueTest : public ::testing::Test {
 protected:
  StoreQueueTest() {
    auto opened = QueueStore::open(folder_.path() / "queues.db", {});
    EXPECT_TRUE(opened);
    store_ = *std::move(opened);
    EXPECT_TRUE(store_->create_queue("q", {}));
    queue_ = store_->queue("q");
  }

  static ReceiveOptions waiting(int seconds) {
    ReceiveOptions options;
    options.wait = std::chrono::seconds(seconds);
    return options;
  }
  static OutgoingMessage message(std::string body) {
    OutgoingMessage message;
    message.body = std::move(body);
    return message;
  }

  TemporaryFolder folder_;
  std::unique_ptr<QueueStore> store_;
  std::unique_ptr<MessageQueue> queue_;
};

TEST_F(StoreQueueTest, WithoutAWaitAnEmptyQueueAnswersAtOnce) {
  const auto start = SteadyClock::now();
  const auto received = queue_->receive({});
  ASSERT_TRUE(received);
  EXPECT_THAT(*received, IsEmpty());
  EXPECT_LT(SteadyClock::now() - start, kSoon);
}

TEST_F(StoreQueueTest, WaitEndsEmpty) {
  const auto start = SteadyClock::now();
  const auto received = queue_->receive(waiting(1));
  ASSERT_TRUE(received);
  EXPECT_THAT(*received, IsEmpty());
  EXPECT_GE(SteadyClock::now() - start, milliseconds(1'000));
  EXPECT_LT(SteadyClock::now() - start, kSoon);
}

TEST_F(StoreQueueTest, SendWakesAWaiter) {
  const auto start = SteadyClock::now();
  std::thread sender([&] {
    std::this_thread::sleep_for(milliseconds(100));
    EXPECT_TRUE(queue_->send(message("m")));
  });
  const auto received = queue_->receive(waiting(20));
  sender.join();
  ASSERT_TRUE(received);
  EXPECT_THAT(*received, SizeIs(1));
  EXPECT_LT(SteadyClock::now() - start, kSoon);
}

TEST_F(StoreQueueTest, WaiterWakesWhenAHiddenMessageComesBack) {
  ASSERT_TRUE(queue_->send(message("m")));
  ReceiveOptions options = waiting(0);
  options.visibility_timeout = std::chrono::seconds(1);
  ASSERT_THAT(*queue_->receive(options), SizeIs(1));
  const auto start = SteadyClock::now();
  const auto received = queue_->receive(waiting(20));
  ASSERT_TRUE(received);
  ASSERT_THAT(*received, SizeIs(1));
  EXPECT_EQ(received->front().receive_count, 2);
  EXPECT_LT(SteadyClock::now() - start, kSoon);
}

TEST_F(StoreQueueTest, EveryMessageGoesToOneOfManyWaiters) {
  constexpr int kWaiters = 4;
  constexpr int kSent = 40;
  std::atomic<int> got = 0;
  std::vector<std::thread> waiters;
  for (int i = 0; i < kWaiters; ++i) {
    waiters.emplace_back([&] {
      while (got < kSent) {
        const auto received = queue_->receive(waiting(1));
        ASSERT_TRUE(received);
        got += static_cast<int>(received->size());
        for (const ReceivedMessage& message : *received) {
          EXPECT_EQ(message.receive_count, 1);
          EXPECT_TRUE(queue_->remove(message.receipt_handle));
        }
      }
    });
  }
  for (int i = 0; i < kSent; ++i) {
    ASSERT_TRUE(queue_->send(message(std::to_string(i))));
  }
  for (std::thread& waiter : waiters) {
    waiter.join();
  }
  EXPECT_EQ(got, kSent);
}

TEST_F(StoreQueueTest, DeletedQueueEndsAWait) {
  std::thread deleter([&] {
    std::this_thread::sleep_for(milliseconds(100));
    EXPECT_TRUE(store_->delete_queue("q"));
  });
  const auto received = queue_->receive(waiting(20));
  deleter.join();
  EXPECT_EQ(kind(received), QueueErrorKind::kQueueDoesNotExist);
}

}  // namespace
}  // namespace facepipe::queue
