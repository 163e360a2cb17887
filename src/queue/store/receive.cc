// Receiving: promotion, expiry, redrive, the receipt. Tested by queue_store_test.cc, queue_store_fifo_test.cc,
// queue_store_fairness_test.cc
#include <algorithm>

#include "queue/store/interrupted_repair.h"
#include "queue/store/message_rows.h"
#include "queue/store/payload.h"
#include "queue/validation.h"

namespace facepipe::queue {
namespace {

constexpr std::int64_t kPromotionLimit = 1'000;
// Expired or poisonous messages that one call clears away before it gives up and answers with what it has.
constexpr int kDisposalLimit = 10'000;
// A message that ends the process each time that it is worked on must reach the dead-letter queue in the end.
constexpr std::int64_t kUncountedInterruptions = 20;
// Once may be anything that ends a process; from the second time on the message is under suspicion.
constexpr std::int64_t kSuspectInterruptions = 2;

// `ready` of a message that cannot be read, on a queue without dead letters.
constexpr std::int64_t kPutAside = 2;

struct Candidate {
  std::int64_t id = 0;
  std::int64_t turn = 0;
  std::int64_t sent_ms = 0;
  std::int64_t receive_count = 0;
  std::int64_t moved_receive_count = 0;
  std::int64_t interrupted = 0;
  std::string group_id;
};

enum class Fate { kServed, kGone };

class Receiver {
 public:
  Receiver(const Transaction& transaction, const QueueRow& queue, const ReceiveOptions& options)
      : transaction_(transaction), queue_(queue), options_(options) {}

  Result<std::vector<ReceivedMessage>> run() {
    FACEPIPE_TRY(expire_messages(transaction_, queue_, kDisposalLimit));
    FACEPIPE_TRY(promote(transaction_, queue_));
    FACEPIPE_TRY(find_dead_letter_queue());
    while (wanted() > 0 && disposals_ < kDisposalLimit) {
      FACEPIPE_ASSIGN(const bool more, queue_.attributes.fifo ? serve_group() : serve_ready());
      if (!more) {
        break;
      }
    }
    return std::move(received_);
  }

 private:
  [[nodiscard]] std::int64_t wanted() const {
    return options_.max_messages - static_cast<std::int64_t>(received_.size());
  }

  Status find_dead_letter_queue() {
    const std::string& name = queue_.attributes.dead_letter_queue;
    if (!name.empty()) {
      // Absent if it was deleted meanwhile: then messages stay.
      FACEPIPE_ASSIGN(dead_letter_queue_, find_queue_if(transaction_.database, name));
    }
    return {};
  }

  // Serves up to wanted() messages of a standard queue. False: none was left to look at.
  Result<bool> serve_ready() {
    sqlite::Statement select = transaction_.database.statement(
        "SELECT id, turn, sent_ms, receive_count, moved_receive_count, interrupted, group_id FROM message "
        "WHERE queue_id = ? AND ready = 1 ORDER BY turn, id LIMIT ?");
    const std::int64_t limit = wanted();
    select.bind(queue_.id, limit);
    FACEPIPE_ASSIGN(const std::vector<Candidate> candidates, read_candidates(std::move(select)));
    for (const Candidate& candidate : candidates) {
      const bool suspect = candidate.interrupted >= kSuspectInterruptions;
      if (suspect && !received_.empty()) {
        return false;  // it may be what ends the process: it gets a receipt of its own
      }
      FACEPIPE_ASSIGN(const Fate fate, settle(candidate));
      if (fate == Fate::kServed) {
        std::int64_t& served = transaction_.served[queue_.id];
        served = std::max(served, candidate.turn);
        if (suspect) {
          return false;
        }
      }
    }
    return static_cast<std::int64_t>(candidates.size()) == limit;
  }

