// Check, back-up, erasure. Tested by maintenance_test.cc
#include "queue/store/maintenance.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <system_error>

#include "base/process.h"
#include "queue/store/payload.h"
#include "queue/store/schema.h"
#include "queue/validation.h"
#include "sqlite/backup.h"
#include "sqlite/sqlite.h"

namespace facepipe::queue {
namespace {

void read_counts(sqlite::Database& database, StoreCheck& check) {
  const auto version = database.query_integer("PRAGMA user_version");
  const auto messages = database.query_integer("SELECT count(*) FROM message");
  const auto bodiless = database.query_integer(
      "SELECT count(*) FROM message WHERE NOT EXISTS (SELECT 1 FROM payload WHERE payload.message = message.id)");
  for (const auto* value : {&version, &messages, &bodiless}) {
    if (!*value) {
      check.problems.push_back(value->error().message);
      return;
    }
  }
  check.format_version = *version;
  check.messages = *messages;
  if (*bodiless > 0) {
    check.problems.push_back(std::to_string(*bodiless) + " messages without a body");
  }
}

// Every message's content, as a receiver would get it.
void read_contents(sqlite::Database& database, const SealingKey* key, StoreCheck& check) {
  constexpr std::size_t kNamed = 10;
  sqlite::Statement rows = database.statement(
      "SELECT m.message_id, p.body, p.attributes FROM message m LEFT JOIN payload p ON p.message = m.id");
  const Status read = rows.each([&] {
    if (key == nullptr && (is_sealed(rows.blob(1)) || is_sealed(rows.blob(2)))) {
      ++check.unchecked;
      return;
    }
    const std::string id = rows.text(0);
    if (!read_payload(key, id, rows, 1)) {
      ++check.unreadable;
      if (check.unreadable_ids.size() < kNamed) {
        check.unreadable_ids.push_back(reason_text(id));
      }
    }
  });
  if (!read) {
    check.problems.push_back(read.error().message);
  }
}

// The messages that are meant; `unreadable`: how many cannot be read.
Result<std::vector<std::int64_t>> find_meant(sqlite::Database& database, const SealingKey* key,
                                             const std::function<bool(std::string_view body)>& is_meant,
                                             std::int64_t& unreadable) {
  std::vector<std::int64_t> meant;
  sqlite::Statement bodies =
      database.statement("SELECT m.id, m.message_id, p.body FROM message m LEFT JOIN payload p ON p.message = m.id");
  FACEPIPE_TRY(bodies.each([&] {
    const auto body = read_body(key, bodies.text(1), bodies.blob(2));
    if (!body || body->empty()) {
      ++unreadable;
    } else if (is_meant(*body)) {
      meant.push_back(bodies.integer(0));
    }
  }));
  return meant;
}

}  // namespace

Status flush_file(const std::filesystem::path& file) {
  const Descriptor descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  const bool flushed = descriptor.get() >= 0 && ::fsync(descriptor.get()) == 0;
  return flushed ? Status{} : Error{ErrorCode::kUnavailable, "cannot flush " + file.string()};
}

Result<std::unique_ptr<sqlite::Database>> open_stopped(const std::filesystem::path& file) {
  FACEPIPE_TRY(settle_interrupted_repair(file));
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(file, ignored)) {
    return Error{ErrorCode::kNotFound, "queue store " + file.string() + ": no such file"};
  }
  FACEPIPE_ASSIGN(std::unique_ptr<sqlite::Database> database, sqlite::Database::open(file, kStoreKind));
  FACEPIPE_TRY(database->execute("PRAGMA locking_mode = EXCLUSIVE; PRAGMA temp_store = MEMORY"));
  const Status locked = database->execute("BEGIN EXCLUSIVE; COMMIT");
  if (!locked && locked.error().code == ErrorCode::kUnavailable) {
    return locked.error();
  }
  return database;
}

Result<StoreCheck> check_store(const std::filesystem::path& file, const std::optional<SealingKey>& key) {
  FACEPIPE_ASSIGN(const std::unique_ptr<sqlite::Database> database, open_stopped(file));
  StoreCheck check;
  const auto application = database->query_integer("PRAGMA application_id");
  if (!application) {
    check.problems.push_back(application.error().message);
    return check;
  }
  if (*application != kApplicationId) {
    check.problems.emplace_back("another kind of database");
    return check;
  }
  check.problems = database->problems();
  read_counts(*database, check);
  if (check.problems.empty()) {
    read_contents(*database, key ? &*key : nullptr, check);
  }
  return check;
}

Status backup_store(const std::filesystem::path& file, const std::filesystem::path& target) {
  FACEPIPE_ASSIGN(const std::unique_ptr<sqlite::Database> database, open_stopped(file));
  return sqlite::back_up(*database, target);
}

Result<std::int64_t> erase_messages(const std::filesystem::path& file, const std::optional<SealingKey>& key,
                                    const std::function<bool(std::string_view body)>& is_meant,
                                    std::int64_t* unreadable) {
  FACEPIPE_TRY(open_stopped(file));  // it is there, and nobody has it
  FACEPIPE_ASSIGN(const std::unique_ptr<sqlite::Database> database, open_database(file, 0));
  FACEPIPE_TRY(agree_on_key(*database, key));
  std::int64_t unread = 0;
  FACEPIPE_ASSIGN(const std::vector<std::int64_t> meant,
                  find_meant(*database, key ? &*key : nullptr, is_meant, unread));
  if (unreadable != nullptr) {
    *unreadable = unread;
  }
  FACEPIPE_TRY(database->execute("PRAGMA secure_delete = ON; BEGIN"));
  for (const std::int64_t id : meant) {
    FACEPIPE_TRY(database->statement("DELETE FROM message WHERE id = ?").bind(id).run());
    FACEPIPE_TRY(database->statement("DELETE FROM payload WHERE message = ?").bind(id).run());
  }
  FACEPIPE_TRY(database->execute(kRebuildGroups));
  FACEPIPE_TRY(database->execute("COMMIT"));
  // Earlier deletions left their bytes in free pages: the file is written anew, the log is emptied.
  FACEPIPE_TRY(database->execute("VACUUM; PRAGMA wal_checkpoint(TRUNCATE)"));
  return static_cast<std::int64_t>(meant.size());
}

}  // namespace facepipe::queue
