#include "queue_admin.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <system_error>

#include "aws/sqs/sqs_admin.h"
#include "base/text.h"
#include "queue/store/interrupted_repair.h"
#include "queue/store/queue_store.h"

namespace facepipe::app {
namespace {

// Messages that one transaction moves: a kill between two leaves each message on one queue or the other.
constexpr std::int64_t kRedriveBatch = 1'000;
constexpr std::int64_t kPeekBatch = 100;  // bodies in memory at once are up to a megabyte each

class LocalQueues final : public QueueAdmin {
 public:
  explicit LocalQueues(std::unique_ptr<queue::QueueStore> store) : store_(std::move(store)) {}

  Result<std::vector<std::string>> names() override { return store_->list_queues(""); }

  Result<QueueCounts> counts(const std::string& name) override {
    FACEPIPE_ASSIGN(const queue::QueueStatistics statistics, store_->statistics(name));
    FACEPIPE_ASSIGN(const queue::QueueAttributes attributes, store_->attributes(name));
    return QueueCounts{statistics.visible, statistics.in_flight, statistics.delayed, statistics.oldest_sent_at,
                       attributes.dead_letter_queue};
  }

  Result<std::vector<queue::StoredMessage>> peek(const std::string& name, std::int64_t limit) override {
    std::vector<queue::StoredMessage> messages;
    while (std::cmp_less(messages.size(), limit)) {
      const auto skip = static_cast<std::int64_t>(messages.size());
      FACEPIPE_ASSIGN(std::vector<queue::StoredMessage> next,
                      store_->peek(name, skip, std::min(kPeekBatch, limit - skip)));
      if (next.empty()) {
        break;
      }
      std::move(next.begin(), next.end(), std::back_inserter(messages));
    }
    return messages;
  }

  Result<std::int64_t> redrive(const std::string& name, const std::string& target, std::int64_t limit) override {
    std::int64_t moved = 0;
    while (moved < limit) {
      FACEPIPE_ASSIGN(const std::int64_t now, store_->redrive(name, target, std::min(kRedriveBatch, limit - moved)));
      if (now == 0) {
        break;
      }
      moved += now;
    }
    return moved;
  }

  Status purge(const std::string& name) override { return store_->purge(name); }

 private:
  std::unique_ptr<queue::QueueStore> store_;
};

using Attributes = std::map<std::string, std::string>;

// Long enough to read a queue's messages once without meeting one twice; they are put back before it ends.
constexpr std::chrono::seconds kPeekVisibility{60};
// A message that is being moved: sent, then deleted.
constexpr std::chrono::seconds kMoveVisibility{60};
constexpr std::chrono::seconds kReceiveWait{1};
constexpr int kBatch = 10;

std::string last_part(const std::string& text, char separator) {
  return text.substr(text.rfind(separator) + 1);
}

std::int64_t number_of(const Attributes& attributes, const std::string& name) {
  const auto found = attributes.find(name);
  return found == attributes.end() ? 0 : parse_number<std::int64_t>(found->second).value_or(0);
}

// The queue's name in a redrive policy: its ARN stands as the only value with colons. Empty: none.
std::string dead_letter_queue_of(const Attributes& attributes) {
  const auto policy = attributes.find("RedrivePolicy");
  if (policy == attributes.end()) {
    return "";
  }
  const std::size_t begin = policy->second.find("arn:");
  if (begin == std::string::npos) {
    return "";
  }
  const std::size_t end = policy->second.find('"', begin);
  return last_part(policy->second.substr(begin, end == std::string::npos ? end : end - begin), ':');
}

class RemoteQueues final : public QueueAdmin {
 public:
  RemoteQueues(AwsOption option, aws::OpenedQueue endpoint)
      : option_(std::move(option)), endpoint_(std::move(endpoint)) {}

  Result<std::vector<std::string>> names() override {
    FACEPIPE_TRY(read_urls());
    std::vector<std::string> names;
    names.reserve(urls_.size());
    for (const auto& [name, url] : urls_) {
      names.push_back(name);
    }
    return names;
  }

  Result<QueueCounts> counts(const std::string& name) override {
    FACEPIPE_ASSIGN(const std::string url, url_of(name));
    FACEPIPE_ASSIGN(const Attributes attributes, aws::queue_attributes(*endpoint_.queue, url));
    return QueueCounts{number_of(attributes, "ApproximateNumberOfMessages"),
                       number_of(attributes, "ApproximateNumberOfMessagesNotVisible"),
                       number_of(attributes, "ApproximateNumberOfMessagesDelayed"), std::nullopt,
                       dead_letter_queue_of(attributes)};
  }

  Result<std::vector<queue::StoredMessage>> peek(const std::string& name, std::int64_t limit) override {
    FACEPIPE_ASSIGN(const aws::OpenedQueue opened, open_named(name));
    std::vector<queue::StoredMessage> messages;
    std::vector<std::string> handles;
    Status received;
    while (std::cmp_less(messages.size(), limit)) {
      const auto wanted = std::min<std::int64_t>(kBatch, limit - static_cast<std::int64_t>(messages.size()));
      auto batch = opened.queue->receive(
          {.max_messages = static_cast<int>(wanted), .wait = kReceiveWait, .visibility_timeout = kPeekVisibility});
      if (!batch || batch->empty()) {
        received = batch ? Status{} : batch.error();
        break;
      }
      for (queue::ReceivedMessage& message : *batch) {
        handles.push_back(message.receipt_handle);
        messages.push_back({message.message_id, std::move(message.body), std::move(message.attributes),
                            queue::MessageState::kVisible, message.receive_count, message.sent_at,
                            message.dead_letter_source, "", ""});
      }
    }
    for (const std::string& handle : handles) {
      (void)opened.queue->change_visibility(handle, std::chrono::seconds{0});  // else it comes back by itself
    }
    return received ? Result<std::vector<queue::StoredMessage>>(std::move(messages)) : received.error();
  }