  // Serves messages of the free group whose head waits longest, in order. False: no free group.
  Result<bool> serve_group() {
    std::string group_id;
    {
      sqlite::Statement first = transaction_.database.statement(
          "SELECT group_id FROM fifo_group WHERE queue_id = ? AND head IS NOT NULL ORDER BY head LIMIT 1");
      first.bind(queue_.id);
      FACEPIPE_ASSIGN(const bool found, first.step());
      if (!found) {
        return false;
      }
      group_id = first.text(0);
    }
    sqlite::Statement select = transaction_.database.statement(
        "SELECT id, turn, sent_ms, receive_count, moved_receive_count, interrupted, group_id FROM message WHERE "
        "queue_id = ?1 AND "
        "group_id = ?2 AND turn < coalesce((SELECT min(turn) FROM message WHERE queue_id = ?1 AND group_id = ?2 AND "
        "ready = 0), 9223372036854775807) AND ready = 1 ORDER BY turn LIMIT ?3");
    select.bind(queue_.id, group_id, wanted());
    FACEPIPE_ASSIGN(const std::vector<Candidate> candidates, read_candidates(std::move(select)));
    for (const Candidate& candidate : candidates) {
      FACEPIPE_TRY(settle(candidate));
    }
    FACEPIPE_TRY(refresh_group(transaction_, queue_, group_id));
    return !candidates.empty();
  }

  static Result<std::vector<Candidate>> read_candidates(sqlite::Statement select) {
    return select.all([&] {
      return Candidate{select.integer(0), select.integer(1), select.integer(2), select.integer(3),
                       select.integer(4), select.integer(5), select.text(6)};
    });
  }

  Result<Fate> settle(const Candidate& candidate) {
    const std::int64_t cutoff_ms = transaction_.now_ms - to_ms(queue_.attributes.retention);
    if (candidate.sent_ms <= cutoff_ms) {
      ++disposals_;
      FACEPIPE_TRY(delete_message(transaction_, queue_, candidate.id, candidate.group_id));
      return Fate::kGone;
    }
    const std::int64_t receives_here = candidate.receive_count - candidate.moved_receive_count;
    if (dead_letter_queue_ && receives_here >= queue_.attributes.max_receive_count) {
      ++disposals_;
      FACEPIPE_TRY(move_to_dead_letters(transaction_, queue_, *dead_letter_queue_, candidate.id,
                                        candidate.receive_count, candidate.group_id));
      return Fate::kGone;
    }
    return serve(candidate);
  }

  // Reads the message, hides it and counts the receipt. One that cannot be read is put aside, so that the rest flows.
  Result<Fate> serve(const Candidate& candidate) {
    ReceivedMessage message;
    FACEPIPE_ASSIGN(const std::string unreadable, read(candidate, message));
    if (!unreadable.empty()) {
      ++disposals_;
      FACEPIPE_TRY(put_aside(candidate, reason_text(message.message_id), unreadable));
      return Fate::kGone;
    }
    FACEPIPE_TRY(hide(candidate));
    received_.push_back(std::move(message));
    return Fate::kServed;
  }

  // To the dead letters; where there are none it stays, and nobody receives it (docs/formats/queue-store.md).
  Status put_aside(const Candidate& candidate, const std::string& message_id, const std::string& reason) {
    sqlite::Database& database = transaction_.database;
    const bool to_dead_letters = dead_letter_queue_ && dead_letter_queue_->id != queue_.id;
    if (transaction_.on_put_aside) {
      transaction_.on_put_aside(queue_.name, message_id, reason);
    }
    FACEPIPE_TRY(database.statement("UPDATE message SET failure = ?, ready = ? WHERE id = ?")
                     .bind(reason, to_dead_letters ? std::int64_t{1} : kPutAside, candidate.id)
                     .run());
    return to_dead_letters ? move_to_dead_letters(transaction_, queue_, *dead_letter_queue_, candidate.id,
                                                  candidate.receive_count, candidate.group_id)
                           : Status{};
  }

  Status hide(const Candidate& candidate) {
    const auto timeout = options_.visibility_timeout.value_or(queue_.attributes.visibility_timeout);
    return transaction_.database
        .statement(
            "UPDATE message SET ready = 0, visible_ms = ?2, received_ms = ?1, first_received_ms = "
            "coalesce(first_received_ms, ?1), receive_count = receive_count + 1, held = ?4 WHERE id = ?3")
        .bind(transaction_.now_ms, transaction_.now_ms + to_ms(timeout), candidate.id,
              options_.ends_with_process ? 1 : 0)
        .run();
  }

