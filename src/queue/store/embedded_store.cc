// Tested by queue_store_test.cc and its neighbours
#include "queue/store/embedded_store.h"

#include <algorithm>
#include <utility>

#include "queue/queue_error.h"
#include "queue/store/embedded_queue.h"
#include "queue/store/message_rows.h"
#include "queue/store/schema.h"
#include "queue/validation.h"

namespace facepipe::queue {
namespace {

constexpr int kExpiryLimit = 1'000;                // rows: counting must not hold up other callers
constexpr std::int64_t kPurgeIntervalMs = 60'000;  // SQS: one purge a minute

// Queues that share a slot wake each other's waiters in vain: rare, and cheap.
std::size_t slot_of(const std::string& name) {
  return std::hash<std::string>()(name) % EmbeddedStore::kCommitSlots;
}

}  // namespace

EmbeddedStore::EmbeddedStore(Opened opened, Bytes receipt_key, std::optional<SealingKey> key, StoreClock clock)
    : room_(std::move(opened.room)),
      database_(std::move(opened.database)),
      receipts_(std::move(receipt_key)),
      key_(std::move(key)),
      on_put_aside_(std::move(opened.on_put_aside)),
      clock_(std::move(clock)),
      last_sweep_(clock_.monotonic()),
      last_trial_(clock_.monotonic()),
      health_(std::move(opened.health)),
      committer_(*database_, {.committed = [this] { tell_listeners(); },
                              .maintain = [this] { maintain(); },
                              .prepare = [this] { follow_clock(); },
                              .make_room = [this] { (void)database_->checkpoint(); }}) {}

EmbeddedStore::~EmbeddedStore() = default;

Transaction EmbeddedStore::transaction() {
  return {*database_, receipts_, served_, key_ ? &*key_ : nullptr, woken_, to_ms(clock_.now()), on_put_aside_};
}

Status EmbeddedStore::apply(const std::function<Status(const Transaction&)>& work) {
  return execute([&] { return work(transaction()); });
}

Status EmbeddedStore::create_queue(const std::string& name, const QueueAttributes& attributes) {
  return apply([&](const Transaction& transaction) { return queue::create_queue(transaction, name, attributes); });
}

Status EmbeddedStore::delete_queue(const std::string& name) {
  return apply([&](const Transaction& transaction) { return queue::delete_queue(transaction, name); });
}

Result<QueueAttributes> EmbeddedStore::attributes(const std::string& name) {
  return compute<QueueAttributes>([&](const Transaction& transaction) -> Result<QueueAttributes> {
    FACEPIPE_ASSIGN(const QueueRow row, find_queue(transaction.database, name));
    return row.attributes;
  });
}

Status EmbeddedStore::set_attributes(const std::string& name, const QueueAttributes& attributes) {
  return apply([&](const Transaction& transaction) { return queue::set_attributes(transaction, name, attributes); });
}

Result<QueueStatistics> EmbeddedStore::statistics(const std::string& name) {
  return compute<QueueStatistics>([&](const Transaction& transaction) -> Result<QueueStatistics> {
    FACEPIPE_ASSIGN(const QueueRow row, find_queue(transaction.database, name));
    FACEPIPE_TRY(expire_messages(transaction, row, kExpiryLimit));
    return queue::statistics(transaction, row);
  });
}

Result<std::vector<std::string>> EmbeddedStore::list_queues(const std::string& prefix) {
  return compute<std::vector<std::string>>(
      [&](const Transaction& transaction) { return queue::list_queues(transaction.database, prefix); });
}

Result<std::vector<std::string>> EmbeddedStore::dead_letter_sources(const std::string& name) {
  return compute<std::vector<std::string>>(
      [&](const Transaction& transaction) { return queue::dead_letter_sources(transaction.database, name); });
}

Status EmbeddedStore::purge(const std::string& name) {
  return apply([&](const Transaction& transaction) -> Status {
    FACEPIPE_ASSIGN(const QueueRow row, find_queue(transaction.database, name));
    if (row.purged_ms && transaction.now_ms - *row.purged_ms < kPurgeIntervalMs &&
        transaction.now_ms >= *row.purged_ms) {
      return queue_error(QueueErrorKind::kPurgeInProgress,
                         "Only one PurgeQueue operation on " + name + " is allowed every 60 seconds.");
    }
    FACEPIPE_TRY(delete_all_messages(transaction.database, row.id));
    return transaction.database.statement("UPDATE queue SET purged_ms = ? WHERE id = ?")
        .bind(transaction.now_ms)
        .bind(row.id)
        .run();
  });
}

Result<QueueTags> EmbeddedStore::tags(const std::string& name) {
  return compute<QueueTags>([&](const Transaction& transaction) { return queue::tags(transaction.database, name); });
}

Status EmbeddedStore::change_tags(const std::string& name, const QueueTags& set, std::span<const std::string> removed) {
  return apply(
      [&](const Transaction& transaction) { return queue::change_tags(transaction.database, name, set, removed); });
}

Result<std::vector<Result<SentMessage>>> EmbeddedStore::send_batch(const std::string& name,
                                                                   std::span<const OutgoingMessage> messages) {
  FACEPIPE_TRY(validate_batch_size(messages.size()));
  std::vector<Status> valid;  // on the caller's thread: bodies can be long
  std::size_t bytes = 0;
  for (const OutgoingMessage& message : messages) {
    bytes += message_bytes(message);
    valid.push_back(validate_message(message));
  }
  if (messages.size() > 1 && bytes > kMaxMessageBytes) {
    return queue_error(
        QueueErrorKind::kBatchRequestTooLong,
        "Batch requests cannot be longer than 1048576 bytes. You have sent " + std::to_string(bytes) + " bytes.");
  }
  using Results = std::vector<Result<SentMessage>>;
  return compute<Results>(
      [&](const Transaction& transaction) -> Result<Results> {
        FACEPIPE_ASSIGN(const QueueRow row, find_queue(transaction.database, name));
        Results results;
        for (std::size_t i = 0; i < messages.size(); ++i) {
          if (!valid[i]) {
            results.emplace_back(valid[i].error());
            continue;
          }
          Result<SentMessage> sent = send_message(transaction, row, messages[i]);
          if (!sent && queue_error_kind(sent.error()) == QueueErrorKind::kNone) {
            return sent.error();  // the store's trouble, not the message's
          }
          results.push_back(std::move(sent));
        }
        return results;
      },
      Need::kStores);
}

Result<std::vector<ReceivedMessage>> EmbeddedStore::receive_now(const std::string& name,
                                                                const ReceiveOptions& options) {
  FACEPIPE_TRY(validate_receive(options));
  using Messages = std::vector<ReceivedMessage>;
  return compute<Messages>([&](const Transaction& transaction) -> Result<Messages> {
    FACEPIPE_ASSIGN(const QueueRow row, find_queue(transaction.database, name));
    return receive_messages(transaction, row, options);
  });
}

Result<std::vector<Status>> EmbeddedStore::remove_batch(const std::string& name,
                                                        std::span<const std::string> receipt_handles) {
  FACEPIPE_TRY(validate_batch_size(receipt_handles.size()));
  using Results = std::vector<Status>;
  return compute<Results>([&](const Transaction& transaction) -> Result<Results> {
    FACEPIPE_ASSIGN(const QueueRow row, find_queue(transaction.database, name));
    Results results;
    for (const std::string& handle : receipt_handles) {
      results.push_back(remove_message(transaction, row, handle, RemovalRule::kIdempotent));
      if (!results.back() && queue_error_kind(results.back().error()) == QueueErrorKind::kNone) {
        return results.back().error();
      }
    }
    return results;
  });
}

Result<std::vector<Status>> EmbeddedStore::change_visibility_batch(const std::string& name,
                                                                   std::span<const VisibilityChange> changes) {
  FACEPIPE_TRY(validate_batch_size(changes.size()));
  using Results = std::vector<Status>;
  return compute<Results>([&](const Transaction& transaction) -> Result<Results> {
    FACEPIPE_ASSIGN(const QueueRow row, find_queue(transaction.database, name));
    Results results;
    for (const VisibilityChange& change : changes) {
      results.push_back(change_visibility(transaction, row, change.receipt_handle, change.timeout));
      if (!results.back() && queue_error_kind(results.back().error()) == QueueErrorKind::kNone) {
        return results.back().error();
      }
    }
    return results;
  });
}

Status EmbeddedStore::complete(const std::string& name, const std::string& receipt_handle,
                               const std::string& answer_queue, std::span<const OutgoingMessage> answers) {
  const Completion completion{receipt_handle, {answers.begin(), answers.end()}};
  FACEPIPE_ASSIGN(const std::vector<Status> results, complete_batch(name, answer_queue, {&completion, 1}));
  return results.front();
}

Result<std::vector<Status>> EmbeddedStore::complete_batch(const std::string& name, const std::string& answer_queue,
                                                          std::span<const Completion> completions) {
  FACEPIPE_TRY(validate_batch_size(completions.size()));
  std::vector<Status> valid;  // on the caller's thread: bodies can be long
  valid.reserve(completions.size());
  for (const Completion& completion : completions) {
    valid.emplace_back();
    for (const OutgoingMessage& answer : completion.answers) {
      if (valid.back()) {
        valid.back() = validate_message(answer);
      }
    }
  }
  using Results = std::vector<Status>;
  return compute<Results>([&](const Transaction& transaction) -> Result<Results> {
    FACEPIPE_ASSIGN(const QueueRow row, find_queue(transaction.database, name));
    Results results;
    for (std::size_t i = 0; i < completions.size(); ++i) {
      results.push_back(valid[i] ? complete_message(transaction, row, completions[i].receipt_handle, answer_queue,
                                                    completions[i].answers)
                                 : valid[i]);
      if (!results.back() && queue_error_kind(results.back().error()) == QueueErrorKind::kNone) {
        return results.back().error();  // the store's trouble: the whole transaction is undone
      }
    }
    return results;
  });
}

Result<std::optional<std::chrono::milliseconds>> EmbeddedStore::next_visible_in(const std::string& name) {
  using Wait = std::optional<std::chrono::milliseconds>;
  return compute<Wait>([&](const Transaction& transaction) -> Result<Wait> {
    FACEPIPE_ASSIGN(const QueueRow row, find_queue(transaction.database, name));
    FACEPIPE_ASSIGN(const std::optional<std::int64_t> ms, next_visible_ms(transaction.database, row.id));
    return ms ? Wait(std::max<std::int64_t>(*ms - transaction.now_ms, 0)) : Wait();
  });
}

int EmbeddedStore::add_listener(Listener listener) {
  const std::lock_guard lock(listeners_mutex_);
  const int id = next_listener_++;
  listeners_.emplace(id, std::move(listener));
  return id;
}

void EmbeddedStore::remove_listener(int id) {
  const std::lock_guard lock(listeners_mutex_);
  listeners_.erase(id);
}

std::uint64_t EmbeddedStore::commits(const std::string& name) {
  const std::lock_guard lock(commits_mutex_);
  return commits_[slot_of(name)];
}

void EmbeddedStore::wait_for_commit(const std::string& name, std::uint64_t seen, std::chrono::milliseconds at_most) {
  std::unique_lock lock(commits_mutex_);
  committed_.wait_for(lock, at_most, [&] { return commits_[slot_of(name)] != seen; });
}

// On the committer's thread, after a commit.
void EmbeddedStore::tell_listeners() {
  if (woken_.empty()) {
    return;
  }
  {
    const std::lock_guard lock(commits_mutex_);
    for (const std::string& name : woken_) {
      ++commits_[slot_of(name)];
    }
  }
  committed_.notify_all();
  const std::lock_guard lock(listeners_mutex_);
  for (const std::string& name : woken_) {
    for (const auto& [id, listener] : listeners_) {
      listener(name);
    }
  }
  woken_.clear();
}

std::unique_ptr<MessageQueue> EmbeddedStore::queue(const std::string& name) {
  return std::make_unique<EmbeddedQueue>(*this, name);
}

}  // namespace facepipe::queue
