// Sending: deduplication, the turn, the rows. Tested by queue_store_test.cc, queue_store_fifo_test.cc
#include <algorithm>

#include "base/hash.h"
#include "base/id.h"
#include "queue/queue_error.h"
#include "queue/store/message_rows.h"
#include "queue/store/payload.h"
#include "queue/validation.h"

namespace facepipe::queue {
namespace {

// The message that was sent with this id in the last five minutes, if any.
Result<std::optional<SentMessage>> find_duplicate(const Transaction& transaction, const QueueRow& queue,
                                                  const std::string& deduplication_id) {
  sqlite::Statement select = transaction.database.statement(
      "SELECT message_id, sequence FROM deduplication WHERE queue_id = ? AND deduplication_id = ? AND expires_ms > ?");
  select.bind(queue.id, deduplication_id, transaction.now_ms);
  return select.one([&] { return SentMessage{select.text(0), sequence_number(select.integer(1))}; });
}

Status insert_message(const Transaction& transaction, const QueueRow& queue, const OutgoingMessage& message,
                      const std::string& message_id, const std::string& deduplication_id, std::int64_t turn) {
  const std::int64_t delay_ms = to_ms(message.delay.value_or(queue.attributes.delay));
  FACEPIPE_TRY(transaction.database
                   .statement("INSERT INTO message (queue_id, turn, ready, visible_ms, sent_ms, message_id, group_id, "
                              "deduplication_id, trace_header) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")
                   .bind(queue.id, turn, delay_ms == 0 ? 1 : 0, transaction.now_ms + delay_ms, transaction.now_ms,
                         message_id, message.group_id, deduplication_id, message.trace_header)
                   .run());
  const std::int64_t id = transaction.database.last_insert_id();
  Bytes sealed;
  const ByteView body = stored_body(transaction.key, message_id, message.body, sealed);
  const Bytes attributes = stored_attributes(transaction.key, message_id, message.attributes);
  return transaction.database.statement("INSERT INTO payload (message, body, attributes) VALUES (?, ?, ?)")
      .bind(id)
      .bind_blob(body)
      .bind_blob(attributes)
      .run();
}

}  // namespace

Result<std::int64_t> next_turn(const Transaction& transaction, const QueueRow& queue, const std::string& group_id) {
  if (queue.attributes.fifo) {
    return next_sequence(transaction.database, queue.id);
  }
  sqlite::Statement largest =
      transaction.database.statement("SELECT max(turn) FROM message WHERE queue_id = ? AND group_id = ?");
  FACEPIPE_TRY(largest.bind(queue.id, group_id).step());
  const std::optional<std::int64_t> last = largest.optional_integer(0);
  auto served = transaction.served.find(queue.id);
  if (served == transaction.served.end()) {
    sqlite::Statement smallest =
        transaction.database.statement("SELECT min(turn) FROM message WHERE queue_id = ? AND ready = 1");
    FACEPIPE_TRY(smallest.bind(queue.id).step());
    served = transaction.served.emplace(queue.id, smallest.optional_integer(0).value_or(0)).first;
  }
  return last ? std::max(served->second, *last + 1) : served->second;
}

Result<SentMessage> send_message(const Transaction& transaction, const QueueRow& queue,
                                 const OutgoingMessage& message) {
  FACEPIPE_TRY(validate_for_queue(message, queue.attributes));
  std::string deduplication_id = message.deduplication_id;
  if (queue.attributes.fifo) {
    if (deduplication_id.empty()) {
      deduplication_id = sha256_hex(as_bytes(message.body));
    }
    FACEPIPE_ASSIGN(std::optional<SentMessage> earlier, find_duplicate(transaction, queue, deduplication_id));
    if (earlier) {
      return *std::move(earlier);
    }
  }
  SentMessage sent{random_uuid(), {}};
  FACEPIPE_ASSIGN(const std::int64_t turn, next_turn(transaction, queue, message.group_id));
  FACEPIPE_TRY(insert_message(transaction, queue, message, sent.message_id, deduplication_id, turn));
  if (queue.attributes.fifo) {
    sent.sequence_number = sequence_number(turn);
    FACEPIPE_TRY(refresh_group(transaction, queue, message.group_id));
    FACEPIPE_TRY(transaction.database
                     .statement("INSERT OR REPLACE INTO deduplication (queue_id, deduplication_id, message_id, "
                                "sequence, expires_ms) VALUES (?, ?, ?, ?, ?)")
                     .bind(queue.id, deduplication_id, sent.message_id, turn, transaction.now_ms + kDeduplicationMs)
                     .run());
  }
  transaction.woken.insert(queue.name);
  return sent;
}

}  // namespace facepipe::queue