  // As it will be after its receipt. Returns why it cannot be read and is to be put aside; empty: it is to be served. A
  // dead letter is served in any case: it is where it belongs, and whoever looks must see the reason.
  Result<std::string> read(const Candidate& candidate, ReceivedMessage& message) {
    sqlite::Statement select = transaction_.database.statement(
        "SELECT m.message_id, m.receive_count, m.sent_ms, m.first_received_ms, m.group_id, m.deduplication_id, "
        "m.trace_header, m.dead_letter_source, p.body, p.attributes, m.turn, m.failure FROM message m LEFT JOIN "
        "payload p ON p.message "
        "= m.id WHERE m.id = ?");
    select.bind(candidate.id);
    FACEPIPE_ASSIGN(const bool found, select.step());
    if (!found) {
      return Error{ErrorCode::kInvalidData, "queue store: a message that is in an index only"};
    }
    const std::int64_t receive_count = select.integer(1) + 1;
    message.message_id = select.text(0);
    message.receive_count = static_cast<int>(receive_count);
    message.receipt_handle = transaction_.receipts.handle({queue_.id, candidate.id, receive_count});
    message.sent_at = Clock::TimePoint(std::chrono::milliseconds(select.integer(2)));
    message.first_received_at =
        Clock::TimePoint(std::chrono::milliseconds(select.optional_integer(3).value_or(transaction_.now_ms)));
    message.group_id = select.text(4);
    message.deduplication_id = select.text(5);
    message.trace_header = select.text(6);
    message.dead_letter_source = select.text(7);
    if (queue_.attributes.fifo) {
      message.sequence_number = sequence_number(select.integer(10));
    }
    Result<Payload> payload = read_payload(transaction_.key, message.message_id, select, 8);
    if (payload && !(is_message_text(message.group_id) && is_message_text(message.deduplication_id) &&
                     is_message_text(message.trace_header) && is_message_text(message.dead_letter_source))) {
      payload = Error{ErrorCode::kInvalidData, "queue store: message " + message.message_id + ": its row is damaged"};
    }
    if (!payload) {
      const std::string failure = select.text(11);
      const std::string reason = failure.starts_with(kUnreadableReason) ? failure : unreadable_reason(payload.error());
      if (message.dead_letter_source.empty()) {
        return reason;
      }
      payload = stand_in(transaction_.key, message.message_id, select.blob(9), reason, candidate.receive_count);
      for (std::string* text : {&message.message_id, &message.group_id, &message.deduplication_id,
                                &message.trace_header, &message.dead_letter_source}) {
        *text = reason_text(*text);
      }
    }
    message.body = std::move(payload->body);
    message.attributes = std::move(payload->attributes);
    return std::string();
  }

  const Transaction& transaction_;
  const QueueRow& queue_;
  const ReceiveOptions& options_;
  std::optional<QueueRow> dead_letter_queue_;
  std::vector<ReceivedMessage> received_;
  int disposals_ = 0;
};

}  // namespace

Result<std::vector<ReceivedMessage>> receive_messages(const Transaction& transaction, const QueueRow& queue,
                                                      const ReceiveOptions& options) {
  return Receiver(transaction, queue, options).run();
}

Status release_held(sqlite::Database& database, std::int64_t now_ms) {
  FACEPIPE_TRY(database
                   .statement("UPDATE message SET ready = 1, visible_ms = ?1, held = 0, interrupted = interrupted + 1, "
                              "receive_count = receive_count - (interrupted < ?2) WHERE held = 1 AND ready = 0")
                   .bind(now_ms, kUncountedInterruptions)
                   .run());
  // What could not be read is tried again: by another release, or with a dead-letter queue to go to.
  FACEPIPE_TRY(database.execute("UPDATE message SET ready = 1 WHERE ready = 2"));
  return database.execute(kRebuildGroups);
}

Status promote(const Transaction& transaction, const QueueRow& queue) {
  std::vector<std::string> groups;
  if (queue.attributes.fifo) {
    sqlite::Statement select = transaction.database.statement(
        "SELECT DISTINCT group_id FROM (SELECT group_id FROM message WHERE queue_id = ? AND ready = 0 AND visible_ms "
        "<= ? ORDER BY visible_ms, id LIMIT ?)");
    select.bind(queue.id, transaction.now_ms, kPromotionLimit);
    FACEPIPE_ASSIGN(groups, select.all([&] { return select.text(0); }));
  }
  FACEPIPE_TRY(transaction.database
                   .statement("UPDATE message SET ready = 1 WHERE id IN (SELECT id FROM message WHERE queue_id = ? AND "
                              "ready = 0 AND visible_ms <= ? ORDER BY visible_ms, id LIMIT ?)")
                   .bind(queue.id, transaction.now_ms, kPromotionLimit)
                   .run());
  for (const std::string& group_id : groups) {
    FACEPIPE_TRY(refresh_group(transaction, queue, group_id));
  }
  return {};
}

}  // namespace facepipe::queue
