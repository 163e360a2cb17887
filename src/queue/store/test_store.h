// For tests: a store in a folder of its own, under a clock that the test moves.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/temporary_folder.h"
#include "queue/store/queue_store.h"

namespace facepipe::queue {

class StoreFixture : public ::testing::Test {
 protected:
  using Seconds = std::chrono::seconds;

  StoreFixture() { reopen(); }

  void reopen() {
    store_.reset();
    QueueStore::Options options;
    options.clock = &clock_;
    options.max_file_bytes = max_file_bytes_;
    options.monotonic = monotonic_;
    auto opened = QueueStore::open(file(), options);
    ASSERT_TRUE(opened) << opened.error().message;
    store_ = *std::move(opened);
  }

  [[nodiscard]] std::filesystem::path file() const { return folder_.path() / "queues.db"; }

  void create(const std::string& name, const QueueAttributes& attributes = {}) {
    const Status created = store_->create_queue(name, attributes);
    ASSERT_TRUE(created) << created.error().message;
  }

  static QueueAttributes fifo_attributes(bool content_based = true) {
    QueueAttributes attributes;
    attributes.fifo = true;
    attributes.content_based_deduplication = content_based;
    return attributes;
  }

  static OutgoingMessage message(std::string body, std::string group_id = {}, std::string deduplication_id = {}) {
    OutgoingMessage message;
    message.body = std::move(body);
    message.group_id = std::move(group_id);
    message.deduplication_id = std::move(deduplication_id);
    return message;
  }

  Result<SentMessage> send(const std::string& name, const OutgoingMessage& message) {
    auto results = store_->send_batch(name, std::span(&message, 1));
    return results ? std::move(results->front()) : Result<SentMessage>(results.error());
  }

  // The id of a message that must be accepted.
  std::string send_ok(const std::string& name, const OutgoingMessage& message) {
    const auto sent = send(name, message);
    EXPECT_TRUE(sent) << sent.error().message;
    return sent ? sent->message_id : "";
  }

  std::vector<ReceivedMessage> receive(const std::string& name, int at_most = 10,
                                       std::optional<Seconds> visibility_timeout = std::nullopt) {
    ReceiveOptions options;
    options.max_messages = at_most;
    options.visibility_timeout = visibility_timeout;
    auto received = store_->receive_now(name, options);
    EXPECT_TRUE(received) << received.error().message;
    return received ? *std::move(received) : std::vector<ReceivedMessage>();
  }

  static std::vector<std::string> bodies(const std::vector<ReceivedMessage>& messages) {
    std::vector<std::string> bodies;
    for (const ReceivedMessage& message : messages) {
      bodies.push_back(message.body);
    }
    return bodies;
  }

  Status remove(const std::string& name, const std::string& handle) {
    auto results = store_->remove_batch(name, std::span(&handle, 1));
    return results ? results->front() : Status(results.error());
  }

  Status hide(const std::string& name, const std::string& handle, Seconds timeout) {
    const QueueStore::VisibilityChange change{handle, timeout};
    auto results = store_->change_visibility_batch(name, std::span(&change, 1));
    return results ? results->front() : Status(results.error());
  }

  QueueStatistics statistics(const std::string& name) {
    auto result = store_->statistics(name);
    EXPECT_TRUE(result) << result.error().message;
    return result ? *result : QueueStatistics{};
  }

  TemporaryFolder folder_;
  ManualClock clock_{Clock::TimePoint(std::chrono::milliseconds(1'700'000'000'000))};
  std::int64_t max_file_bytes_ = 0;
  std::function<std::chrono::milliseconds()> monotonic_;
  std::unique_ptr<QueueStore> store_;
};

// The kind of a failed result; kNone for a success too, so compare with another kind.
template <typename T>
QueueErrorKind kind(const Result<T>& result) {
  return result.has_value() ? QueueErrorKind::kNone : queue_error_kind(result.error());
}

}  // namespace facepipe::queue
