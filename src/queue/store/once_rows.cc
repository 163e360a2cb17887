// Tested by queue_store_once_test.cc
#include "queue/store/once_rows.h"

#include "queue/store/message_rows.h"
#include "queue/store/queue_rows.h"

namespace facepipe::queue {

Result<std::optional<int>> find_once(const Transaction& transaction, const std::string& key) {
  Statement select = transaction.database.statement("SELECT faces FROM frame WHERE frame_key = ? AND expires_ms > ?");
  FACEPIPE_ASSIGN(const bool found, select.bind(key, transaction.now_ms).step());
  return found ? std::optional(static_cast<int>(select.integer(0))) : std::nullopt;
}

Result<int> send_once(const Transaction& transaction, const std::string& name, const Once& once,
                      std::span<const OutgoingMessage> messages) {
  FACEPIPE_ASSIGN(const std::optional<int> earlier, find_once(transaction, once.key));
  if (earlier) {
    return *earlier;
  }
  FACEPIPE_ASSIGN(const QueueRow queue, find_queue(transaction.database, name));
  for (const OutgoingMessage& message : messages) {
    FACEPIPE_TRY(send_message(transaction, queue, message));
  }
  if (once.window.count() > 0) {
    FACEPIPE_TRY(
        transaction.database.statement("INSERT OR REPLACE INTO frame (frame_key, faces, expires_ms) VALUES (?, ?, ?)")
            .bind(once.key, once.value, transaction.now_ms + to_ms(once.window))
            .run());
  }
  return once.value;
}

Status expire_once(const Transaction& transaction, int limit) {
  return transaction.database
      .statement("DELETE FROM frame WHERE frame_key IN (SELECT frame_key FROM frame WHERE expires_ms <= ? LIMIT ?)")
      .bind(transaction.now_ms, limit)
      .run();
}

}  // namespace facepipe::queue
