// What every MessageQueue must do, whatever is behind it. A test program includes this file, gives a maker of backends
// to MessageQueueSuite with INSTANTIATE_TEST_SUITE_P, and links GoogleTest's main:
//
//   INSTANTIATE_TEST_SUITE_P(Embedded, MessageQueueSuite, ::testing::Values(BackendMaker(make_embedded)));
//
// Real time passes here: a remote queue takes no clock from us. Visibility timeouts are whole seconds, so a test that
// waits for one takes a second or two. Waits are deadlines for something to happen, never measurements of how fast:
// that a message is hidden for a second is told by when it comes back, not by a look that may come after the second.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "queue/message_queue.h"
#include "queue/queue_error.h"
#include "queue/store/queue_store.h"

namespace facepipe::conformance {

using queue::MessageQueue;
using queue::OutgoingMessage;
using queue::QueueErrorKind;
using queue::ReceivedMessage;
using queue::ReceiveOptions;

// In what a server is known to differ from Amazon SQS. Where it does, the suite checks that it does just so: a server
// that comes to do as Amazon's fails its test until the difference is struck off.
enum class Difference {
  kMessageFaultsAreInvalidAttributeValue,  // of a body too long or with characters that are not allowed
  kRemovesOnce,                            // removing a message a second time is an error
  kShortSequenceNumbers,                   // they grow, but are not filled up to 20 digits
  kNoSequenceNumbers,                      // of a FIFO message that is sent
  kTakesAnyBody,                           // empty ones and characters that are not allowed
  kDuplicateHasItsOwnId,                   // a duplicate is dropped, but its sender gets a new message id
  // A standard queue may hand a message to two who receive at the same moment, which Amazon allows itself, too. The one
  // entry that is no certainty: the suite then asks for every message at least once.
  kMayDeliverTwice,
};

// A queue service with no queues in it. Lives as long as one test.
class QueueBackend {
 public:
  virtual ~QueueBackend() = default;
  // A new queue and its port. A dead-letter queue must have been created before. The backend outlives the port.
  virtual std::unique_ptr<MessageQueue> create(const std::string& name, const queue::QueueAttributes& attributes) = 0;
  [[nodiscard]] virtual std::set<Difference> differences() const { return {}; }
};
using BackendMaker = std::function<std::unique_ptr<QueueBackend>()>;

class MessageQueueSuite : public ::testing::TestWithParam<BackendMaker> {
 protected:
  using Seconds = std::chrono::seconds;
  using SteadyClock = std::chrono::steady_clock;
  static constexpr Seconds kPatience{30};
  static constexpr std::chrono::milliseconds kAboutASecond{900};  // by another's clock
  static constexpr std::size_t kSequenceDigits = 20;

  void SetUp() override { backend_ = GetParam()(); }

  std::unique_ptr<MessageQueue> standard(const std::string& name = "standard") { return backend_->create(name, {}); }
  std::unique_ptr<MessageQueue> fifo(const std::string& name = "ordered.fifo", bool content_based = true) {
    queue::QueueAttributes attributes;
    attributes.fifo = true;
    attributes.content_based_deduplication = content_based;
    return backend_->create(name, attributes);
  }

