// Why a message failed, and the ways to a dead-letter queue and back. Functions run on the committer's thread, inside a
// transaction.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "queue/store/queue_rows.h"
#include "queue/store/queue_store.h"
#include "queue/store/transaction.h"

namespace facepipe::queue {

// As QueueStore's functions of these names.
[[nodiscard]] Status put_back(const Transaction& transaction, const QueueRow& queue, const std::string& handle,
                              std::chrono::seconds timeout, std::string_view reason);
[[nodiscard]] Result<std::int64_t> redrive(const Transaction& transaction, const QueueRow& queue,
                                           const std::string& target, std::int64_t limit);
[[nodiscard]] Result<std::vector<StoredMessage>> peek(const Transaction& transaction, const QueueRow& queue,
                                                      std::int64_t skip, std::int64_t limit);

// Moves the message `id`, received `receive_count` times in all, from `source` to its dead-letter queue `target`.
[[nodiscard]] Status move_to_dead_letters(const Transaction& transaction, const QueueRow& source,
                                          const QueueRow& target, std::int64_t id, std::int64_t receive_count,
                                          const std::string& group_id);

}  // namespace facepipe::queue
