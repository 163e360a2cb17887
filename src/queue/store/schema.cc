// Creation and checks of the database file. docs/formats/queue-store.md states what each column means; the names are
// the same. Tested by queue_store_file_test.cc
#include "queue/store/schema.h"

#include <algorithm>
#include <array>

#include "queue/store/interrupted_repair.h"
#include "sqlite/format.h"

namespace facepipe::queue {
namespace {

// Version 1.
constexpr std::string_view kFirstSchema = R"sql(
CREATE TABLE secret (
  receipt_key BLOB NOT NULL
);
INSERT INTO secret (receipt_key) VALUES (randomblob(32));
CREATE TABLE queue (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE,
  visibility_s INTEGER NOT NULL,
  delay_s INTEGER NOT NULL,
  receive_wait_s INTEGER NOT NULL,
  retention_s INTEGER NOT NULL,
  maximum_message_bytes INTEGER NOT NULL,
  dead_letter_queue TEXT NOT NULL,
  max_receive_count INTEGER NOT NULL,
  fifo INTEGER NOT NULL,
  content_based_deduplication INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  modified_ms INTEGER NOT NULL,
  purged_ms INTEGER,
  last_sequence INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE queue_tag (
  queue_id INTEGER NOT NULL,
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (queue_id, name)
) WITHOUT ROWID;
CREATE TABLE message (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  queue_id INTEGER NOT NULL,
  turn INTEGER NOT NULL,
  ready INTEGER NOT NULL,
  visible_ms INTEGER NOT NULL,
  sent_ms INTEGER NOT NULL,
  received_ms INTEGER,
  first_received_ms INTEGER,
  receive_count INTEGER NOT NULL DEFAULT 0,
  moved_receive_count INTEGER NOT NULL DEFAULT 0,
  message_id TEXT NOT NULL,
  group_id TEXT NOT NULL,
  deduplication_id TEXT NOT NULL,
  trace_header TEXT NOT NULL,
  dead_letter_source TEXT NOT NULL DEFAULT ''
);
CREATE INDEX message_ready ON message (queue_id, turn, id) WHERE ready = 1;
CREATE INDEX message_hidden ON message (queue_id, visible_ms) WHERE ready = 0;
CREATE INDEX message_hidden_group ON message (queue_id, group_id, turn) WHERE ready = 0;
CREATE INDEX message_group ON message (queue_id, group_id, turn);
CREATE INDEX message_sent ON message (queue_id, sent_ms);
CREATE TABLE payload (
  message INTEGER PRIMARY KEY,
  body BLOB NOT NULL,
  attributes BLOB NOT NULL
);
CREATE TABLE fifo_group (
  queue_id INTEGER NOT NULL,
  group_id TEXT NOT NULL,
  head INTEGER,
  PRIMARY KEY (queue_id, group_id)
) WITHOUT ROWID;
CREATE INDEX fifo_group_head ON fifo_group (queue_id, head) WHERE head IS NOT NULL;
CREATE TABLE deduplication (
  queue_id INTEGER NOT NULL,
  deduplication_id TEXT NOT NULL,
  message_id TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  expires_ms INTEGER NOT NULL,
  PRIMARY KEY (queue_id, deduplication_id)
) WITHOUT ROWID;
CREATE INDEX deduplication_expiry ON deduplication (expires_ms);
)sql";

// kMigrations[i] brings version i + 1 to version i + 2.
constexpr std::array<std::string_view, kFormatVersion - 1> kMigrations = {R"sql(
ALTER TABLE secret ADD COLUMN key_id BLOB NOT NULL DEFAULT x'';
ALTER TABLE message ADD COLUMN failure TEXT NOT NULL DEFAULT '';
ALTER TABLE message ADD COLUMN held INTEGER NOT NULL DEFAULT 0;
ALTER TABLE message ADD COLUMN interrupted INTEGER NOT NULL DEFAULT 0;
CREATE TABLE frame (
  frame_key TEXT PRIMARY KEY,
  faces INTEGER NOT NULL,
  expires_ms INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX frame_expiry ON frame (expires_ms);
CREATE TABLE clock (
  last_ms INTEGER NOT NULL
);
)sql"};

constexpr std::int64_t kPageBytes = 8'192;  // bodies are kilobytes to a megabyte: fewer overflow pages than with 4096
constexpr sqlite::FileFormat kFormat{kStoreKind, kApplicationId, kPageBytes, kFirstSchema, kMigrations};

Status set_up(sqlite::Database& database, const std::filesystem::path& file, std::int64_t max_file_bytes) {
  // EXCLUSIVE before the first read: then the WAL needs no shared memory, and the lock is held until the connection
  // closes.
  FACEPIPE_TRY(database.execute("PRAGMA locking_mode = EXCLUSIVE"));
  FACEPIPE_TRY(sqlite::prepare_pages(database, kFormat));
  FACEPIPE_TRY(
      database.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY; "
                       "PRAGMA cache_size = -16384; PRAGMA trusted_schema = OFF; PRAGMA wal_autocheckpoint = 2000; "
                       "PRAGMA journal_size_limit = 33554432; PRAGMA secure_delete = ON"));
  FACEPIPE_TRY(database.execute("BEGIN EXCLUSIVE; COMMIT"));  // takes the lock now
  if (max_file_bytes > 0) {
    FACEPIPE_TRY(database.execute("PRAGMA max_page_count = " + std::to_string(max_file_bytes / kPageBytes + 1)));
  }
  return sqlite::settle_format(database, file, kFormat);
}

}  // namespace

Result<std::unique_ptr<sqlite::Database>> open_database(const std::filesystem::path& file,
                                                        std::int64_t max_file_bytes) {
  if (max_file_bytes < 0) {
    return Error{ErrorCode::kInvalidArgument,
                 "queue store: expected a size limit of 0 or more bytes, got " + std::to_string(max_file_bytes)};
  }
  FACEPIPE_TRY(settle_interrupted_repair(file));
  FACEPIPE_ASSIGN(std::unique_ptr<sqlite::Database> database, sqlite::Database::open(file, kStoreKind));
  FACEPIPE_TRY(set_up(*database, file, max_file_bytes));
  remove_unfinished_repair(file);  // the store is this process's, so no repair of it is alive
  return database;
}

Status agree_on_key(sqlite::Database& database, const std::optional<SealingKey>& key) {
  Bytes stored;
  {
    sqlite::Statement select = database.statement("SELECT key_id FROM secret");
    FACEPIPE_TRY(select.step());
    stored = to_bytes(select.blob(0));
  }
  if (stored.empty() && key) {
    return database.statement("UPDATE secret SET key_id = ?").bind_blob(key->id()).run();
  }
  if (!stored.empty() && !key) {
    return Error{ErrorCode::kPermission, "it is encrypted, and no key was given"};
  }
  if (!stored.empty() && !std::ranges::equal(stored, key->id())) {
    return Error{ErrorCode::kMismatch, "it is encrypted with another key"};
  }
  return {};
}

}  // namespace facepipe::queue
