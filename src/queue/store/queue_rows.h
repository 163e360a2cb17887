// The table of queues and their tags. Functions run on the committer's thread, inside a transaction.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>

#include "base/result.h"
#include "base/seal.h"
#include "queue/store/queue_store.h"
#include "queue/store/receipt.h"
#include "queue/store/store_clock.h"
#include "sqlite/sqlite.h"

namespace facepipe::queue {

// Per standard queue, the turn of the message that was served last (message_rows.h). Memory only: after a restart it
// begins at the smallest turn stored, which changes nobody's order.
using ServedTurns = std::map<std::int64_t, std::int64_t>;

// What an operation works with, on the committer's thread.
struct Transaction {
  sqlite::Database& database;
  const ReceiptSigner& receipts;
  ServedTurns& served;
  const SealingKey* key;         // null: messages are stored as they are
  std::set<std::string>& woken;  // queues whose messages may have become receivable; told to listeners after the commit
  std::int64_t now_ms;
  const QueueStore::PutAside& on_put_aside;  // may be empty
};

inline constexpr std::size_t kMaxQueueTags = 50;

struct QueueRow {
  std::int64_t id = 0;
  std::string name;
  QueueAttributes attributes;
  std::int64_t created_ms = 0;
  std::int64_t modified_ms = 0;
  std::optional<std::int64_t> purged_ms;
};

// kQueueDoesNotExist names the queue.
[[nodiscard]] Result<QueueRow> find_queue(sqlite::Database& database, const std::string& name);
[[nodiscard]] Result<std::optional<QueueRow>> find_queue_if(sqlite::Database& database, const std::string& name);
[[nodiscard]] Result<std::vector<QueueRow>> all_queues(sqlite::Database& database);
// Names of the queues that `is_meant` takes, sorted.
[[nodiscard]] Result<std::vector<std::string>> queue_names(sqlite::Database& database,
                                                           const std::function<bool(const QueueRow& row)>& is_meant);

// As QueueStore's functions of these names.
[[nodiscard]] Status create_queue(const Transaction& transaction, const std::string& name,
                                  const QueueAttributes& attributes, const QueueTags& tags);
[[nodiscard]] Status delete_queue(const Transaction& transaction, const QueueRow& queue);
// `attributes` are within their ranges.
[[nodiscard]] Status set_attributes(const Transaction& transaction, const QueueRow& queue,
                                    const QueueAttributes& attributes);
[[nodiscard]] Result<QueueTags> tags(sqlite::Database& database, std::int64_t queue_id);
[[nodiscard]] Status change_tags(sqlite::Database& database, std::int64_t queue_id, const QueueTags& set,
                                 std::span<const std::string> removed);

// The next sequence number of a FIFO queue, from 1.
[[nodiscard]] Result<std::int64_t> next_sequence(sqlite::Database& database, std::int64_t queue_id);

}  // namespace facepipe::queue
