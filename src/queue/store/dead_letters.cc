// Tested by queue_store_dead_letter_test.cc

#include <limits>

#include "queue/queue_error.h"
#include "queue/store/message_rows.h"
#include "queue/store/payload.h"
#include "queue/validation.h"

namespace facepipe::queue {
namespace {

constexpr std::string_view kUnknownReason = "unknown: no worker that received it said why";

// A message's attributes and the id that they are stored under.
struct StoredAttributes {
  std::string message_id;
  MessageAttributes attributes;
};

// None where they cannot be read: then the row keeps what it holds.
Result<std::optional<StoredAttributes>> load_attributes(const Transaction& transaction, std::int64_t id) {
  sqlite::Statement select = transaction.database.statement(
      "SELECT m.message_id, p.attributes FROM message m JOIN payload p ON p.message = m.id WHERE m.id = ?");
  FACEPIPE_ASSIGN(const bool found, select.bind(id).step());
  if (!found) {
    return std::optional<StoredAttributes>();
  }
  StoredAttributes stored;
  stored.message_id = select.text(0);
  auto attributes = read_attributes(transaction.key, stored.message_id, select.blob(1));
  if (!attributes) {
    return std::optional<StoredAttributes>();
  }
  stored.attributes = *std::move(attributes);
  return std::optional(std::move(stored));
}

Status save_attributes(const Transaction& transaction, std::int64_t id, const StoredAttributes& stored) {
  const Bytes bytes = stored_attributes(transaction.key, stored.message_id, stored.attributes);
  return transaction.database.statement("UPDATE payload SET attributes = ? WHERE message = ?")
      .bind_blob(bytes)
      .bind(id)
      .run();
}

void add_attribute(MessageAttributes& attributes, std::string_view name, MessageAttribute attribute) {
  const std::string key(name);
  if (attributes.contains(key) || attributes.size() < kMaxMessageAttributes) {
    attributes[key] = std::move(attribute);
  }
}

// What failed last, and how often it was tried, as attributes of the message.
Status add_reason(const Transaction& transaction, std::int64_t id, std::int64_t receive_count) {
  std::string reason;
  {
    sqlite::Statement select = transaction.database.statement("SELECT failure FROM message WHERE id = ?");
    FACEPIPE_TRY(select.bind(id).step());
    reason = select.text(0);
  }
  FACEPIPE_ASSIGN(std::optional<StoredAttributes> stored, load_attributes(transaction, id));
  if (!stored) {
    return {};
  }
  add_attribute(stored->attributes, kReasonAttribute,
                {"String", reason.empty() ? std::string(kUnknownReason) : reason});
  add_attribute(stored->attributes, kReceiveCountAttribute, {"Number", std::to_string(receive_count)});
  return save_attributes(transaction, id, *stored);
}

// Its queue would only send one back that cannot be.
Result<bool> can_be_read(const Transaction& transaction, std::int64_t id) {
  sqlite::Statement select = transaction.database.statement(
      "SELECT m.message_id, p.body, p.attributes, m.group_id, m.deduplication_id, m.trace_header FROM message m LEFT "
      "JOIN payload p ON p.message = m.id WHERE m.id = ?");
  FACEPIPE_ASSIGN(const bool found, select.bind(id).step());
  return found && is_message_text(select.text(3)) && is_message_text(select.text(4)) &&
         is_message_text(select.text(5)) && read_payload(transaction.key, select.text(0), select, 1).has_value();
}

struct DeadLetter {
  std::int64_t id = 0;
  std::int64_t turn = 0;
  std::string group_id;
  std::string source;
};

// The oldest messages of a queue behind `last` that can be received or are delayed, in order.
Result<std::vector<DeadLetter>> oldest_behind(const Transaction& transaction, const QueueRow& queue,
                                              const DeadLetter& last) {
  constexpr std::int64_t kAtOnce = 1'000;
  sqlite::Statement select = transaction.database.statement(
      "SELECT id, turn, group_id, dead_letter_source FROM message WHERE queue_id = ?1 AND (ready = 1 OR received_ms IS "
      "NULL) AND (turn, id) > (?2, ?3) ORDER BY turn, id LIMIT ?4");
  select.bind(queue.id, last.turn, last.id, kAtOnce);
  return select.all([&] { return DeadLetter{select.integer(0), select.integer(1), select.text(2), select.text(3)}; });
}

Status move_back(const Transaction& transaction, const QueueRow& queue, const QueueRow& target,
                 const DeadLetter& letter) {
  sqlite::Database& database = transaction.database;
  FACEPIPE_ASSIGN(std::optional<StoredAttributes> stored, load_attributes(transaction, letter.id));
  if (stored && stored->attributes.erase(std::string(kReasonAttribute)) +
                        stored->attributes.erase(std::string(kReceiveCountAttribute)) >
                    0) {
    FACEPIPE_TRY(save_attributes(transaction, letter.id, *stored));
  }
  FACEPIPE_ASSIGN(const std::int64_t turn, next_turn(transaction, target, letter.group_id));
  // Sent anew: the retention of the queue that it goes to begins now, else an old letter would expire at once.
  FACEPIPE_TRY(database
                   .statement("UPDATE message SET queue_id = ?1, turn = ?2, ready = 1, visible_ms = ?3, sent_ms = ?3, "
                              "received_ms = NULL, first_received_ms = NULL, receive_count = 0, moved_receive_count = "
                              "0, dead_letter_source = '', failure = '', held = 0, interrupted = 0 WHERE id = ?4")
                   .bind(target.id, turn, transaction.now_ms, letter.id)
                   .run());
  transaction.woken.insert(target.name);
  FACEPIPE_TRY(refresh_group(transaction, queue, letter.group_id));
  return refresh_group(transaction, target, letter.group_id);
}

}  // namespace

Status move_to_dead_letters(const Transaction& transaction, const QueueRow& source, const QueueRow& target,
                            std::int64_t id, std::int64_t receive_count, const std::string& group_id) {
  FACEPIPE_TRY(add_reason(transaction, id, receive_count));
  FACEPIPE_ASSIGN(const std::int64_t turn, next_turn(transaction, target, group_id));
  FACEPIPE_TRY(transaction.database
                   .statement("UPDATE message SET queue_id = ?, turn = ?, ready = 1, visible_ms = ?, received_ms = "
                              "NULL, moved_receive_count = receive_count, dead_letter_source = ? WHERE id = ?")
                   .bind(target.id, turn, transaction.now_ms, source.name, id)
                   .run());
  transaction.woken.insert(target.name);
  return refresh_group(transaction, target, group_id);
}

Result<std::int64_t> redrive(const Transaction& transaction, const QueueRow& queue, const std::string& target,
                             std::int64_t limit) {
  std::optional<QueueRow> fixed;
  if (!target.empty()) {
    FACEPIPE_ASSIGN(fixed, find_queue(transaction.database, target));
    if (fixed->id == queue.id || fixed->attributes.fifo != queue.attributes.fifo) {
      return queue_error(QueueErrorKind::kInvalidParameter,
                         "Expected another queue of the same type (standard or FIFO) to move the messages to.");
    }
  }
  FACEPIPE_TRY(promote(transaction, queue));
  std::int64_t moved = 0;
  DeadLetter last{std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::min(), {}, {}};
  while (moved < limit) {  // those that stay are passed over: they must not keep the ones behind them here
    FACEPIPE_ASSIGN(std::vector<DeadLetter> letters, oldest_behind(transaction, queue, last));
    if (letters.empty()) {
      break;
    }
    last = letters.back();
    for (const DeadLetter& letter : letters) {
      if (moved == limit) {
        break;
      }
      std::optional<QueueRow> to = fixed;
      if (!to) {
        FACEPIPE_ASSIGN(to, find_queue_if(transaction.database, letter.source));
      }
      if (!to || to->id == queue.id) {
        continue;
      }
      FACEPIPE_ASSIGN(const bool readable, can_be_read(transaction, letter.id));
      if (readable) {
        FACEPIPE_TRY(move_back(transaction, queue, *to, letter));
        ++moved;
      }
    }
  }
  return moved;
}

Result<std::vector<StoredMessage>> peek(const Transaction& transaction, const QueueRow& queue, std::int64_t skip,
                                        std::int64_t limit) {
  sqlite::Statement select = transaction.database.statement(
      "SELECT m.message_id, m.receive_count, m.sent_ms, m.dead_letter_source, m.failure, m.ready, m.visible_ms, "
      "m.received_ms IS NOT NULL, p.body, p.attributes FROM message m LEFT JOIN payload p ON p.message = m.id WHERE "
      "m.queue_id = ? ORDER BY m.sent_ms, m.id LIMIT ? OFFSET ?");
  select.bind(queue.id, limit, skip);
  return select.all([&] {
    StoredMessage message;
    message.message_id = select.text(0);
    message.receive_count = static_cast<int>(select.integer(1));
    message.sent_at = Clock::TimePoint(std::chrono::milliseconds(select.integer(2)));
    message.dead_letter_source = select.text(3);
    message.failure = select.text(4);
    if (select.integer(5) == 0 && select.integer(6) > transaction.now_ms) {
      message.state = select.integer(7) != 0 ? MessageState::kInFlight : MessageState::kDelayed;
    }
    if (auto payload = read_payload(transaction.key, message.message_id, select, 8)) {
      message.body = std::move(payload->body);
      message.attributes = std::move(payload->attributes);
    } else {
      message.unreadable = unreadable_reason(payload.error());
      message.attributes =
          stand_in(transaction.key, message.message_id, select.blob(9), message.unreadable, message.receive_count)
              .attributes;
    }
    return message;
  });
}

}  // namespace facepipe::queue
