// The table of queues and their tags. Functions run on the committer's thread, inside a transaction.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "queue/store/queue_store.h"
#include "queue/store/transaction.h"

namespace facepipe::queue {

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
[[nodiscard]] Result<QueueRow> find_queue(Database& database, const std::string& name);
[[nodiscard]] Result<std::optional<QueueRow>> find_queue_if(Database& database, const std::string& name);
[[nodiscard]] Result<std::vector<QueueRow>> all_queues(Database& database);
// Names of the queues that `is_meant` takes, sorted.
[[nodiscard]] Result<std::vector<std::string>> queue_names(Database& database,
                                                           const std::function<bool(const QueueRow& row)>& is_meant);

// As QueueStore's functions of these names.
[[nodiscard]] Status create_queue(const Transaction& transaction, const std::string& name,
                                  const QueueAttributes& attributes);
[[nodiscard]] Status delete_queue(const Transaction& transaction, const QueueRow& queue);
// `attributes` are within their ranges.
[[nodiscard]] Status set_attributes(const Transaction& transaction, const QueueRow& queue,
                                    const QueueAttributes& attributes);
[[nodiscard]] Result<QueueTags> tags(Database& database, std::int64_t queue_id);
[[nodiscard]] Status change_tags(Database& database, std::int64_t queue_id, const QueueTags& set,
                                 std::span<const std::string> removed);

// The next sequence number of a FIFO queue, from 1.
[[nodiscard]] Result<std::int64_t> next_sequence(Database& database, std::int64_t queue_id);

}  // namespace facepipe::queue
