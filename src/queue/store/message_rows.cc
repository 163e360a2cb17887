// What sending, receiving and settling share. Tested by queue_store_test.cc and its neighbours
#include "queue/store/message_rows.h"

#include <algorithm>

namespace facepipe::queue {

std::string sequence_number(std::int64_t sequence) {
  constexpr std::uint64_t kBase = 10'000'000'000'000'000'000U;  // the smallest number of 20 digits
  return std::to_string(kBase + static_cast<std::uint64_t>(sequence));
}

Status delete_message(const Transaction& transaction, const QueueRow& queue, std::int64_t id,
                      const std::string& group_id) {
  FACEPIPE_TRY(transaction.database.statement("DELETE FROM message WHERE id = ?").bind(id).run());
  FACEPIPE_TRY(transaction.database.statement("DELETE FROM payload WHERE message = ?").bind(id).run());
  if (queue.attributes.fifo) {
    FACEPIPE_TRY(refresh_group(transaction, queue, group_id));
    transaction.woken.insert(queue.name);  // the group may be free now
  }
  return {};
}

Status delete_all_messages(sqlite::Database& database, std::int64_t queue_id) {
  FACEPIPE_TRY(database.statement("DELETE FROM payload WHERE message IN (SELECT id FROM message WHERE queue_id = ?)")
                   .bind(queue_id)
                   .run());
  FACEPIPE_TRY(database.statement("DELETE FROM message WHERE queue_id = ?").bind(queue_id).run());
  // No key says where its messages are: rather once more than told to be there, and gone.
  FACEPIPE_TRY(database.statement("DELETE FROM frame").run());
  return database.statement("DELETE FROM fifo_group WHERE queue_id = ?").bind(queue_id).run();
}

Status expire_messages(const Transaction& transaction, const QueueRow& queue, int limit) {
  const std::int64_t cutoff_ms = transaction.now_ms - to_ms(queue.attributes.retention);
  std::vector<std::pair<std::int64_t, std::string>> expired;
  {
    sqlite::Statement select = transaction.database.statement(
        "SELECT id, group_id FROM message WHERE queue_id = ? AND sent_ms <= ? ORDER BY sent_ms LIMIT ?");
    FACEPIPE_TRY(
        select.bind(queue.id, cutoff_ms, limit).each([&] { expired.emplace_back(select.integer(0), select.text(1)); }));
  }
  for (const auto& [id, group_id] : expired) {
    FACEPIPE_TRY(delete_message(transaction, queue, id, group_id));
  }
  return {};
}

Status expire_deduplication(const Transaction& transaction, int limit) {
  return transaction.database
      .statement(
          "DELETE FROM deduplication WHERE (queue_id, deduplication_id) IN (SELECT queue_id, deduplication_id FROM "
          "deduplication WHERE expires_ms <= ? LIMIT ?)")
      .bind(transaction.now_ms, limit)
      .run();
}

Status refresh_group(const Transaction& transaction, const QueueRow& queue, const std::string& group_id) {
  if (!queue.attributes.fifo) {
    return {};
  }
  std::optional<std::int64_t> head;
  {
    sqlite::Statement first = transaction.database.statement(
        "SELECT turn, ready FROM message WHERE queue_id = ? AND group_id = ? AND ready <> 2 ORDER BY turn LIMIT 1");
    first.bind(queue.id, group_id);
    FACEPIPE_ASSIGN(const bool found, first.step());
    if (!found) {
      return transaction.database.statement("DELETE FROM fifo_group WHERE queue_id = ? AND group_id = ?")
          .bind(queue.id, group_id)
          .run();
    }
    if (first.integer(1) != 0) {
      head = first.integer(0);
    }
  }
  if (head) {
    sqlite::Statement in_flight = transaction.database.statement(
        "SELECT 1 FROM message WHERE queue_id = ? AND group_id = ? AND ready = 0 AND received_ms IS NOT NULL LIMIT 1");
    in_flight.bind(queue.id, group_id);
    FACEPIPE_ASSIGN(const bool locked, in_flight.step());
    if (locked) {
      head.reset();
    }
  }
  return transaction.database.statement("INSERT OR REPLACE INTO fifo_group (queue_id, group_id, head) VALUES (?, ?, ?)")
      .bind(queue.id, group_id, head)
      .run();
}

Result<QueueStatistics> statistics(const Transaction& transaction, const QueueRow& queue) {
  const auto time = [](std::int64_t ms) { return Clock::TimePoint(std::chrono::milliseconds(ms)); };
  QueueStatistics result;
  result.created_at = time(queue.created_ms);
  result.modified_at = time(queue.modified_ms);
  sqlite::Statement ready =
      transaction.database.statement("SELECT count(*) FROM message WHERE queue_id = ? AND ready = 1");
  FACEPIPE_TRY(ready.bind(queue.id).step());
  sqlite::Statement hidden = transaction.database.statement(
      "SELECT count(*) FILTER (WHERE visible_ms <= ?2), "
      "count(*) FILTER (WHERE visible_ms > ?2 AND received_ms IS NOT NULL), "
      "count(*) FILTER (WHERE visible_ms > ?2 AND received_ms IS NULL) FROM message WHERE queue_id = ?1 AND ready = 0");
  FACEPIPE_TRY(hidden.bind(queue.id, transaction.now_ms).step());
  result.visible = ready.integer(0) + hidden.integer(0);
  result.in_flight = hidden.integer(1);
  result.delayed = hidden.integer(2);
  sqlite::Statement oldest = transaction.database.statement("SELECT min(sent_ms) FROM message WHERE queue_id = ?");
  FACEPIPE_TRY(oldest.bind(queue.id).step());
  if (const auto sent_ms = oldest.optional_integer(0)) {
    result.oldest_sent_at = time(*sent_ms);
  }
  return result;
}

Result<std::optional<std::int64_t>> next_visible_ms(sqlite::Database& database, std::int64_t queue_id) {
  sqlite::Statement select = database.statement("SELECT min(visible_ms) FROM message WHERE queue_id = ? AND ready = 0");
  FACEPIPE_TRY(select.bind(queue_id).step());
  return select.optional_integer(0);
}

Result<std::optional<int>> find_once(const Transaction& transaction, const std::string& key) {
  sqlite::Statement select =
      transaction.database.statement("SELECT faces FROM frame WHERE frame_key = ? AND expires_ms > ?");
  select.bind(key, transaction.now_ms);
  return select.one([&] { return static_cast<int>(select.integer(0)); });
}

Result<StoredOnce> send_once(const Transaction& transaction, const std::string& name, const Once& once,
                             std::span<const OutgoingMessage> messages) {
  FACEPIPE_ASSIGN(const std::optional<int> earlier, find_once(transaction, once.key));
  if (earlier) {
    return StoredOnce{*earlier, true};
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
  return StoredOnce{once.value, false};
}

Status expire_once(const Transaction& transaction, int limit) {
  return transaction.database
      .statement("DELETE FROM frame WHERE frame_key IN (SELECT frame_key FROM frame WHERE expires_ms <= ? LIMIT ?)")
      .bind(transaction.now_ms, limit)
      .run();
}

Status shift_times(sqlite::Database& database, std::int64_t ms) {
  FACEPIPE_TRY(database
                   .statement("UPDATE message SET visible_ms = visible_ms + ?1, sent_ms = sent_ms + ?1, received_ms = "
                              "received_ms + ?1, first_received_ms = first_received_ms + ?1")
                   .bind(ms)
                   .run());
  FACEPIPE_TRY(database.statement("UPDATE deduplication SET expires_ms = expires_ms + ?").bind(ms).run());
  FACEPIPE_TRY(database.statement("UPDATE frame SET expires_ms = expires_ms + ?").bind(ms).run());
  FACEPIPE_TRY(database.statement("UPDATE queue SET purged_ms = purged_ms + ?").bind(ms).run());
  return database.statement("UPDATE clock SET last_ms = last_ms + ?").bind(ms).run();
}

Result<std::int64_t> last_time_ms(sqlite::Database& database) {
  FACEPIPE_ASSIGN(const std::int64_t noted, database.query_integer("SELECT coalesce(max(last_ms), 0) FROM clock"));
  // One index lookup a queue; a message may have come after the last note.
  FACEPIPE_ASSIGN(const std::int64_t sent,
                  database.query_integer("SELECT coalesce(max(last), 0) FROM (SELECT (SELECT max(sent_ms) FROM message "
                                         "WHERE queue_id = queue.id) AS last FROM queue)"));
  return std::max(noted, sent);
}

Status note_time(sqlite::Database& database, std::int64_t now_ms) {
  FACEPIPE_TRY(database.statement("DELETE FROM clock").run());
  return database.statement("INSERT INTO clock (last_ms) VALUES (?)").bind(now_ms).run();
}

}  // namespace facepipe::queue