  static OutgoingMessage message(std::string body, std::string group_id = {}, std::string deduplication_id = {}) {
    OutgoingMessage message;
    message.body = std::move(body);
    message.group_id = std::move(group_id);
    message.deduplication_id = std::move(deduplication_id);
    return message;
  }
  static ReceiveOptions options(int at_most, int wait_s = 0, int visibility_s = 30) {
    ReceiveOptions options;
    options.max_messages = at_most;
    options.wait = Seconds(wait_s);
    options.visibility_timeout = Seconds(visibility_s);
    return options;
  }
  static std::vector<ReceivedMessage> receive(MessageQueue& queue, const ReceiveOptions& how) {
    auto received = queue.receive(how);
    EXPECT_TRUE(received) << received.error().message;
    return received ? *std::move(received) : std::vector<ReceivedMessage>();
  }
  // Receives until `count` messages came: a queue need not give all that it has at once.
  static std::vector<ReceivedMessage> collect(MessageQueue& queue, std::size_t count, int visibility_s = 30) {
    std::vector<ReceivedMessage> all;
    const auto end = SteadyClock::now() + kPatience;
    while (all.size() < count && SteadyClock::now() < end) {
      for (ReceivedMessage& message : receive(queue, options(10, 1, visibility_s))) {
        all.push_back(std::move(message));
      }
    }
    return all;
  }
  // Receives and removes, a few at a time, until `count` messages came.
  static std::vector<ReceivedMessage> drain(MessageQueue& queue, std::size_t count) {
    std::vector<ReceivedMessage> all;
    const auto end = SteadyClock::now() + kPatience;
    while (all.size() < count && SteadyClock::now() < end) {
      for (ReceivedMessage& message : receive(queue, options(5, 1))) {
        EXPECT_TRUE(queue.remove(message.receipt_handle));
        all.push_back(std::move(message));
      }
    }
    return all;
  }
  static std::vector<std::string> bodies(const std::vector<ReceivedMessage>& messages) {
    std::vector<std::string> bodies;
    for (const ReceivedMessage& message : messages) {
      bodies.push_back(message.body);
    }
    return bodies;
  }
  [[nodiscard]] bool differs(Difference difference) const { return backend_->differences().contains(difference); }
  template <typename T>
  static QueueErrorKind kind(const Result<T>& result) {
    return result.has_value() ? QueueErrorKind::kNone : queue::queue_error_kind(result.error());
  }

