// SQL over the tables `queue` and `queue_tag`. Tested by queue_store_admin_test.cc
#include "queue/store/queue_rows.h"

#include "queue/queue_error.h"
#include "queue/store/message_rows.h"
#include "queue/validation.h"

namespace facepipe::queue {
namespace {

constexpr std::string_view kSelectByName =
    "SELECT id, name, visibility_s, delay_s, receive_wait_s, retention_s, maximum_message_bytes, dead_letter_queue, "
    "max_receive_count, fifo, content_based_deduplication, created_ms, modified_ms, purged_ms FROM queue WHERE name = "
    "?";
constexpr std::string_view kSelectAll =
    "SELECT id, name, visibility_s, delay_s, receive_wait_s, retention_s, maximum_message_bytes, dead_letter_queue, "
    "max_receive_count, fifo, content_based_deduplication, created_ms, modified_ms, purged_ms FROM queue ORDER BY name";

QueueRow read_row(const sqlite::Statement& select) {
  QueueRow row;
  row.id = select.integer(0);
  row.name = select.text(1);
  row.attributes.visibility_timeout = std::chrono::seconds(select.integer(2));
  row.attributes.delay = std::chrono::seconds(select.integer(3));
  row.attributes.receive_wait = std::chrono::seconds(select.integer(4));
  row.attributes.retention = std::chrono::seconds(select.integer(5));
  row.attributes.maximum_message_bytes = select.integer(6);
  row.attributes.dead_letter_queue = select.text(7);
  row.attributes.max_receive_count = static_cast<int>(select.integer(8));
  row.attributes.fifo = select.integer(9) != 0;
  row.attributes.content_based_deduplication = select.integer(10) != 0;
  row.created_ms = select.integer(11);
  row.modified_ms = select.integer(12);
  row.purged_ms = select.optional_integer(13);
  return row;
}

// Binds the attributes in the order that INSERT and UPDATE below share.
void bind_attributes(sqlite::Statement& statement, const QueueAttributes& attributes) {
  statement.bind(attributes.visibility_timeout.count(), attributes.delay.count(), attributes.receive_wait.count(),
                 attributes.retention.count(), attributes.maximum_message_bytes, attributes.dead_letter_queue,
                 attributes.max_receive_count, attributes.fifo ? 1 : 0, attributes.content_based_deduplication ? 1 : 0);
}

Status check_dead_letter_queue(sqlite::Database& database, const QueueAttributes& attributes) {
  if (attributes.dead_letter_queue.empty()) {
    return {};
  }
  FACEPIPE_ASSIGN(const std::optional<QueueRow> target, find_queue_if(database, attributes.dead_letter_queue));
  if (!target) {
    return queue_error(QueueErrorKind::kInvalidAttributeValue,
                       "Value for parameter RedrivePolicy is invalid. Reason: Dead letter target does not exist.");
  }
  if (target->attributes.fifo != attributes.fifo) {
    return queue_error(QueueErrorKind::kInvalidAttributeValue,
                       "Value for parameter RedrivePolicy is invalid. Reason: Dead-letter target must be the same type "
                       "of queue as the source (standard or FIFO).");
  }
  return {};
}

}  // namespace

Result<std::optional<QueueRow>> find_queue_if(sqlite::Database& database, const std::string& name) {
  sqlite::Statement select = database.statement(kSelectByName);
  select.bind(name);
  return select.one([&] { return read_row(select); });
}

Result<QueueRow> find_queue(sqlite::Database& database, const std::string& name) {
  FACEPIPE_ASSIGN(std::optional<QueueRow> row, find_queue_if(database, name));
  if (!row) {
    return queue_error(QueueErrorKind::kQueueDoesNotExist,
                       "The specified queue does not exist: '" + name.substr(0, kMaxQueueNameLength) + "'.");
  }
  return *std::move(row);
}

Result<std::vector<QueueRow>> all_queues(sqlite::Database& database) {
  sqlite::Statement select = database.statement(kSelectAll);
  return select.all([&] { return read_row(select); });
}

Result<std::vector<std::string>> queue_names(sqlite::Database& database,
                                             const std::function<bool(const QueueRow& row)>& is_meant) {
  FACEPIPE_ASSIGN(const std::vector<QueueRow> rows, all_queues(database));
  std::vector<std::string> names;
  for (const QueueRow& row : rows) {
    if (is_meant(row)) {
      names.push_back(row.name);
    }
  }
  return names;
}

Status create_queue(const Transaction& transaction, const std::string& name, const QueueAttributes& attributes,
                    const QueueTags& tags) {
  FACEPIPE_TRY(validate_queue_name(name, attributes.fifo));
  FACEPIPE_TRY(validate_queue_attributes(attributes));
  sqlite::Database& database = transaction.database;
  FACEPIPE_ASSIGN(const std::optional<QueueRow> existing, find_queue_if(database, name));
  if (existing) {
    if (existing->attributes == attributes) {
      return {};
    }
    return queue_error(QueueErrorKind::kQueueNameExists,
                       "A queue already exists with the same name and a different value for an attribute.");
  }
  FACEPIPE_TRY(check_dead_letter_queue(database, attributes));
  sqlite::Statement insert = database.statement(
      "INSERT INTO queue (visibility_s, delay_s, receive_wait_s, retention_s, maximum_message_bytes, "
      "dead_letter_queue, max_receive_count, fifo, content_based_deduplication, name, created_ms, modified_ms) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  bind_attributes(insert, attributes);
  FACEPIPE_TRY(insert.bind(name, transaction.now_ms, transaction.now_ms).run());
  return change_tags(database, database.last_insert_id(), tags, {});
}

Status delete_queue(const Transaction& transaction, const QueueRow& queue) {
  sqlite::Database& database = transaction.database;
  FACEPIPE_TRY(delete_all_messages(database, queue.id));
  for (const std::string_view sql : {"DELETE FROM deduplication WHERE queue_id = ?",
                                     "DELETE FROM queue_tag WHERE queue_id = ?", "DELETE FROM queue WHERE id = ?"}) {
    FACEPIPE_TRY(database.statement(sql).bind(queue.id).run());
  }
  transaction.served.erase(queue.id);
  transaction.woken.insert(queue.name);  // whoever waits learns that the queue is gone
  return {};
}

Status set_attributes(const Transaction& transaction, const QueueRow& queue, const QueueAttributes& attributes) {
  sqlite::Database& database = transaction.database;
  if (queue.attributes.fifo != attributes.fifo) {
    return queue_error(QueueErrorKind::kInvalidAttributeValue, "The attribute FifoQueue cannot change.");
  }
  // One that was deleted since says nothing against the other attributes.
  if (attributes.dead_letter_queue != queue.attributes.dead_letter_queue) {
    FACEPIPE_TRY(check_dead_letter_queue(database, attributes));
  }
  sqlite::Statement update = database.statement(
      "UPDATE queue SET visibility_s = ?, delay_s = ?, receive_wait_s = ?, retention_s = ?, maximum_message_bytes = ?, "
      "dead_letter_queue = ?, max_receive_count = ?, fifo = ?, content_based_deduplication = ?, modified_ms = ? "
      "WHERE id = ?");
  bind_attributes(update, attributes);
  return update.bind(transaction.now_ms, queue.id).run();
}

Result<QueueTags> tags(sqlite::Database& database, std::int64_t queue_id) {
  QueueTags tags;
  sqlite::Statement select = database.statement("SELECT name, value FROM queue_tag WHERE queue_id = ?");
  FACEPIPE_TRY(select.bind(queue_id).each([&] { tags[select.text(0)] = select.text(1); }));
  return tags;
}

Status change_tags(sqlite::Database& database, std::int64_t queue_id, const QueueTags& set,
                   std::span<const std::string> removed) {
  for (const auto& [key, value] : set) {
    if (key.empty() || key.size() > 128 || value.size() > 256 || !is_message_text(key) || !is_message_text(value)) {
      return queue_error(QueueErrorKind::kInvalidParameter,
                         "A tag's key must be text of 1 to 128 bytes, its value of "
                         "0 to 256.");
    }
    FACEPIPE_TRY(database.statement("INSERT OR REPLACE INTO queue_tag (queue_id, name, value) VALUES (?, ?, ?)")
                     .bind(queue_id, key, value)
                     .run());
  }
  for (const std::string& key : removed) {
    FACEPIPE_TRY(database.statement("DELETE FROM queue_tag WHERE queue_id = ? AND name = ?").bind(queue_id, key).run());
  }
  sqlite::Statement count = database.statement("SELECT count(*) FROM queue_tag WHERE queue_id = ?");
  FACEPIPE_TRY(count.bind(queue_id).step());
  if (count.integer(0) > static_cast<std::int64_t>(kMaxQueueTags)) {
    return queue_error(QueueErrorKind::kInvalidParameter, "Too many tags added for the queue: at most 50.");
  }
  return {};
}

Result<std::int64_t> next_sequence(sqlite::Database& database, std::int64_t queue_id) {
  sqlite::Statement update =
      database.statement("UPDATE queue SET last_sequence = last_sequence + 1 WHERE id = ? RETURNING last_sequence");
  update.bind(queue_id);
  FACEPIPE_ASSIGN(const bool found, update.step());
  if (!found) {
    return Error{ErrorCode::kInternal, "queue store: no queue with id " + std::to_string(queue_id)};
  }
  const std::int64_t sequence = update.integer(0);
  FACEPIPE_TRY(update.step());
  return sequence;
}

}  // namespace facepipe::queue
