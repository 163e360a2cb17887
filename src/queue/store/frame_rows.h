// The table of frames that were stored lately. Functions run on the committer's thread, inside a transaction.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "queue/store/queue_store.h"
#include "queue/store/transaction.h"

namespace facepipe::queue {

// As QueueStore's functions of these names. After an error of send_frame its changes must be undone.
[[nodiscard]] Result<std::optional<int>> find_frame(const Transaction& transaction, const std::string& key);
[[nodiscard]] Result<int> send_frame(const Transaction& transaction, const QueueStore::FrameMessages& frame);
// Forgets frames whose window has passed, at most `limit`.
[[nodiscard]] Status expire_frames(const Transaction& transaction, int limit);

}  // namespace facepipe::queue
