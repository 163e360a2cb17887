// The keys of what was stored lately, in the table `frame`. Functions run on the committer's thread, inside a
// transaction.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "base/result.h"
#include "queue/store/queue_store.h"
#include "queue/store/transaction.h"

namespace facepipe::queue {

// As QueueStore's functions of these names. After an error of send_once its changes must be undone.
[[nodiscard]] Result<std::optional<int>> find_once(const Transaction& transaction, const std::string& key);
[[nodiscard]] Result<int> send_once(const Transaction& transaction, const std::string& name, const Once& once,
                                    std::span<const OutgoingMessage> messages);
// Forgets keys whose window has passed, at most `limit`.
[[nodiscard]] Status expire_once(const Transaction& transaction, int limit);

}  // namespace facepipe::queue
