// The operations, each one transaction of the engine. Tested by queue_store_test.cc and its neighbours
#include "queue/store/queue_store.h"

#include <algorithm>

#include "queue/store/message_rows.h"
#include "queue/store/store_engine.h"
#include "queue/validation.h"

namespace facepipe::queue {
namespace {

constexpr int kExpiryLimit = 1'000;                // rows: counting must not hold up other callers
constexpr std::int64_t kPurgeIntervalMs = 60'000;  // SQS: one purge a minute
constexpr std::int64_t kMaxPeek = 1'000;

// `work`'s result for each of the items. Trouble of the store, which is no item's own, ends the whole.
template <typename Item, typename Work>
auto for_each(std::span<const Item> items, const Work& work)
    -> Result<std::vector<std::invoke_result_t<const Work&, const Item&>>> {
  std::vector<std::invoke_result_t<const Work&, const Item&>> results;
  results.reserve(items.size());
  for (const Item& item : items) {
    results.push_back(work(item));
    if (!results.back() && queue_error_kind(results.back().error()) == QueueErrorKind::kNone) {
      return results.back().error();
    }
  }
  return results;
}

}  // namespace

QueueStore::QueueStore(std::unique_ptr<StoreEngine> engine) : engine_(std::move(engine)) {}

QueueStore::~QueueStore() = default;

Result<std::unique_ptr<QueueStore>> QueueStore::open(const std::filesystem::path& file, const Options& options) {
  FACEPIPE_ASSIGN(std::unique_ptr<StoreEngine> engine, StoreEngine::open(file, options));
  return std::unique_ptr<QueueStore>(new QueueStore(std::move(engine)));
}

Status QueueStore::create_queue(const std::string& name, const QueueAttributes& attributes, const QueueTags& tags) {
  return engine_->compute(
      [&](const Transaction& transaction) { return queue::create_queue(transaction, name, attributes, tags); });
}

Status QueueStore::delete_queue(const std::string& name) {
  return engine_->on_queue(name, queue::delete_queue);
}

Result<QueueAttributes> QueueStore::attributes(const std::string& name) {
  return engine_->on_queue(name, [](const Transaction& /*transaction*/, const QueueRow& row) {
    return Result<QueueAttributes>(row.attributes);
  });
}

Status QueueStore::set_attributes(const std::string& name, const QueueAttributes& attributes) {
  return change_attributes(name, [&](const QueueAttributes& /*present*/) { return Result(attributes); });
}

Status QueueStore::change_attributes(const std::string& name, const AttributeChange& change) {
  return engine_->on_queue(name, [&](const Transaction& transaction, const QueueRow& row) -> Status {
    FACEPIPE_ASSIGN(const QueueAttributes attributes, change(row.attributes));
    FACEPIPE_TRY(validate_queue_attributes(attributes));
    return queue::set_attributes(transaction, row, attributes);
  });
}

Result<QueueStatistics> QueueStore::statistics(const std::string& name) {
  return engine_->on_queue(name, [](const Transaction& transaction, const QueueRow& row) -> Result<QueueStatistics> {
    FACEPIPE_TRY(expire_messages(transaction, row, kExpiryLimit));
    return queue::statistics(transaction, row);
  });
}

Result<std::vector<std::string>> QueueStore::list_queues(const std::string& prefix) {
  return engine_->compute([&](const Transaction& transaction) {
    return queue_names(transaction.database, [&](const QueueRow& row) { return row.name.starts_with(prefix); });
  });
}

Result<std::vector<std::string>> QueueStore::dead_letter_sources(const std::string& name) {
  return engine_->on_queue(name, [&](const Transaction& transaction, const QueueRow& /*row*/) {
    return queue_names(transaction.database,
                       [&](const QueueRow& row) { return row.attributes.dead_letter_queue == name; });
  });
}

Status QueueStore::purge(const std::string& name) {
  return engine_->on_queue(name, [&](const Transaction& transaction, const QueueRow& row) -> Status {
    if (row.purged_ms && transaction.now_ms - *row.purged_ms < kPurgeIntervalMs &&
        transaction.now_ms >= *row.purged_ms) {
      return queue_error(QueueErrorKind::kPurgeInProgress,
                         "Only one PurgeQueue operation on " + name + " is allowed every 60 seconds.");
    }
    FACEPIPE_TRY(delete_all_messages(transaction.database, row.id));
    return transaction.database.statement("UPDATE queue SET purged_ms = ? WHERE id = ?")
        .bind(transaction.now_ms, row.id)
        .run();
  });
}

Result<QueueTags> QueueStore::tags(const std::string& name) {
  return engine_->on_queue(name, [](const Transaction& transaction, const QueueRow& row) {
    return queue::tags(transaction.database, row.id);
  });
}

Status QueueStore::change_tags(const std::string& name, const QueueTags& set, std::span<const std::string> removed) {
  return engine_->on_queue(name, [&](const Transaction& transaction, const QueueRow& row) {
    return queue::change_tags(transaction.database, row.id, set, removed);
  });
}

Result<std::vector<Result<SentMessage>>> QueueStore::send_batch(const std::string& name,
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
  return engine_->on_queue(
      name,
      [&](const Transaction& transaction, const QueueRow& row) {
        return for_each(messages, [&](const OutgoingMessage& message) -> Result<SentMessage> {
          const Status& sound = valid[static_cast<std::size_t>(&message - messages.data())];
          return sound ? send_message(transaction, row, message) : sound.error();
        });
      },
      StoreEngine::Need::kStores);
}

Result<std::vector<ReceivedMessage>> QueueStore::receive_now(const std::string& name, const ReceiveOptions& options) {
  FACEPIPE_TRY(validate_receive(options));
  return engine_->on_queue(name, [&](const Transaction& transaction, const QueueRow& row) {
    return receive_messages(transaction, row, options);
  });
}

Result<std::vector<Status>> QueueStore::remove_batch(const std::string& name,
                                                     std::span<const std::string> receipt_handles) {
  FACEPIPE_TRY(validate_batch_size(receipt_handles.size()));
  return engine_->on_queue(name, [&](const Transaction& transaction, const QueueRow& row) {
    return for_each(receipt_handles, [&](const std::string& handle) {
      return remove_message(transaction, row, handle, RemovalRule::kIdempotent);
    });
  });
}

Result<std::vector<Status>> QueueStore::change_visibility_batch(const std::string& name,
                                                                std::span<const VisibilityChange> changes) {
  FACEPIPE_TRY(validate_batch_size(changes.size()));
  return engine_->on_queue(name, [&](const Transaction& transaction, const QueueRow& row) {
    return for_each(changes,
                    [&](const VisibilityChange& change) { return change_visibility(transaction, row, change); });
  });
}

Result<std::vector<Status>> QueueStore::complete_batch(const std::string& name, const std::string& answer_queue,
                                                       std::span<const Completion> completions) {
  FACEPIPE_TRY(validate_batch_size(completions.size()));
  std::vector<Status> valid;  // on the caller's thread: bodies can be long
  for (const Completion& completion : completions) {
    valid.push_back(completion.answer ? validate_message(*completion.answer) : Status{});
  }
  return engine_->on_queue(name, [&](const Transaction& transaction, const QueueRow& row) {
    return for_each(completions, [&](const Completion& completion) -> Status {
      const Status& sound = valid[static_cast<std::size_t>(&completion - completions.data())];
      return sound ? complete_message(transaction, row, completion, answer_queue) : sound;
    });
  });
}

Result<std::optional<int>> QueueStore::find_once(const std::string& key) {
  return engine_->compute([&](const Transaction& transaction) { return queue::find_once(transaction, key); });
}

Result<StoredOnce> QueueStore::send_once(const std::string& name, const Once& once,
                                         std::span<const OutgoingMessage> messages) {
  for (const OutgoingMessage& message : messages) {  // on the caller's thread: bodies can be long
    FACEPIPE_TRY(validate_message(message));
  }
  return engine_->compute(
      [&](const Transaction& transaction) { return queue::send_once(transaction, name, once, messages); },
      StoreEngine::Need::kStores);
}

Result<std::vector<StoredMessage>> QueueStore::peek(const std::string& name, std::int64_t skip, std::int64_t limit) {
  if (skip < 0 || limit < 1 || limit > kMaxPeek) {
    return queue_error(QueueErrorKind::kInvalidParameter,
                       "Expected 0 or more messages to skip and 1 to " + std::to_string(kMaxPeek) + " to read.");
  }
  return engine_->on_queue(name, [&](const Transaction& transaction, const QueueRow& row) {
    return queue::peek(transaction, row, skip, limit);
  });
}

Result<std::int64_t> QueueStore::redrive(const std::string& name, const std::string& target, std::int64_t limit) {
  return engine_->on_queue(name, [&](const Transaction& transaction, const QueueRow& row) {
    return queue::redrive(transaction, row, target, limit);
  });
}

Result<std::optional<std::chrono::milliseconds>> QueueStore::next_visible_in(const std::string& name) {
  using Wait = std::optional<std::chrono::milliseconds>;
  return engine_->on_queue(name, [](const Transaction& transaction, const QueueRow& row) -> Result<Wait> {
    FACEPIPE_ASSIGN(const std::optional<std::int64_t> ms, next_visible_ms(transaction.database, row.id));
    return ms ? Wait(std::max<std::int64_t>(*ms - transaction.now_ms, 0)) : Wait();
  });
}

Status QueueStore::health() {
  return engine_->health();
}

int QueueStore::add_listener(Listener listener) {
  return engine_->add_listener(std::move(listener));
}

void QueueStore::remove_listener(int id) {
  engine_->remove_listener(id);
}

}  // namespace facepipe::queue
