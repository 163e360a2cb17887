// Tested by face_store_key_test.cc
#include "faces/store/key.h"

#include <algorithm>
#include <array>

#include "faces/store/rows.h"

namespace facepipe::faces {
namespace {

constexpr std::int64_t kSealStep = 200;

// A column whose values are sealed, each with the id of a record as its context.
struct Column {
  std::string_view table;
  std::string_view row;  // the table's key
  std::string_view column;
  std::string_view part;
  std::string_view id;     // its own column, or
  std::string_view owner;  // one of the table whose seq `row` is
};

constexpr Column kFaceDetails{"face", "seq", "details", part::kFace, "id", ""};
constexpr Column kFrameDetails{"frame", "seq", "details", part::kFrame, "seq", ""};
constexpr std::array<Column, 16> kColumns = {{
    kFaceDetails,
    {"crop", "face", "details", part::kCropDetails, "id", "face"},
    {"crop", "face", "picture", part::kCrop, "id", "face"},
    {"embedding", "face", "vector", part::kEmbedding, "id", "face"},
    {"visit", "seq", "details", part::kVisit, "id", ""},
    {"unknown", "seq", "details", part::kUnknown, "id", ""},
    {"unknown", "seq", "centroid", part::kCentroid, "id", ""},
    {"picture", "seq", "details", part::kPicture, "id", ""},
    {"picture_content", "picture", "vector", part::kPictureEmbedding, "id", "picture"},
    {"picture_content", "picture", "details", part::kPictureCropDetails, "id", "picture"},
    {"picture_content", "picture", "crop", part::kPictureCrop, "id", "picture"},
    kFrameDetails,
    {"frame_picture", "frame", "jpeg", part::kFramePicture, "frame", ""},
    {"event", "id", "json", part::kEvent, "id", ""},
    {"change", "id", "json", part::kChange, "id", ""},
    {"change", "id", "who", part::kChangeBy, "id", ""},
}};

struct Value {
  std::int64_t row = 0;
  std::uint64_t id = 0;
  Bytes bytes;
};

Result<std::vector<Value>> values_of(const Tables& tables, const Column& column, std::int64_t after) {
  const std::string table(column.table);
  const std::string row = table + "." + std::string(column.row);
  const std::string owner(column.owner.empty() ? column.table : column.owner);
  std::string sql = "SELECT " + row + ", " + owner + "." + std::string(column.id) + ", " + table + "." +
                    std::string(column.column) + " FROM " + table;
  if (owner != table) {
    sql += " JOIN " + owner + " ON " + owner + ".seq = " + row;
  }
  sql += " WHERE " + row + " > ? ORDER BY " + row + " LIMIT ?";
  sqlite::Statement select = tables.database.statement_once(sql);
  select.bind(after, kSealStep);
  return select.all([&] {
    return Value{select.integer(0), static_cast<std::uint64_t>(select.integer(1)), to_bytes(select.blob(2))};
  });
}

// Calls `work(value)` for the rows in steps, each a transaction.
Status each_step(const Tables& tables, const Column& column, const std::function<Status(const Value&)>& work) {
  for (std::int64_t after = 0;;) {
    FACEPIPE_ASSIGN(const std::vector<Value> values, values_of(tables, column, after));
    if (values.empty()) {
      return {};
    }
    const Status done = tables.database.transact([&]() -> Status {
      for (const Value& value : values) {
        FACEPIPE_TRY(work(value));
      }
      return {};
    });
    if (!done) {
      return done.error();
    }
    after = values.back().row;
  }
}

Status seal_column(const Tables& tables, const Column& column) {
  const std::string update = "UPDATE " + std::string(column.table) + " SET " + std::string(column.column) +
                             " = ? WHERE " + std::string(column.row) + " = ?";
  sqlite::Statement statement = tables.database.statement_once(update);
  return each_step(tables, column, [&](const Value& value) -> Status {
    if (is_sealed(value.bytes)) {
      return {};
    }
    const Bytes sealed = tables.vault.close(value.bytes, column.part, value.id);
    return statement.again().bind_blob(sealed).bind(value.row).run();
  });
}

// Fingerprints are keyed from now on.
Status print_cameras_anew(const Tables& tables) {
  return each_step(tables, {"camera", "id", "name", part::kCamera, "print", ""}, [&](const Value& value) -> Status {
    if (is_sealed(value.bytes)) {
      return {};
    }
    const std::string name(as_text(value.bytes));
    const std::int64_t print = tables.vault.fingerprint(name, print::kCamera);
    const Bytes sealed = tables.vault.close(name, part::kCamera, static_cast<std::uint64_t>(print));
    return tables.database.statement("UPDATE camera SET print = ?, name = ? WHERE id = ?")
        .bind(print)
        .bind_blob(sealed)
        .bind(value.row)
        .run();
  });
}
Status print_requests_anew(const Tables& tables) {
  FACEPIPE_TRY(each_step(tables, kFaceDetails, [&](const Value& value) -> Status {
    FACEPIPE_ASSIGN(const auto face, find_face(tables, static_cast<FaceId>(value.id)));
    return tables.database.statement("UPDATE face SET request = ? WHERE seq = ?")
        .bind(tables.vault.fingerprint(face->request_id, print::kRequest), value.row)
        .run();
  }));
  return each_step(tables, kFrameDetails, [&](const Value& value) -> Status {
    FACEPIPE_ASSIGN(const std::string request, frame_request(tables, value.row));
    return tables.database.statement("UPDATE frame SET request = ? WHERE seq = ?")
        .bind(tables.vault.fingerprint(request, print::kRequest), value.row)
        .run();
  });
}

Status seal_all(const Tables& tables) {
  for (const Column& column : kColumns) {
    FACEPIPE_TRY(seal_column(tables, column));
  }
  FACEPIPE_TRY(print_cameras_anew(tables));
  FACEPIPE_TRY(print_requests_anew(tables));
  // What was there before is overwritten, but for a page whose rows were moved; and in the log.
  FACEPIPE_TRY(tables.database.execute("VACUUM"));
  FACEPIPE_TRY(tables.database.empty_log(std::chrono::milliseconds{0}));
  return tables.database.execute("UPDATE store SET sealing = 0");
}

}  // namespace

Status check_key(sqlite::Database& database, const std::optional<SealingKey>& key) {
  sqlite::Statement select = database.statement("SELECT key_id FROM store");
  FACEPIPE_TRY(select.step());
  if (!select.blob(0).empty() && !key) {
    return Error{ErrorCode::kPermission, "it is encrypted, and no key was given"};
  }
  if (!select.blob(0).empty() && !std::ranges::equal(select.blob(0), key->id())) {
    return Error{ErrorCode::kMismatch, "it is encrypted with another key"};
  }
  return {};
}

Status agree_on_key(sqlite::Database& database, const Vault& vault) {
  const std::optional<SealingKey>& key = vault.key();
  FACEPIPE_TRY(check_key(database, key));
  FACEPIPE_ASSIGN(const std::int64_t key_bytes, database.query_integer("SELECT length(key_id) FROM store"));
  FACEPIPE_ASSIGN(std::int64_t sealing, database.query_integer("SELECT sealing FROM store"));
  if (key_bytes == 0 && key) {
    FACEPIPE_ASSIGN(const std::int64_t used,
                    database.query_integer("SELECT EXISTS (SELECT 1 FROM camera) OR EXISTS (SELECT 1 FROM face) "
                                           "OR EXISTS (SELECT 1 FROM visit) OR EXISTS (SELECT 1 FROM unknown) OR "
                                           "EXISTS (SELECT 1 FROM picture) OR EXISTS (SELECT 1 FROM frame) OR "
                                           "EXISTS (SELECT 1 FROM event) OR EXISTS (SELECT 1 FROM change)"));
    sealing = used;
    sqlite::Statement update = database.statement("UPDATE store SET key_id = ?, sealing = ?");
    FACEPIPE_TRY(update.bind_blob(key->id()).bind(used).run());
  }
  return sealing != 0 ? seal_all({database, vault}) : Status{};
}

}  // namespace facepipe::faces
