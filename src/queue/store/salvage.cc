// A new store of what a damaged one still gives. Tested by maintenance_test.cc
#include <array>
#include <map>
#include <set>
#include <system_error>

#include "base/file_lock.h"
#include "base/log.h"
#include "base/time_text.h"
#include "queue/store/interrupted_repair.h"
#include "queue/store/maintenance.h"
#include "queue/store/payload.h"
#include "queue/store/schema.h"
#include "sqlite/sqlite.h"

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
constexpr std::string_view kSelectMessage1 = "SELECT *, '', 0, 0 FROM message WHERE id = ?";
constexpr int kMessageColumns = 18;

// Tables whose ids are never used again.
constexpr std::array<std::string_view, 2> kTablesOfIds = {"queue", "message"};

Status copy_row(const sqlite::Statement& row, int columns, sqlite::Statement insert) {
  for (int column = 0; column < columns; ++column) {
    insert.bind_column(row, column);
  }
  return insert.run();
}

void copy_plain_tables(sqlite::Database& from, std::int64_t version, sqlite::Database& to) {
  for (const PlainTable& table : kPlainTables) {
    if (version < table.since_version) {
      continue;
    }
    sqlite::Statement rows = from.statement(table.select);
    (void)rows.each([&] {                                               // until damage, or the end
      (void)copy_row(rows, table.columns, to.statement(table.insert));  // a row that does not fit is damage too
    });
  }
}

std::set<std::int64_t> find_ids(sqlite::Database& from, bool& readable) {
  std::set<std::int64_t> ids;
  for (const std::string_view way : kWaysToIds) {
    sqlite::Statement rows = from.statement(way);
    const Status read = rows.each([&] {
      if (rows.integer(0) > 0) {
        ids.insert(rows.integer(0));
      }
    });
    readable = readable || read.has_value();
  }
  return ids;
}

// The last id that each of kTablesOfIds gave out; nothing where that cannot be read.
std::optional<std::map<std::string, std::int64_t>> find_last_ids(sqlite::Database& from) {
  std::map<std::string, std::int64_t> last;
  sqlite::Statement rows = from.statement("SELECT name, seq FROM sqlite_sequence");
  const Status read = rows.each([&] { last[rows.text(0)] = rows.integer(1); });
  return read ? std::optional(std::move(last)) : std::nullopt;
}

// The new store goes on from there: it would give the ids behind its own last ones once more, and a handle of a message
// that is done fits whatever has its id.
Status go_on_from(const std::map<std::string, std::int64_t>& last, sqlite::Database& to) {
  for (const std::string_view table : kTablesOfIds) {
    const auto found = last.find(std::string(table));
    if (found == last.end()) {
      continue;
    }
    FACEPIPE_TRY(to.statement("INSERT INTO sqlite_sequence (name, seq) SELECT ?1, 0 WHERE NOT EXISTS (SELECT 1 FROM "
                              "sqlite_sequence WHERE name = ?1)")
                     .bind(table)
                     .run());
    FACEPIPE_TRY(
        to.statement("UPDATE sqlite_sequence SET seq = max(seq, ?2) WHERE name = ?1").bind(table, found->second).run());
  }
  return {};
}

// False: the message, or its body, cannot be read, or holds what its table does not take. An error is the new file's.
Result<bool> copy_message(sqlite::Database& from, std::int64_t version, std::int64_t id, sqlite::Database& to) {
  sqlite::Statement row = from.statement(version < 2 ? kSelectMessage1 : kSelectMessage2);
  const auto found = row.bind(id).step();
  sqlite::Statement payload = from.statement("SELECT message, body, attributes FROM payload WHERE message = ?");
  const auto body = payload.bind(id).step();
  if (!found || !*found || !body || !*body) {
    return false;
  }
  Status copied = copy_row(payload, 3, to.statement("INSERT INTO payload VALUES (?, ?, ?)"));
  if (copied) {
    copied = copy_row(row, kMessageColumns,
                      to.statement("INSERT INTO message VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
                                   "?, ?, ?, ?, ?, ?, ?)"));
  }
  if (!copied && sqlite::is_store_trouble(copied.error())) {
    return copied.error();
  }
  if (!copied) {
    FACEPIPE_TRY(to.statement("DELETE FROM payload WHERE message = ?").bind(id).run());
  }
  return copied.has_value();
}

// Messages whose queue could not be read get one of their own.
Status make_missing_queues(sqlite::Database& to, Salvage& salvage) {
  std::vector<std::int64_t> missing;
  {
    sqlite::Statement rows = to.statement(
        "SELECT DISTINCT queue_id FROM message WHERE queue_id NOT IN (SELECT id FROM queue) ORDER BY queue_id");
    FACEPIPE_ASSIGN(missing, rows.all([&] { return rows.integer(0); }));
  }
  for (const std::int64_t id : missing) {
    const std::string name = "recovered-" + std::to_string(id);
    FACEPIPE_TRY(to.statement("INSERT INTO queue VALUES (?, ?, 30, 0, 0, 1209600, 1048576, '', 0, 0, 0, 0, 0, NULL, 0)")
                     .bind(id, name)
                     .run());
    salvage.made_queues.push_back(name);
  }
  return {};
}

// `handles`: those that clients hold may stay good.
void copy_key(sqlite::Database& from, sqlite::Database& to, bool handles) {
  sqlite::Statement row = from.statement("SELECT receipt_key FROM secret");
  const auto found = row.step();
  if (handles && found && *found && row.blob(0).size() >= 16) {
    sqlite::Statement update = to.statement("UPDATE secret SET receipt_key = ?");
    update.bind_column(row, 0);
    (void)update.run();  // without it handles that clients hold now are refused, and their messages come again
  }
  // Without it the next opening with a key enters that one's id.
  sqlite::Statement sealed = from.statement("SELECT key_id FROM secret");
  if (const auto known = sealed.step(); known && *known) {
    sqlite::Statement update = to.statement("UPDATE secret SET key_id = ?");
    update.bind_column(sealed, 0);
    (void)update.run();
  }
}

