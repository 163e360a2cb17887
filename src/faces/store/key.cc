// Tested by face_store_key_test.cc
#include "faces/store/key.h"

#include <algorithm>
#include <array>

#include "faces/store/rows.h"

namespace facepipe::faces {
namespace {

constexpr std::int64_t kSealStep = 200;

// A column whose values are sealed: rows by their number, with the id of the seal's context.
struct Column {
  std::string_view select;  // row, id, value; of rows behind the first, as many as the second says
  std::string_view update;  // value, row
  std::string_view part;
};

constexpr std::array<Column, 16> kColumns = {{
    {"SELECT seq, id, details FROM face WHERE seq > ? ORDER BY seq LIMIT ?",
     "UPDATE face SET details = ? WHERE seq = ?", part::kFace},
    {"SELECT c.face, f.id, c.details FROM crop c JOIN face f ON f.seq = c.face WHERE c.face > ? ORDER BY c.face LIMIT "
     "?",
     "UPDATE crop SET details = ? WHERE face = ?", part::kCropDetails},
    {"SELECT c.face, f.id, c.picture FROM crop c JOIN face f ON f.seq = c.face WHERE c.face > ? ORDER BY c.face LIMIT "
     "?",
     "UPDATE crop SET picture = ? WHERE face = ?", part::kCrop},
    {"SELECT e.face, f.id, e.vector FROM embedding e JOIN face f ON f.seq = e.face WHERE e.face > ? ORDER BY e.face "
     "LIMIT ?",
     "UPDATE embedding SET vector = ? WHERE face = ?", part::kEmbedding},
    {"SELECT seq, id, details FROM visit WHERE seq > ? ORDER BY seq LIMIT ?",
     "UPDATE visit SET details = ? WHERE seq = ?", part::kVisit},
    {"SELECT seq, id, details FROM unknown WHERE seq > ? ORDER BY seq LIMIT ?",
     "UPDATE unknown SET details = ? WHERE seq = ?", part::kUnknown},
    {"SELECT seq, id, centroid FROM unknown WHERE seq > ? ORDER BY seq LIMIT ?",
     "UPDATE unknown SET centroid = ? WHERE seq = ?", part::kCentroid},
    {"SELECT seq, id, details FROM picture WHERE seq > ? ORDER BY seq LIMIT ?",
     "UPDATE picture SET details = ? WHERE seq = ?", part::kPicture},
    {"SELECT c.picture, p.id, c.vector FROM picture_content c JOIN picture p ON p.seq = c.picture WHERE c.picture > ? "
     "ORDER BY c.picture LIMIT ?",
     "UPDATE picture_content SET vector = ? WHERE picture = ?", part::kPictureEmbedding},
    {"SELECT c.picture, p.id, c.details FROM picture_content c JOIN picture p ON p.seq = c.picture WHERE c.picture > ? "
     "ORDER BY c.picture LIMIT ?",
     "UPDATE picture_content SET details = ? WHERE picture = ?", part::kPictureCropDetails},
    {"SELECT c.picture, p.id, c.crop FROM picture_content c JOIN picture p ON p.seq = c.picture WHERE c.picture > ? "
     "ORDER BY c.picture LIMIT ?",
     "UPDATE picture_content SET crop = ? WHERE picture = ?", part::kPictureCrop},
    {"SELECT seq, seq, details FROM frame WHERE seq > ? ORDER BY seq LIMIT ?",
     "UPDATE frame SET details = ? WHERE seq = ?", part::kFrame},
    {"SELECT frame, frame, jpeg FROM frame_picture WHERE frame > ? ORDER BY frame LIMIT ?",
     "UPDATE frame_picture SET jpeg = ? WHERE frame = ?", part::kFramePicture},
    {"SELECT id, id, json FROM event WHERE id > ? ORDER BY id LIMIT ?", "UPDATE event SET json = ? WHERE id = ?",
     part::kEvent},
    {"SELECT id, id, json FROM change WHERE id > ? ORDER BY id LIMIT ?", "UPDATE change SET json = ? WHERE id = ?",
     part::kChange},
    {"SELECT id, id, who FROM change WHERE id > ? ORDER BY id LIMIT ?", "UPDATE change SET who = ? WHERE id = ?",
     part::kChangeBy},
}};

struct Value {
  std::int64_t row = 0;
  std::uint64_t id = 0;
  Bytes bytes;
};

Result<std::vector<Value>> values_of(const Tables& tables, std::string_view select_sql, std::int64_t after) {
  sqlite::Statement select = tables.database.statement(select_sql);
  select.bind(after, kSealStep);
  return select.all([&] {
    return Value{select.integer(0), static_cast<std::uint64_t>(select.integer(1)), to_bytes(select.blob(2))};
  });
}

// Calls `work(values)` for the rows in steps, each a transaction.
Status each_step(const Tables& tables, std::string_view select, const std::function<Status(const Value&)>& work) {
  for (std::int64_t after = 0;;) {
    FACEPIPE_ASSIGN(const std::vector<Value> values, values_of(tables, select, after));
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
  return each_step(tables, column.select, [&](const Value& value) -> Status {
    if (is_sealed(value.bytes)) {
      return {};
    }
    const Bytes sealed = tables.vault.close(value.bytes, column.part, value.id);
    return tables.database.statement(column.update).bind_blob(sealed).bind(value.row).run();
  });
}

// Fingerprints are keyed from now on.
Status print_anew(const Tables& tables) {
  FACEPIPE_TRY(each_step(
      tables, "SELECT id, print, name FROM camera WHERE id > ? ORDER BY id LIMIT ?", [&](const Value& value) -> Status {
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
      }));
  FACEPIPE_TRY(each_step(tables, "SELECT seq, id, x'' FROM face WHERE seq > ? ORDER BY seq LIMIT ?",
                         [&](const Value& value) -> Status {
                           FACEPIPE_ASSIGN(const auto face, find_face(tables, static_cast<FaceId>(value.id)));
                           return tables.database.statement("UPDATE face SET request = ? WHERE seq = ?")
                               .bind(tables.vault.fingerprint(face->request_id, print::kRequest), value.row)
                               .run();
                         }));
  return each_step(tables, "SELECT seq, seq, details FROM frame WHERE seq > ? ORDER BY seq LIMIT ?",
                   [&](const Value& value) -> Status {
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
  FACEPIPE_TRY(print_anew(tables));
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
