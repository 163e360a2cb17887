// Tested by queue_store_full_test.cc, tests/fault/test_disk_full.py
#include "queue/store/room.h"

#include "queue/validation.h"

namespace facepipe::queue {
namespace {

constexpr std::int64_t kSpareBytes = 256 << 10;
// Values of SQLite's setting; the library's default is the build's.
constexpr std::int64_t kSecureDeleteOn = 1;
constexpr std::int64_t kSecureDeleteFast = 2;

}  // namespace

Status keep_spare_pages(sqlite::Database& database) {
  {
    sqlite::Statement select = database.statement("SELECT 1 FROM payload WHERE message = -1");
    FACEPIPE_ASSIGN(const bool there, select.step());
    if (there) {
      return {};
    }
  }
  return database.statement("INSERT INTO payload (message, body, attributes) VALUES (-1, zeroblob(?), x'')")
      .bind(kSpareBytes)
      .run();
}

Status give_up_spare_pages(sqlite::Database& database) {
  FACEPIPE_ASSIGN(const std::int64_t secure_delete, database.query_integer("PRAGMA secure_delete"));
  if (secure_delete == kSecureDeleteOn) {
    FACEPIPE_TRY(database.execute("PRAGMA secure_delete = FAST"));
  }
  return database.statement("DELETE FROM payload WHERE message = -1").run();
}

Status drop_cut_off_trial(sqlite::Database& database) {
  return database.statement("DELETE FROM payload WHERE message = -1 AND length(body) <> ?").bind(kSpareBytes).run();
}

Status set_spare_pages_aside(sqlite::Database& database) {
  FACEPIPE_TRY(database.transact([&database] { return keep_spare_pages(database); }));
  FACEPIPE_ASSIGN(const std::int64_t secure_delete, database.query_integer("PRAGMA secure_delete"));
  return secure_delete == kSecureDeleteFast ? database.execute("PRAGMA secure_delete = ON") : Status{};
}

Status trial_write(sqlite::Database& database) {
  FACEPIPE_TRY(database.checkpoint());
  FACEPIPE_TRY(database.transact([&database] {
    return database
        .statement("INSERT OR REPLACE INTO payload (message, body, attributes) VALUES (-1, zeroblob(?), x'')")
        .bind(static_cast<std::int64_t>(kMaxMessageBytes))
        .run();
  }));
  FACEPIPE_TRY(database.transact([&database] { return drop_cut_off_trial(database); }));
  return set_spare_pages_aside(database);
}

}  // namespace facepipe::queue
