// docs/formats/face-store.md states what each column means; the names are the same. Tested by face_store_file_test.cc
#include "faces/store/schema.h"

#include <array>

#include "sqlite/format.h"

namespace facepipe::faces {
namespace {

// Records, crops, embeddings and frames lie in tables of their own, by the order in which they came: what comes is
// written at the end, what expires goes from the beginning, and a list touches no picture.
constexpr std::string_view kFirstSchema = R"sql(
CREATE TABLE store (
  key_id BLOB NOT NULL,
  sealing INTEGER NOT NULL,
  longest_visit_ms INTEGER NOT NULL,
  forgotten_event INTEGER NOT NULL
);
INSERT INTO store (key_id, sealing, longest_visit_ms, forgotten_event) VALUES (x'', 0, 0, 0);
CREATE TABLE camera (
  id INTEGER PRIMARY KEY,
  print INTEGER NOT NULL UNIQUE,
  name BLOB NOT NULL
);
CREATE TABLE face (
  seq INTEGER PRIMARY KEY,
  id INTEGER NOT NULL UNIQUE,
  time_ms INTEGER NOT NULL,
  camera INTEGER,
  request INTEGER NOT NULL,
  person INTEGER,
  known INTEGER NOT NULL,
  told INTEGER,
  second INTEGER,
  visit INTEGER,
  unknown INTEGER,
  mark INTEGER NOT NULL,
  marked INTEGER,
  content INTEGER NOT NULL,
  details BLOB NOT NULL
);
CREATE INDEX face_time ON face (time_ms);
CREATE INDEX face_camera ON face (camera, time_ms) WHERE camera IS NOT NULL;
CREATE INDEX face_request ON face (request, time_ms);
CREATE INDEX face_person ON face (person, time_ms) WHERE person IS NOT NULL;
CREATE INDEX face_known ON face (known, time_ms);
CREATE INDEX face_told ON face (told) WHERE told IS NOT person;
CREATE INDEX face_second ON face (second) WHERE second IS NOT NULL;
CREATE INDEX face_visit ON face (visit, time_ms) WHERE visit IS NOT NULL;
CREATE INDEX face_unknown ON face (unknown, time_ms) WHERE unknown IS NOT NULL;
CREATE INDEX face_mark ON face (mark, time_ms) WHERE mark <> 0;
CREATE INDEX face_marked ON face (marked) WHERE marked IS NOT NULL;
CREATE INDEX face_content ON face (known, time_ms) WHERE content <> 0;
CREATE INDEX face_bare ON face (time_ms) WHERE content = 0;
CREATE TABLE crop (
  face INTEGER PRIMARY KEY,
  details BLOB NOT NULL,
  picture BLOB NOT NULL
);
CREATE TABLE embedding (
  face INTEGER PRIMARY KEY,
  vector BLOB NOT NULL
);
CREATE TABLE visit (
  seq INTEGER PRIMARY KEY,
  id INTEGER NOT NULL UNIQUE,
  first_ms INTEGER NOT NULL,
  last_ms INTEGER NOT NULL,
  camera INTEGER,
  state INTEGER NOT NULL,
  person INTEGER,
  known INTEGER NOT NULL,
  second INTEGER,
  unknown INTEGER,
  details BLOB NOT NULL
);
CREATE INDEX visit_last ON visit (last_ms, first_ms);
CREATE INDEX visit_camera ON visit (camera, last_ms) WHERE camera IS NOT NULL;
CREATE INDEX visit_open ON visit (last_ms) WHERE state < 2;
CREATE INDEX visit_person ON visit (person, last_ms) WHERE person IS NOT NULL;
CREATE INDEX visit_known ON visit (known, last_ms);
CREATE INDEX visit_second ON visit (second) WHERE second IS NOT NULL;
CREATE INDEX visit_unknown ON visit (unknown, last_ms) WHERE unknown IS NOT NULL;
CREATE TABLE unknown (
  seq INTEGER PRIMARY KEY,
  id INTEGER NOT NULL UNIQUE,
  last_ms INTEGER NOT NULL,
  ignored INTEGER NOT NULL,
  details BLOB NOT NULL,
  centroid BLOB NOT NULL
);
CREATE INDEX unknown_last ON unknown (last_ms);
CREATE INDEX unknown_ignored ON unknown (ignored, last_ms);
CREATE TABLE picture (
  seq INTEGER PRIMARY KEY,
  id INTEGER NOT NULL UNIQUE,
  person INTEGER NOT NULL,
  time_ms INTEGER NOT NULL,
  details BLOB NOT NULL
);
CREATE INDEX picture_person ON picture (person);
CREATE TABLE picture_content (
  picture INTEGER PRIMARY KEY,
  vector BLOB NOT NULL,
  details BLOB NOT NULL,
  crop BLOB NOT NULL
);
CREATE TABLE frame (
  seq INTEGER PRIMARY KEY,
  request INTEGER NOT NULL,
  camera INTEGER,
  time_ms INTEGER NOT NULL,
  details BLOB NOT NULL
);
CREATE INDEX frame_time ON frame (time_ms);
CREATE INDEX frame_request ON frame (request, time_ms);
CREATE INDEX frame_camera ON frame (camera, time_ms) WHERE camera IS NOT NULL;
CREATE TABLE frame_picture (
  frame INTEGER PRIMARY KEY,
  jpeg BLOB NOT NULL
);
CREATE TABLE event (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  key TEXT NOT NULL,
  type TEXT NOT NULL,
  time_ms INTEGER NOT NULL,
  json BLOB NOT NULL
);
CREATE TABLE output (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE
);
CREATE TABLE delivery (
  output INTEGER NOT NULL,
  event INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  due_ms INTEGER NOT NULL,
  dead INTEGER NOT NULL,
  error TEXT NOT NULL,
  PRIMARY KEY (output, event)
) WITHOUT ROWID;
CREATE INDEX delivery_pending ON delivery (output, event) WHERE dead = 0;
CREATE INDEX delivery_dead ON delivery (event, output) WHERE dead = 1;
CREATE TABLE change (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  time_ms INTEGER NOT NULL,
  action TEXT NOT NULL,
  who BLOB NOT NULL,
  json BLOB NOT NULL,
  undone_by INTEGER
);
)sql";

// 2: how long what is kept stays can be changed while a server runs.
constexpr std::array<std::string_view, kFormatVersion - 1> kMigrations = {
    "ALTER TABLE store ADD COLUMN retention TEXT NOT NULL DEFAULT ''"};

constexpr sqlite::FileFormat kFormat{kStoreKind, kApplicationId, kPageBytes, kFirstSchema, kMigrations};

Status set_up(sqlite::Database& database, const std::filesystem::path& file, std::int64_t max_bytes) {
  FACEPIPE_TRY(sqlite::prepare_pages(database, kFormat));
  FACEPIPE_TRY(
      database.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY; "
                       "PRAGMA cache_size = -32768; PRAGMA trusted_schema = OFF; PRAGMA wal_autocheckpoint = 2000; "
                       "PRAGMA journal_size_limit = 33554432; PRAGMA secure_delete = ON"));
  FACEPIPE_TRY(database.execute("BEGIN IMMEDIATE; COMMIT"));  // that it can be written
  if (max_bytes > 0) {
    FACEPIPE_TRY(database.execute("PRAGMA max_page_count = " + std::to_string(max_bytes / kPageBytes + 1)));
  }
  return sqlite::settle_format(database, file, kFormat);
}

}  // namespace

Result<std::unique_ptr<sqlite::Database>> open_database(const std::filesystem::path& file, std::int64_t max_bytes) {
  if (max_bytes < 0) {
    return Error{ErrorCode::kInvalidArgument,
                 "face store: expected a size limit of 0 or more bytes, got " + std::to_string(max_bytes)};
  }
  FACEPIPE_ASSIGN(std::unique_ptr<sqlite::Database> database, sqlite::Database::open(file, kStoreKind));
  FACEPIPE_TRY(set_up(*database, file, max_bytes));
  return database;
}

}  // namespace facepipe::faces
