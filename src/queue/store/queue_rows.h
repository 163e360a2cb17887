// The table of queues and their tags. Functions run on the committer's thread, inside a transaction.
#pragma once

#include <cstdint>
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

// As QueueStore's functions of these names.
[[nodiscard]] Status create_queue(const Transaction& transaction, const std::string& name,
                                  const QueueAttributes& attributes);
[[nodiscard]] Status delete_queue(const Transaction& transaction, const std::string& name);
[[nodiscard]] Status set_attributes(const Transaction& transaction, const std::string& name,
                                    const QueueAttributes& attributes);
[[nodiscard]] Result<std::vector<std::string>> list_queues(Database& database, const std::string& prefix);
[[nodiscard]] Result<std::vector<std::string>> dead_letter_sources(Database& database, const std::string& name);
[[nodiscard]] Result<QueueTags> tags(Database& database, const std::string& name);
[[nodiscard]] Status change_tags(Database& database, const std::string& name, const QueueTags& set,
                                 std::span<const std::string> removed);

// The next sequence number of a FIFO queue, from 1.
[[nodiscard]] Result<std::int64_t> next_sequence(Database& database, std::int64_t queue_id);

}  // namespace facepipe::queue
