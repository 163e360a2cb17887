#include "faces/ids.h"
#include "faces/store/content_rows.h"
#include "faces/store/details.h"
#include "faces/store/query.h"
#include "faces/store/rows.h"

namespace facepipe::faces {
namespace {

constexpr std::string_view kFaceColumns =
    "id, time_ms, camera, told, second, visit, unknown, mark, marked, content, details";

// Of face.content.
constexpr std::int64_t kNoContent = 0;
constexpr std::int64_t kEmbeddingAlone = 1;
constexpr std::int64_t kWithCrop = 2;

std::int64_t content_of(const NewFace& face) {
  if (face.crop) {
    return kWithCrop;
  }
  return face.embedding.empty() ? kNoContent : kEmbeddingAlone;
}

Result<FaceRecord> read_face(const Tables& tables, CameraNames& cameras, const sqlite::Statement& row, int column) {
  FaceRecord face;
  face.id = static_cast<FaceId>(row.integer(column));
  face.time = from_ms(row.integer(column + 1));
  FACEPIPE_ASSIGN(face.camera, cameras.name(row.optional_integer(column + 2)));
  face.decision.person = id_at<PersonId>(row, column + 3);
  face.decision.second_person = id_at<PersonId>(row, column + 4);
  face.visit = id_at<VisitId>(row, column + 5);
  face.unknown = id_at<UnknownId>(row, column + 6);
  face.mark = static_cast<Mark>(row.integer(column + 7));
  face.marked_person = id_at<PersonId>(row, column + 8);
  face.has_crop = row.integer(column + 9) == kWithCrop;
  FACEPIPE_ASSIGN(const std::string details,
                  tables.vault.open_text(row.blob(column + 10), part::kFace, seal_id(face.id)));
  FACEPIPE_TRY(read_details(details, face));
  return face;
}

Status insert_parts(const Tables& tables, const NewFace& face, std::int64_t seq) {
  const std::uint64_t id = seal_id(face.record.id);
  if (!face.embedding.empty()) {
    const Bytes vector = tables.vault.close(vector_bytes(face.embedding), part::kEmbedding, id);
    FACEPIPE_TRY(tables.database.statement("INSERT INTO embedding (face, vector) VALUES (?, ?)")
                     .bind(seq)
                     .bind_blob(vector)
                     .run());
  }
  if (face.crop) {
    const Bytes details = tables.vault.close(write_details(*face.crop), part::kCropDetails, id);
    const Bytes picture = tables.vault.close(face.crop->picture, part::kCrop, id);
    FACEPIPE_TRY(tables.database.statement("INSERT INTO crop (face, details, picture) VALUES (?, ?, ?)")
                     .bind(seq)
                     .bind_blob(details)
                     .bind_blob(picture)
                     .run());
  }
  return {};
}

Error no_such(FaceId id, const std::string& what) {
  return Error{ErrorCode::kNotFound, "no " + what + " " + to_text(id)};
}

}  // namespace

Result<bool> insert_face(const Tables& tables, const NewFace& face) {
  const FaceRecord& record = face.record;
  FACEPIPE_ASSIGN(const auto camera, camera_of(tables, record.camera));
  const auto person = person_of(record);
  const Bytes details = tables.vault.close(write_details(record), part::kFace, seal_id(record.id));
  {
    sqlite::Statement insert = tables.database.statement(
        "INSERT INTO face (id, time_ms, camera, request, person, known, told, second, visit, unknown, mark, marked, "
        "content, details) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING");
    insert.bind(number(record.id), to_ms(record.time), camera,
                tables.vault.fingerprint(record.request_id, print::kRequest), number(person),
                std::int64_t{person.has_value()}, number(record.decision.person), number(record.decision.second_person),
                number(record.visit), number(record.unknown), number(record.mark), number(record.marked_person),
                content_of(face));
    FACEPIPE_TRY(insert.bind_blob(details).run());
  }
  if (tables.database.changes() == 0) {
    return false;
  }
  FACEPIPE_TRY(insert_parts(tables, face, tables.database.last_insert_id()));
  return true;
}

Status change_face(const Tables& tables, const FaceChange& change) {
  FACEPIPE_ASSIGN(std::optional<FaceRecord> face, find_face(tables, change.id));
  if (!face) {
    return {};
  }
  face->visit = change.visit.value_or(face->visit);
  face->unknown = change.unknown.value_or(face->unknown);
  face->mark = change.mark.value_or(face->mark);
  face->marked_person = change.marked_person.value_or(face->marked_person);
  const auto person = person_of(*face);
  return tables.database
      .statement("UPDATE face SET visit = ?, unknown = ?, mark = ?, marked = ?, person = ?, known = ? WHERE id = ?")
      .bind(number(face->visit), number(face->unknown), number(face->mark), number(face->marked_person), number(person),
            std::int64_t{person.has_value()}, number(change.id))
      .run();
}

Status rewrite_face(const Tables& tables, const FaceRecord& face) {
  const auto person = person_of(face);
  const Bytes details = tables.vault.close(write_details(face), part::kFace, seal_id(face.id));
  sqlite::Statement update = tables.database.statement(
      "UPDATE face SET told = ?, second = ?, mark = ?, marked = ?, person = ?, known = ?, details = ? WHERE id = ?");
  update.bind(number(face.decision.person), number(face.decision.second_person), number(face.mark),
              number(face.marked_person), number(person), std::int64_t{person.has_value()});
  return update.bind_blob(details).bind(number(face.id)).run();
}

bool is_known(const FaceRecord& face) {
  return person_of(face).has_value();
}

Status remove_content(const Tables& tables, std::int64_t seq) {
  FACEPIPE_TRY(tables.database.statement("DELETE FROM crop WHERE face = ?").bind(seq).run());
  FACEPIPE_TRY(tables.database.statement("DELETE FROM embedding WHERE face = ?").bind(seq).run());
  return tables.database.statement("UPDATE face SET content = 0 WHERE seq = ?").bind(seq).run();
}

Status remove_face(const Tables& tables, std::int64_t seq) {
  FACEPIPE_TRY(tables.database.statement("DELETE FROM crop WHERE face = ?").bind(seq).run());
  FACEPIPE_TRY(tables.database.statement("DELETE FROM embedding WHERE face = ?").bind(seq).run());
  return tables.database.statement("DELETE FROM face WHERE seq = ?").bind(seq).run();
}

Result<Page<FaceRecord>> face_page(const Tables& tables, const FaceFilter& filter, const PageRequest& page) {
  FACEPIPE_TRY(check_limit(page.limit));
  Question question("faces");
  question.with(filter.camera).with(filter.person).with(filter.known).with(filter.visit).with(filter.unknown);
  question.with(filter.request_id).with(filter.mark).with(filter.from).with(filter.to);
  FACEPIPE_ASSIGN(const std::optional<Place> place, parse_cursor(question, page.after));
  Query query;
  if (filter.request_id) {
    query.use("face_request");
    query.when("request = ?", {tables.vault.fingerprint(*filter.request_id, print::kRequest)});
  }
  if (filter.visit) {
    query.use("face_visit");
    query.when("visit = ?", {number(*filter.visit)});
  }
  if (filter.unknown) {
    query.use("face_unknown");
    query.when("unknown = ?", {number(*filter.unknown)});
  }
  if (filter.person) {
    query.use("face_person");
    query.when("person = ?", {number(*filter.person)});
  }
  if (filter.mark) {
    if (*filter.mark != Mark::kNone) {
      query.use("face_mark");
      query.when("mark <> 0");
    }
    query.when("mark = ?", {number(*filter.mark)});
  }
  if (filter.camera) {
    FACEPIPE_ASSIGN(const auto camera, find_camera(tables, *filter.camera));
    if (!camera && !filter.camera->empty()) {
      return Page<FaceRecord>{};
    }
    if (camera) {
      query.use("face_camera");
      query.when("camera = ?", {*camera});
    } else {
      query.when("camera IS NULL");
    }
  }
  if (filter.known) {
    query.use("face_known");
    query.when("known = ?", {std::int64_t{*filter.known}});
  }
  if (filter.from) {
    query.when("time_ms >= ?", {to_ms(*filter.from)});
  }
  if (filter.to) {
    query.when("time_ms < ?", {to_ms(*filter.to)});
  }
  query.use("face_time");
  CameraNames cameras(tables);
  return read_page<FaceRecord>(query.page(tables.database, kFaceColumns, "face", "time_ms", place, page.limit),
                               question, page.limit,
                               [&](const sqlite::Statement& row) { return read_face(tables, cameras, row, 2); });
}

Result<std::optional<FaceRecord>> find_face(const Tables& tables, FaceId id) {
  sqlite::Statement select = tables.database.statement(
      "SELECT id, time_ms, camera, told, second, visit, unknown, mark, marked, content, details FROM face "
      "WHERE id = ?");
  select.bind(number(id));
  CameraNames cameras(tables);
  return select.one([&] { return read_face(tables, cameras, select, 0); });
}

Result<Crop> face_crop(const Tables& tables, FaceId id) {
  return read_crop(tables,
                   "SELECT crop.details, crop.picture FROM face JOIN crop ON crop.face = face.seq WHERE face.id = ?",
                   number(id), kFaceContent, no_such(id, "crop of a face"));
}

Result<std::vector<float>> face_embedding(const Tables& tables, FaceId id) {
  return read_embedding(
      tables, "SELECT embedding.vector FROM face JOIN embedding ON embedding.face = face.seq WHERE face.id = ?",
      number(id), kFaceContent, no_such(id, "embedding of a face"));
}

Status put_embedding(const Tables& tables, FaceId id, std::span<const float> embedding) {
  const Bytes vector = tables.vault.close(vector_bytes(embedding), part::kEmbedding, seal_id(id));
  sqlite::Statement put = tables.database.statement(
      "INSERT INTO embedding (face, vector) SELECT face.seq, ? FROM face JOIN crop ON crop.face = face.seq "
      "WHERE face.id = ? ON CONFLICT (face) DO UPDATE SET vector = excluded.vector");
  return put.bind_blob(vector).bind(number(id)).run();
}

Status remove_embeddings(const Tables& tables) {
  FACEPIPE_TRY(tables.database.statement("DELETE FROM embedding").run());
  return tables.database.statement("UPDATE face SET content = 0 WHERE content = 1").run();
}

}  // namespace facepipe::faces