Status copy_all(sqlite::Database& from, sqlite::Database& to, Salvage& salvage) {
  const auto version = from.query_integer("PRAGMA user_version");
  if (!version || *version < 1 || *version > kFormatVersion) {
    return {};  // not even the first page
  }
  FACEPIPE_TRY(to.execute("BEGIN"));
  const auto last_ids = find_last_ids(from);
  copy_key(from, to, last_ids.has_value());
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
  if (salvage.lost != 0) {
    // Whoever sends again what may be among them must not be told that it is here.
    FACEPIPE_TRY(to.execute("DELETE FROM frame; DELETE FROM deduplication"));
  }
  FACEPIPE_TRY(make_missing_queues(to, salvage));
  if (last_ids) {
    FACEPIPE_TRY(go_on_from(*last_ids, to));
  }
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

// FILE.repaired-ID, whole and on the disk.
Status build(sqlite::Database& from, const fs::path& file, const std::string& id, Salvage& salvage,
             const RepairStep& step) {
  const fs::path part = unfinished_store(file);
  remove_unfinished_repair(file);
  {
    FACEPIPE_ASSIGN(const std::unique_ptr<sqlite::Database> to, open_database(part, 0));
    step("begun");
    FACEPIPE_TRY(copy_all(from, *to, salvage));
    step("copied");
    FACEPIPE_TRY(to->execute("PRAGMA wal_checkpoint(TRUNCATE)"));
  }
  step("closed");
  std::error_code error;
  if (fs::exists(part.native() + "-wal", error)) {
    return Error{ErrorCode::kUnavailable, part.string() + ": its write-ahead log could not be taken in"};
  }
  FACEPIPE_TRY(flush_file(part));
  step("flushed");
  FACEPIPE_TRY(rename_durably(part, repaired_store(file, id)));
  step("whole");
  return {};
}

// An id under which nothing was put aside before.
std::string new_id(const fs::path& file, const Clock& clock) {
  const std::string time = file_time(clock.now());
  std::string id = time;
  std::error_code error;
  for (int i = 2; fs::exists(damaged_store(file, id), error); ++i) {
    id = time + "-" + std::to_string(i);
  }
  return id;
}

// A repair of an earlier release was cut off: the damaged store lies aside, and there is none in its place.
Result<Salvage> salvage_put_aside(const fs::path& file, const fs::path& damaged, const RepairStep& step) {
  const std::string id = damaged.native().substr(damaged_store(file, "").native().size());
  Salvage salvage;
  salvage.damaged = damaged;
  std::error_code error;
  // Its log, if the cut was between the two.
  if (fs::exists(file.native() + "-wal", error) && !fs::exists(damaged.native() + "-wal", error)) {
    FACEPIPE_TRY(rename_durably(file.native() + "-wal", damaged.native() + "-wal"));
  }
  {
    FACEPIPE_ASSIGN(const std::unique_ptr<sqlite::Database> from, open_stopped(damaged));
    FACEPIPE_TRY(build(*from, file, id, salvage, step));
  }
  FACEPIPE_TRY(put_in_place(file, id, step));
  return salvage;
}

}  // namespace

Result<StoreSearch> search_store(const fs::path& file, const std::optional<SealingKey>& key,
                                 const std::function<bool(std::string_view body)>& is_meant) {
  FACEPIPE_ASSIGN(const std::unique_ptr<sqlite::Database> from, open_stopped(file));
  StoreSearch search;
  const auto sound = from->query_integer("SELECT quick_check = 'ok' FROM pragma_quick_check(1)");
  search.whole = sound && *sound == 1;
  bool readable = false;
  for (const std::int64_t id : find_ids(*from, readable)) {
    sqlite::Statement row = from->statement(
        "SELECT m.message_id, p.body FROM payload p LEFT JOIN message m ON m.id = p.message WHERE p.message = ?");
    const auto found = row.bind(id).step();
    const auto body = found && *found ? read_body(key ? &*key : nullptr, row.text(0), row.blob(1))
                                      : Result<std::string>(std::string());
    if (!body || body->empty()) {
      ++search.unread;
    } else if (is_meant(*body)) {
      ++search.found;
    }
  }
  search.whole = search.whole && readable;
  return search;
}

Result<Salvage> salvage_store(const fs::path& file, const Clock& clock, const RepairStep& step) {
  const RepairFiles found = find_repair_files(file);
  if (!found.store && found.repaired.empty() && !found.damaged.empty()) {
    FACEPIPE_ASSIGN(const FileLock lock, FileLock::acquire(file));
    return salvage_put_aside(file, found.damaged.back(), step);
  }
  FACEPIPE_ASSIGN(std::unique_ptr<sqlite::Database> from, open_stopped(file));
  FACEPIPE_ASSIGN(const FileLock lock, FileLock::acquire(file));
  const std::string id = new_id(file, clock);
  Salvage salvage;
  salvage.damaged = damaged_store(file, id);
  if (Status built = build(*from, file, id, salvage, step); !built) {
    remove_unfinished_repair(file);
    return built.error();
  }
  // From here on the next opening finishes what is cut off. The lock of the open file goes with it, so nobody has it
  // meanwhile; SQLite sees that it was moved and leaves its log alone.
  FACEPIPE_TRY(rename_durably(file, salvage.damaged));
  step("put aside");
  from.reset();
  step("let go");
  FACEPIPE_TRY(put_in_place(file, id, step));
  return salvage;
}

}  // namespace facepipe::queue
