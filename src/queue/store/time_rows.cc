// Tested by queue_store_clock_test.cc
#include "queue/store/time_rows.h"

#include <algorithm>

namespace facepipe::queue {

Status shift_times(Database& database, std::int64_t ms) {
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

Result<std::int64_t> last_time_ms(Database& database) {
  FACEPIPE_ASSIGN(const std::int64_t noted, database.query_integer("SELECT coalesce(max(last_ms), 0) FROM clock"));
  // One index lookup a queue; a message may have come after the last note.
  FACEPIPE_ASSIGN(const std::int64_t sent,
                  database.query_integer("SELECT coalesce(max(last), 0) FROM (SELECT (SELECT max(sent_ms) FROM message "
                                         "WHERE queue_id = queue.id) AS last FROM queue)"));
  return std::max(noted, sent);
}

Status note_time(Database& database, std::int64_t now_ms) {
  FACEPIPE_TRY(database.statement("DELETE FROM clock").run());
  return database.statement("INSERT INTO clock (last_ms) VALUES (?)").bind(now_ms).run();
}

}  // namespace facepipe::queue
