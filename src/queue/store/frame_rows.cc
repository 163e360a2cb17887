// Frames that are stored once. Tested by queue_store_frame_test.cc
#include "queue/store/frame_rows.h"

#include "queue/store/message_rows.h"
#include "queue/store/queue_rows.h"

namespace facepipe::queue {

Result<std::optional<int>> find_frame(const Transaction& transaction, const std::string& key) {
  Statement select = transaction.database.statement("SELECT faces FROM frame WHERE frame_key = ? AND expires_ms > ?");
  select.bind(std::string_view(key)).bind(transaction.now_ms);
  FACEPIPE_ASSIGN(const bool found, select.step());
  return found ? std::optional(static_cast<int>(select.integer(0))) : std::nullopt;
}

Result<int> send_frame(const Transaction& transaction, const QueueStore::FrameMessages& frame) {
  FACEPIPE_ASSIGN(const std::optional<int> earlier, find_frame(transaction, frame.key));
  if (earlier) {
    return *earlier;
  }
  FACEPIPE_ASSIGN(const QueueRow queue, find_queue(transaction.database, frame.queue));
  for (const OutgoingMessage& message : frame.messages) {
    FACEPIPE_TRY(send_message(transaction, queue, message));
  }
  if (frame.window.count() > 0) {
    FACEPIPE_TRY(
        transaction.database.statement("INSERT OR REPLACE INTO frame (frame_key, faces, expires_ms) VALUES (?, ?, ?)")
            .bind(std::string_view(frame.key))
            .bind(std::int64_t{frame.faces})
            .bind(transaction.now_ms + std::int64_t{frame.window.count()} * 1000)
            .run());
  }
  return frame.faces;
}

Status expire_frames(const Transaction& transaction, int limit) {
  return transaction.database
      .statement("DELETE FROM frame WHERE frame_key IN (SELECT frame_key FROM frame WHERE expires_ms <= ? LIMIT ?)")
      .bind(transaction.now_ms)
      .bind(std::int64_t{limit})
      .run();
}

}  // namespace facepipe::queue