  std::unique_ptr<QueueBackend> backend_;
};

TEST_P(MessageQueueSuite, WhatIsSentIsReceived) {
  const auto queue = standard();
  OutgoingMessage outgoing = message("{\"face\":\"\xe2\x82\xac <&>\\u0041\"}\r\n\t");
  outgoing.attributes["text"] = {"String", "v"};
  outgoing.attributes["bytes"] = {"Binary", std::string("\0\xff", 2)};
  const auto sent = queue->send(outgoing);
  ASSERT_TRUE(sent) << sent.error().message;
  const auto received = collect(*queue, 1);
  ASSERT_THAT(received, ::testing::SizeIs(1));
  EXPECT_EQ(received[0].message_id, sent->message_id);
  EXPECT_EQ(received[0].body, outgoing.body);
  EXPECT_EQ(received[0].attributes, outgoing.attributes);
  EXPECT_EQ(received[0].receive_count, 1);
}

TEST_P(MessageQueueSuite, LargestMessage) {
  const auto queue = standard();
  const std::string body(1'048'576, 'x');
  ASSERT_TRUE(queue->send(message(body)));
  const auto received = collect(*queue, 1);
  ASSERT_THAT(received, ::testing::SizeIs(1));
  EXPECT_EQ(received[0].body, body);
  const auto too_long = queue->send(message(body + "x"));
  ASSERT_FALSE(too_long);
  if (differs(Difference::kMessageFaultsAreInvalidAttributeValue)) {
    EXPECT_EQ(kind(too_long), QueueErrorKind::kInvalidAttributeValue);
  } else {
    EXPECT_THAT(kind(too_long), ::testing::AnyOf(QueueErrorKind::kMessageTooLong, QueueErrorKind::kInvalidParameter));
  }
}

TEST_P(MessageQueueSuite, MessagesThatAreRefused) {
  const auto queue = standard();
  const auto empty = queue->send(message(""));
  const auto unprintable = queue->send(message("\x01"));
  OutgoingMessage delayed = message("m");
  delayed.delay = Seconds(901);
  EXPECT_EQ(kind(queue->send(delayed)), QueueErrorKind::kInvalidParameter);
  if (differs(Difference::kTakesAnyBody)) {
    EXPECT_TRUE(empty && unprintable);
    EXPECT_THAT(bodies(collect(*queue, 2)), ::testing::UnorderedElementsAre("", "\x01"));
    return;
  }
  EXPECT_FALSE(empty);
  EXPECT_EQ(kind(unprintable), differs(Difference::kMessageFaultsAreInvalidAttributeValue)
                                   ? QueueErrorKind::kInvalidAttributeValue
                                   : QueueErrorKind::kInvalidMessageContents);
  EXPECT_THAT(receive(*queue, options(10)), ::testing::IsEmpty());
}

TEST_P(MessageQueueSuite, BatchHasAResultPerMessageInOrder) {
  const auto queue = standard();
  OutgoingMessage delayed = message("refused");
  delayed.delay = Seconds(901);
  const std::vector<OutgoingMessage> batch{message("a"), delayed, message("c")};
  const auto results = queue->send_batch(batch);
  ASSERT_TRUE(results) << results.error().message;
  ASSERT_THAT(*results, ::testing::SizeIs(3));
  EXPECT_TRUE((*results)[0]);
  EXPECT_EQ(kind((*results)[1]), QueueErrorKind::kInvalidParameter);
  EXPECT_TRUE((*results)[2]);
  const auto received = collect(*queue, 2);
  EXPECT_THAT(bodies(received), ::testing::UnorderedElementsAre("a", "c"));
}

TEST_P(MessageQueueSuite, BatchLimits) {
  const auto queue = standard();
  EXPECT_FALSE(queue->send_batch({}));
  EXPECT_FALSE(queue->send_batch(std::vector<OutgoingMessage>(11, message("m"))));
  EXPECT_FALSE(queue->send_batch(std::vector<OutgoingMessage>(2, message(std::string(524'289, 'x')))));
  EXPECT_FALSE(queue->remove_batch({}));
  EXPECT_FALSE(queue->receive(options(11)));
}

TEST_P(MessageQueueSuite, ReceivedMessageIsHiddenThenComesBack) {
  const auto queue = standard();
  ASSERT_TRUE(queue->send(message("m")));
  const auto start = SteadyClock::now();
  ASSERT_THAT(receive(*queue, options(1, 5, 1)), ::testing::SizeIs(1));
  const auto again = receive(*queue, options(1, 20));
  ASSERT_THAT(again, ::testing::SizeIs(1));
  EXPECT_EQ(again[0].receive_count, 2);
  EXPECT_GE(SteadyClock::now() - start, kAboutASecond);
  EXPECT_THAT(receive(*queue, options(1)), ::testing::IsEmpty()) << "hidden for 30 s";
}

TEST_P(MessageQueueSuite, ChangeVisibility) {
  const auto queue = standard();
  ASSERT_TRUE(queue->send(message("m")));
  const auto received = receive(*queue, options(1, 5));
  ASSERT_THAT(received, ::testing::SizeIs(1));
  ASSERT_TRUE(queue->change_visibility(received[0].receipt_handle, Seconds(0)));
  EXPECT_THAT(receive(*queue, options(1, 5)), ::testing::SizeIs(1));
  EXPECT_FALSE(queue->change_visibility("no such handle", Seconds(0)));
}

TEST_P(MessageQueueSuite, RemovedMessageDoesNotComeBack) {
  const auto queue = standard();
  ASSERT_TRUE(queue->send(message("m")));
  const auto received = receive(*queue, options(1, 5, 1));
  ASSERT_THAT(received, ::testing::SizeIs(1));
  EXPECT_TRUE(queue->remove(received[0].receipt_handle));
  EXPECT_EQ(queue->remove(received[0].receipt_handle).has_value(), !differs(Difference::kRemovesOnce))
      << "removing twice is no error";
  EXPECT_THAT(receive(*queue, options(1, 2)), ::testing::IsEmpty());
  EXPECT_EQ(kind(queue->remove("no such handle")), QueueErrorKind::kReceiptHandleIsInvalid);
}

TEST_P(MessageQueueSuite, RemoveBatch) {
  const auto queue = standard();
  ASSERT_TRUE(queue->send_batch(std::vector<OutgoingMessage>{message("a"), message("b")}));
  const auto received = collect(*queue, 2);
  ASSERT_THAT(received, ::testing::SizeIs(2));
  const std::vector<std::string> handles{received[0].receipt_handle, "no such handle", received[1].receipt_handle};
  const auto results = queue->remove_batch(handles);
  ASSERT_TRUE(results) << results.error().message;
  ASSERT_THAT(*results, ::testing::SizeIs(3));
  EXPECT_TRUE((*results)[0]);
  EXPECT_EQ(kind((*results)[1]), QueueErrorKind::kReceiptHandleIsInvalid);
  EXPECT_TRUE((*results)[2]);
}

TEST_P(MessageQueueSuite, DelayedMessage) {
  const auto queue = standard();
  OutgoingMessage delayed = message("much later");
  delayed.delay = Seconds(900);
  ASSERT_TRUE(queue->send(delayed));
  EXPECT_THAT(receive(*queue, options(1)), ::testing::IsEmpty());
  delayed = message("later");
  delayed.delay = Seconds(1);
  const auto start = SteadyClock::now();
  ASSERT_TRUE(queue->send(delayed));
  EXPECT_THAT(bodies(receive(*queue, options(1, 20))), ::testing::ElementsAre("later"));
  EXPECT_GE(SteadyClock::now() - start, kAboutASecond);
}

TEST_P(MessageQueueSuite, SendWakesAWaiter) {
  const auto queue = standard();
  const auto start = SteadyClock::now();
  std::thread sender([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    EXPECT_TRUE(queue->send(message("m")));
  });
  EXPECT_THAT(receive(*queue, options(1, 20)), ::testing::SizeIs(1));
  sender.join();
  EXPECT_LT(SteadyClock::now() - start, Seconds(10));
}

TEST_P(MessageQueueSuite, WaitEndsEmpty) {
  const auto queue = standard();
  const auto start = SteadyClock::now();
  EXPECT_THAT(receive(*queue, options(1, 1)), ::testing::IsEmpty());
  EXPECT_GE(SteadyClock::now() - start, kAboutASecond);
}

TEST_P(MessageQueueSuite, PoisonMessageReachesTheDeadLetterQueue) {
  const auto dead = standard("dead");
  queue::QueueAttributes attributes;
  attributes.dead_letter_queue = "dead";
  attributes.max_receive_count = 2;
  const auto queue = backend_->create("work", attributes);
  const auto sent = queue->send(message("poison"));
  ASSERT_TRUE(sent);
  for (int i = 0; i < 2; ++i) {
    EXPECT_THAT(receive(*queue, options(1, 5, 0)), ::testing::SizeIs(1));
  }
  EXPECT_THAT(receive(*queue, options(1)), ::testing::IsEmpty());
  const auto received = receive(*dead, options(1, 10));
  ASSERT_THAT(received, ::testing::SizeIs(1));
  EXPECT_EQ(received[0].message_id, sent->message_id);
  EXPECT_EQ(received[0].body, "poison");
}

TEST_P(MessageQueueSuite, FifoOrderWithinAGroup) {
  const auto queue = fifo();
  std::vector<std::string> expected;
  std::string last_sequence;
  for (int i = 0; i < 12; ++i) {
    expected.push_back("m" + std::to_string(i));
    const auto sent = queue->send(message(expected.back(), "g"));
    ASSERT_TRUE(sent) << sent.error().message;
    if (differs(Difference::kNoSequenceNumbers)) {
      EXPECT_FALSE(sent->sequence_number.has_value());
      continue;
    }
    ASSERT_TRUE(sent->sequence_number.has_value());
    std::string sequence = *sent->sequence_number;
    EXPECT_EQ(sequence.size() < kSequenceDigits, differs(Difference::kShortSequenceNumbers)) << sequence;
    sequence.insert(0, kSequenceDigits - std::min(kSequenceDigits, sequence.size()), '0');
    EXPECT_GT(sequence, last_sequence);
    last_sequence = sequence;
  }
  std::vector<std::string> order;
  for (const ReceivedMessage& each : drain(*queue, expected.size())) {
    order.push_back(each.body);
    EXPECT_EQ(each.group_id, "g");
  }
  EXPECT_EQ(order, expected);
}

TEST_P(MessageQueueSuite, FifoGroupIsLockedWhileInFlight) {
  const auto queue = fifo();
  for (const auto& [body, group] : {std::pair("a1", "a"), std::pair("a2", "a"), std::pair("b1", "b")}) {
    ASSERT_TRUE(queue->send(message(body, group)));
  }
  const auto first = receive(*queue, options(1, 5));
  ASSERT_THAT(bodies(first), ::testing::ElementsAre("a1"));
  EXPECT_THAT(bodies(receive(*queue, options(10, 1))), ::testing::ElementsAre("b1"));
  EXPECT_THAT(receive(*queue, options(10)), ::testing::IsEmpty());
  ASSERT_TRUE(queue->remove(first[0].receipt_handle));
  EXPECT_THAT(bodies(receive(*queue, options(10, 5))), ::testing::ElementsAre("a2"));
}

TEST_P(MessageQueueSuite, FifoDeduplication) {
  const auto queue = fifo("explicit.fifo", false);
  const auto first = queue->send(message("one", "g", "id"));
  const auto again = queue->send(message("two", "g", "id"));
  ASSERT_TRUE(first && again);
  EXPECT_EQ(again->message_id != first->message_id, differs(Difference::kDuplicateHasItsOwnId));
  EXPECT_THAT(bodies(receive(*queue, options(10, 1))), ::testing::ElementsAre("one"));
  EXPECT_FALSE(queue->send(message("no id", "g")));
  EXPECT_FALSE(queue->send(message("no group", "", "other")));
}

TEST_P(MessageQueueSuite, FifoContentBasedDeduplication) {
  const auto queue = fifo();
  const auto first = queue->send(message("same", "g"));
  const auto again = queue->send(message("same", "g"));
  const auto other = queue->send(message("other", "g"));
  ASSERT_TRUE(first && again && other);
  EXPECT_EQ(again->message_id != first->message_id, differs(Difference::kDuplicateHasItsOwnId));
  EXPECT_NE(other->message_id, first->message_id);
  EXPECT_THAT(bodies(drain(*queue, 2)), ::testing::ElementsAre("same", "other"));
  EXPECT_THAT(receive(*queue, options(10)), ::testing::IsEmpty());
}

TEST_P(MessageQueueSuite, ConcurrentReceiversShareTheMessages) {
  const auto queue = standard();
  constexpr int kMessages = 60;
  for (int i = 0; i < kMessages / 10; ++i) {
    std::vector<OutgoingMessage> batch;
    for (int k = 0; k < 10; ++k) {
      batch.push_back(message(std::to_string(i * 10 + k)));
    }
    ASSERT_TRUE(queue->send_batch(batch));
  }
  std::mutex mutex;
  std::multiset<std::string> seen;
  std::vector<std::thread> receivers;
  for (int i = 0; i < 4; ++i) {
    receivers.emplace_back([&] {
      while (true) {
        const auto received = receive(*queue, options(10, 1));
        if (received.empty()) {
          return;
        }
        for (const ReceivedMessage& each : received) {
          EXPECT_TRUE(queue->remove(each.receipt_handle));
          const std::lock_guard lock(mutex);
          seen.insert(each.body);
        }
      }
    });
  }
  for (std::thread& receiver : receivers) {
    receiver.join();
  }
  const std::set<std::string> bodies(seen.begin(), seen.end());
  EXPECT_EQ(bodies.size(), static_cast<std::size_t>(kMessages));
  if (!differs(Difference::kMayDeliverTwice)) {
    EXPECT_EQ(seen.size(), bodies.size()) << "none was delivered twice";
  }
}

}  // namespace facepipe::conformance
