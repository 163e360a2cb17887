// What is done with a receipt: removal, completion and change of visibility. Tested by queue_store_test.cc

#include "queue/queue_error.h"
#include "queue/store/message_rows.h"
#include "queue/validation.h"

namespace facepipe::queue {
namespace {

// SQS: a message can be hidden for 12 hours from its receipt in all.
constexpr std::int64_t kMaxHiddenMs = 43'200'000;

struct Receivable {
  std::int64_t id = 0;
  std::int64_t visible_ms = 0;
  std::int64_t received_ms = 0;
  std::string group_id;
  bool in_flight = false;  // under the receipt in question
};

// The message of a receipt; nullopt if it is gone (deleted, expired, moved to another queue).
Result<std::optional<Receivable>> find_message(const Transaction& transaction, const Receipt& receipt) {
  sqlite::Statement select = transaction.database.statement(
      "SELECT visible_ms, received_ms, receive_count, ready, group_id FROM message WHERE id = ? AND queue_id = ?");
  select.bind(receipt.message, receipt.queue_id);
  FACEPIPE_ASSIGN(const bool found, select.step());
  if (!found) {
    return std::optional<Receivable>();
  }
  Receivable message;
  message.id = receipt.message;
  message.visible_ms = select.integer(0);
  message.received_ms = select.integer(1);
  message.group_id = select.text(4);
  message.in_flight =
      select.integer(2) == receipt.receive_count && select.integer(3) == 0 && message.visible_ms > transaction.now_ms;
  return std::optional(std::move(message));
}

// complete_message without its way back.
Status remove_and_send(const Transaction& transaction, const QueueRow& queue, const Completion& completion,
                       const std::string& answer_queue) {
  FACEPIPE_TRY(remove_message(transaction, queue, completion.receipt_handle, RemovalRule::kMustExist));
  if (completion.answer) {
    FACEPIPE_ASSIGN(const QueueRow target, find_queue(transaction.database, answer_queue));
    FACEPIPE_TRY(send_message(transaction, target, *completion.answer));
  }
  return {};
}

}  // namespace

Status remove_message(const Transaction& transaction, const QueueRow& queue, const std::string& handle,
                      RemovalRule rule) {
  FACEPIPE_ASSIGN(const Receipt receipt, transaction.receipts.parse(handle, queue.id));
  FACEPIPE_ASSIGN(const std::optional<Receivable> message, find_message(transaction, receipt));
  if (!message) {
    if (rule == RemovalRule::kIdempotent) {
      return {};
    }
    return queue_error(QueueErrorKind::kMessageNotInflight,
                       "The message is gone: it was completed already, it expired, "
                       "or it moved to the dead-letter queue.");
  }
  if (queue.attributes.fifo && !message->in_flight) {
    return queue_error(QueueErrorKind::kInvalidParameter,
                       "Value for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired.");
  }
  return delete_message(transaction, queue, message->id, message->group_id);
}

Status complete_message(const Transaction& transaction, const QueueRow& queue, const Completion& completion,
                        const std::string& answer_queue) {
  sqlite::Database& database = transaction.database;
  FACEPIPE_TRY(database.statement("SAVEPOINT completion").run());
  Status completed = remove_and_send(transaction, queue, completion, answer_queue);
  if (!completed) {
    if (queue_error_kind(completed.error()) == QueueErrorKind::kNone) {
      return completed;
    }
    FACEPIPE_TRY(database.statement("ROLLBACK TO completion").run());
  }
  FACEPIPE_TRY(database.statement("RELEASE completion").run());
  return completed;
}

Status change_visibility(const Transaction& transaction, const QueueRow& queue, const VisibilityChange& change) {
  FACEPIPE_TRY(validate_visibility_timeout(change.timeout));
  FACEPIPE_ASSIGN(const Receipt receipt, transaction.receipts.parse(change.receipt_handle, queue.id));
  FACEPIPE_ASSIGN(const std::optional<Receivable> message, find_message(transaction, receipt));
  if (!message) {
    return queue_error(QueueErrorKind::kInvalidParameter,
                       "Value for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not "
                       "available for visibility timeout change.");
  }
  if (!message->in_flight) {
    return queue_error(QueueErrorKind::kMessageNotInflight, "The specified message isn't in flight.");
  }
  const std::int64_t visible_ms = transaction.now_ms + to_ms(change.timeout);
  if (visible_ms - message->received_ms > kMaxHiddenMs) {
    return queue_error(QueueErrorKind::kInvalidParameter,
                       "Total VisibilityTimeout for the message is beyond the limit [43200 seconds].");
  }
  // At once, or since its work failed: given back, so nobody holds it any more. What this process's own receiver gives
  // back at once it had not begun, or could not store: that receipt counts as little as one that a crash ended.
  const bool at_once = change.timeout.count() == 0 && !change.failure;
  const bool held = change.timeout.count() != 0 && !change.failure;
  FACEPIPE_TRY(transaction.database
                   .statement("UPDATE message SET visible_ms = ?, moved_receive_count = moved_receive_count + held * "
                              "?, held = held * ? WHERE id = ?")
                   .bind(visible_ms, at_once, held, message->id)
                   .run());
  if (change.failure) {
    FACEPIPE_TRY(transaction.database.statement("UPDATE message SET failure = ? WHERE id = ?")
                     .bind(reason_text(*change.failure), message->id)
                     .run());
  }
  transaction.woken.insert(queue.name);
  return {};
}

}  // namespace facepipe::queue
