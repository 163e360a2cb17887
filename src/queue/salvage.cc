// A new store of what a damaged one still gives. Tested by maintenance_test.cc
#include <array>
#include <set>
#include <system_error>
#include <utility>

#include "base/log.h"
#include "queue/maintenance.h"
#include "queue/schema.h"
#include "queue/sqlite.h"
#include "queue/stopped_store.h"

namespace facepipe::queue {
namespace {

namespace fs = std::filesystem;

// Each reads the ids of messages another way: a damaged page ends some of them, and seldom all.
constexpr std::array<std::string_view, 8> kWaysToIds = {
    "SELECT id FROM message NOT INDEXED ORDER BY id",
    "SELECT id FROM message NOT INDEXED ORDER BY id DESC",
    "SELECT message FROM payload ORDER BY message",
    "SELECT message FROM payload ORDER BY message DESC",
    "SELECT id FROM message INDEXED BY message_sent WHERE queue_id > 0 ORDER BY queue_id, sent_ms",
    "SELECT id FROM message INDEXED BY message_sent WHERE queue_id > 0 ORDER BY queue_id DESC, sent_ms DESC",
    "SELECT id FROM message INDEXED BY message_group WHERE queue_id > 0 ORDER BY queue_id, group_id, turn",
    "SELECT id FROM message INDEXED BY message_group WHERE queue_id > 0 ORDER BY queue_id DESC, group_id DESC, turn "
    "DESC",
};

// Tables that are copied as far as they can be read: without them the store works, and forgets.
struct PlainTable {
  std::string_view select;
  std::string_view insert;
  int columns;
  std::int64_t since_version;
};
constexpr std::array<PlainTable, 5> kPlainTables = {{
    {"SELECT * FROM queue", "INSERT OR IGNORE INTO queue VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", 15, 1},
    {"SELECT * FROM queue_tag", "INSERT OR IGNORE INTO queue_tag VALUES (?, ?, ?)", 3, 1},
    {"SELECT * FROM deduplication", "INSERT OR IGNORE INTO deduplication VALUES (?, ?, ?, ?, ?)", 5, 1},
    {"SELECT * FROM frame", "INSERT OR IGNORE INTO frame VALUES (?, ?, ?)", 3, 2},
    {"SELECT * FROM clock", "INSERT OR IGNORE INTO clock VALUES (?)", 1, 2},
}};

constexpr std::string_view kSelectMessage2 = "SELECT * FROM message WHERE id = ?";
constexpr std::string_view kSelectMessage1 = "SELECT *, '' FROM message WHERE id = ?";
constexpr int kMessageColumns = 16;

void copy_plain_tables(Database& from, std::int64_t version, Database& to) {
  for (const PlainTable& table : kPlainTables) {
    if (version < table.since_version) {
      continue;
    }
    Statement rows = from.statement(table.select);
    while (true) {
      const auto found = rows.step();
      if (!found || !*found) {
        break;  // damaged from here on, or the end
      }
      Statement insert = to.statement(table.insert);
      for (int column = 0; column < table.columns; ++column) {
        insert.bind_column(rows, column);
      }
      (void)insert.run();  // a row that does not fit is damage too
    }
  }
}

std::set<std::int64_t> find_ids(Database& from, bool& readable) {
  std::set<std::int64_t> ids;
  for (const std::string_view way : kWaysToIds) {
    Statement rows = from.statement(way);
    while (true) {
      const auto found = rows.step();
      if (!found || !*found) {
        readable = readable || found.has_value();
        break;
      }
      if (rows.integer(0) > 0) {
        ids.insert(rows.integer(0));
      }
    }
  }
  return ids;
}

// False: the message, or its body, cannot be read. An error is the new file's.
Result<bool> copy_message(Database& from, std::int64_t version, std::int64_t id, Database& to) {
  Statement row = from.statement(version < 2 ? kSelectMessage1 : kSelectMessage2);
  const auto found = row.bind(id).step();
  Statement payload = from.statement("SELECT message, body, attributes FROM payload WHERE message = ?");
  const auto body = payload.bind(id).step();
  if (!found || !*found || !body || !*body) {
    return false;
  }
  Statement insert = to.statement("INSERT INTO message VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  for (int column = 0; column < kMessageColumns; ++column) {
    insert.bind_column(row, column);
  }
  FACEPIPE_TRY(insert.run());
  Statement insert_payload = to.statement("INSERT INTO payload VALUES (?, ?, ?)");
  for (int column = 0; column < 3; ++column) {
    insert_payload.bind_column(payload, column);
  }
  FACEPIPE_TRY(insert_payload.run());
  return true;
}

// Messages whose queue could not be read get one of their own.
Status make_missing_queues(Database& to, Salvage& salvage) {
  std::vector<std::int64_t> missing;
  {
    Statement rows = to.statement(
        "SELECT DISTINCT queue_id FROM message WHERE queue_id NOT IN (SELECT id FROM queue) ORDER BY queue_id");
    while (true) {
      FACEPIPE_ASSIGN(const bool found, rows.step());
      if (!found) {
        break;
      }
      missing.push_back(rows.integer(0));
    }
  }
  for (const std::int64_t id : missing) {
    const std::string name = "recovered-" + std::to_string(id);
    FACEPIPE_TRY(to.statement("INSERT INTO queue VALUES (?, ?, 30, 0, 0, 1209600, 1048576, '', 0, 0, 0, 0, 0, NULL, 0)")
                     .bind(id)
                     .bind(std::string_view(name))
                     .run());
    salvage.made_queues.push_back(name);
  }
  return {};
}

void copy_key(Database& from, Database& to) {
  Statement row = from.statement("SELECT receipt_key FROM secret");
  const auto found = row.step();
  if (found && *found && row.blob(0).size() >= 16) {
    Statement update = to.statement("UPDATE secret SET receipt_key = ?");
    update.bind_column(row, 0);
    (void)update.run();  // without it handles that clients hold now are refused, and their messages come again
  }
  // Without it the next opening with a key enters that one's id.
  Statement sealed = from.statement("SELECT key_id FROM secret");
  if (const auto known = sealed.step(); known && *known) {
    Statement update = to.statement("UPDATE secret SET key_id = ?");
    update.bind_column(sealed, 0);
    (void)update.run();
  }
}

Status copy_all(Database& from, Database& to, Salvage& salvage) {
  const auto version = from.query_integer("PRAGMA user_version");
  if (!version || *version < 1 || *version > kFormatVersion) {
    return {};  // not even the first page
  }
  FACEPIPE_TRY(to.execute("BEGIN"));
  copy_key(from, to);
  copy_plain_tables(from, *version, to);
  bool readable = false;
  std::int64_t lost = 0;
  for (const std::int64_t id : find_ids(from, readable)) {
    FACEPIPE_ASSIGN(const bool copied, copy_message(from, *version, id, to));
    ++(copied ? salvage.recovered : lost);
  }
  if (readable) {
    salvage.lost = lost;
  }
  FACEPIPE_TRY(make_missing_queues(to, salvage));
  FACEPIPE_TRY(to.execute(kRebuildGroups));
  return to.execute("COMMIT");
}

std::string file_time(Clock::TimePoint time) {
  std::string text;
  for (const char c : format_utc(time)) {
    if (c != '-' && c != ':' && c != '.') {
      text += c;
    }
  }
  return text;
}

// A file and its write-ahead log, which belong together.
Status rename_store(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::rename(from, to, error);
  if (!error && fs::exists(from.native() + "-wal", error)) {
    fs::rename(from.native() + "-wal", to.native() + "-wal", error);
  }
  return error ? Error{ErrorCode::kPermission,
                       "cannot rename " + from.string() + " to " + to.string() + ": " + error.message()}
               : Status{};
}

Status make_new_file(const fs::path& damaged, const fs::path& file, Salvage& salvage) {
  FACEPIPE_ASSIGN(const std::unique_ptr<Database> from, open_stopped(damaged));
  FACEPIPE_ASSIGN(const std::unique_ptr<Database> to, open_database(file, 0));
  return copy_all(*from, *to, salvage);
}

}  // namespace

Result<Salvage> salvage_store(const fs::path& file, const Clock& clock) {
  FACEPIPE_TRY(open_stopped(file));  // nobody has it
  Salvage salvage;
  salvage.damaged = file.native() + ".damaged-" + file_time(clock.now());
  const fs::path part = file.native() + ".new";
  std::error_code ignored;
  fs::remove(part, ignored);
  fs::remove(part.native() + "-wal", ignored);
  FACEPIPE_TRY(rename_store(file, salvage.damaged));
  Status made = make_new_file(salvage.damaged, part, salvage);
  if (made) {
    made = rename_store(part, file);
  }
  if (!made) {
    FACEPIPE_TRY(rename_store(salvage.damaged, file));
    return made.error();
  }
  return salvage;
}

}  // namespace facepipe::queue