  Result<std::int64_t> redrive(const std::string& name, const std::string& target, std::int64_t limit) override {
    FACEPIPE_ASSIGN(const std::string to, target.empty() ? source_of(name) : Result<std::string>(target));
    FACEPIPE_ASSIGN(const aws::OpenedQueue source, open_named(name));
    FACEPIPE_ASSIGN(const aws::OpenedQueue destination, open_named(to));
    std::int64_t moved = 0;
    while (moved < limit) {
      FACEPIPE_ASSIGN(
          const auto batch,
          source.queue->receive({.max_messages = static_cast<int>(std::min<std::int64_t>(kBatch, limit - moved)),
                                 .wait = kReceiveWait,
                                 .visibility_timeout = kMoveVisibility}));
      if (batch.empty()) {
        break;
      }
      for (const queue::ReceivedMessage& message : batch) {
        if (is_unreadable(message)) {
          continue;  // a stand-in: it comes back to the dead letters when its time is over
        }
        FACEPIPE_TRY(move(*source.queue, *destination.queue, message));
        ++moved;
      }
    }
    return moved;
  }

  Status purge(const std::string& name) override {
    FACEPIPE_ASSIGN(const std::string url, url_of(name));
    return aws::purge_queue(*endpoint_.queue, url);
  }

 private:
  // A server gave a stand-in for what it cannot read: moved, it would take the message's place.
  static bool is_unreadable(const queue::ReceivedMessage& message) {
    const auto reason = message.attributes.find(std::string(queue::kReasonAttribute));
    return reason != message.attributes.end() && reason->second.value.starts_with(queue::kUnreadableReason);
  }

  // Sent first, deleted then: a kill in between leaves it on both, and its answer comes twice.
  static Status move(aws::SqsQueue& from, aws::SqsQueue& to, const queue::ReceivedMessage& message) {
    queue::OutgoingMessage again = queue::as_sent(message);
    again.attributes.erase(std::string(queue::kReasonAttribute));
    again.attributes.erase(std::string(queue::kReceiveCountAttribute));
    FACEPIPE_TRY(to.send(again));
    return from.remove(message.receipt_handle);
  }

  Status read_urls() {
    FACEPIPE_ASSIGN(const std::vector<std::string> urls, aws::list_queue_urls(*endpoint_.queue));
    urls_.clear();
    for (const std::string& url : urls) {
      urls_.emplace(last_part(url, '/'), url);
    }
    return {};
  }

  Result<std::string> url_of(const std::string& name) {
    if (urls_.empty()) {
      FACEPIPE_TRY(read_urls());
    }
    const auto found = urls_.find(name);
    if (found == urls_.end()) {
      return Error{ErrorCode::kNotFound, "no queue " + name + " at " + option_.endpoint};
    }
    return found->second;
  }

  Result<aws::OpenedQueue> open_named(const std::string& name) {
    FACEPIPE_ASSIGN(const std::string url, url_of(name));
    return option_.open_queue(url);
  }

  // The one queue whose dead letters go to `name`.
  Result<std::string> source_of(const std::string& name) {
    FACEPIPE_ASSIGN(const std::vector<std::string> all, names());
    std::vector<std::string> sources;
    for (const std::string& queue : all) {
      FACEPIPE_ASSIGN(const QueueCounts state, counts(queue));
      if (state.dead_letter_queue == name) {
        sources.push_back(queue);
      }
    }
    if (sources.size() != 1) {
      return Error{ErrorCode::kInvalidArgument, "expected one queue whose dead letters go to " + name + ", found " +
                                                    std::to_string(sources.size()) + ": name it with --to"};
    }
    return sources.front();
  }

  AwsOption option_;
  aws::OpenedQueue endpoint_;
  std::map<std::string, std::string> urls_;  // by name
};

}  // namespace

Result<std::unique_ptr<QueueAdmin>> open_local_queues(const std::filesystem::path& data,
                                                      const std::optional<SealingKey>& key) {
  const std::filesystem::path file = data / queue::kQueueFile;
  FACEPIPE_TRY(queue::settle_interrupted_repair(file));
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) {
    return Error{ErrorCode::kNotFound,
                 file.string() + ": no such file (facepipe serve makes it; --data names its folder)"};
  }
  auto store = queue::QueueStore::open(file, {.key = key});
  if (!store && store.error().code == ErrorCode::kUnavailable) {
    return Error{ErrorCode::kUnavailable, store.error().message +
                                              " (a running facepipe serve, it seems: stop it, or use --endpoint with "
                                              "the address of its SQS port)"};
  }
  if (!store) {
    return store.error();
  }
  return std::unique_ptr<QueueAdmin>(std::make_unique<LocalQueues>(*std::move(store)));
}

Result<std::unique_ptr<QueueAdmin>> open_remote_queues(const AwsOption& option) {
  FACEPIPE_ASSIGN(aws::OpenedQueue endpoint, option.open_queue(option.endpoint));
  return std::unique_ptr<QueueAdmin>(std::make_unique<RemoteQueues>(option, std::move(endpoint)));
}

}  // namespace facepipe::app
