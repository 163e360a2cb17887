#include "faces/ids.h"
#include "faces/store/content_rows.h"
#include "faces/store/cursor.h"
#include "faces/store/details.h"
#include "faces/store/query.h"
#include "faces/store/rows.h"

namespace facepipe::faces {
namespace {

Result<PictureRecord> read_picture(const Tables& tables, const sqlite::Statement& row, int column) {
  PictureRecord picture;
  picture.id = static_cast<PictureId>(row.integer(column));
  picture.person = static_cast<PersonId>(row.integer(column + 1));
  picture.time = from_ms(row.integer(column + 2));
  FACEPIPE_ASSIGN(const std::string details,
                  tables.vault.open_text(row.blob(column + 3), part::kPicture, seal_id(picture.id)));
  FACEPIPE_TRY(read_details(details, picture));
  return picture;
}

Error no_such(PictureId id) {
  return Error{ErrorCode::kNotFound, "no picture " + to_text(id)};
}

}  // namespace

Status insert_picture(const Tables& tables, const NewPicture& picture) {
  const std::uint64_t id = seal_id(picture.record.id);
  const Bytes details = tables.vault.close(write_details(picture.record), part::kPicture, id);
  {
    sqlite::Statement insert =
        tables.database.statement("INSERT INTO picture (id, person, time_ms, details) VALUES (?, ?, ?, ?)");
    insert.bind(number(picture.record.id), number(picture.record.person), to_ms(picture.record.time));
    FACEPIPE_TRY(insert.bind_blob(details).run());
  }
  const std::int64_t seq = tables.database.last_insert_id();
  const Bytes vector = tables.vault.close(vector_bytes(picture.embedding), part::kPictureEmbedding, id);
  const Bytes about = tables.vault.close(write_details(picture.crop), part::kPictureCropDetails, id);
  const Bytes crop = tables.vault.close(picture.crop.picture, part::kPictureCrop, id);
  sqlite::Statement insert =
      tables.database.statement("INSERT INTO picture_content (picture, vector, details, crop) VALUES (?, ?, ?, ?)");
  return insert.bind(seq).bind_blob(vector).bind_blob(about).bind_blob(crop).run();
}

Status rewrite_picture(const Tables& tables, const PictureRecord& picture) {
  const Bytes details = tables.vault.close(write_details(picture), part::kPicture, seal_id(picture.id));
  sqlite::Statement update = tables.database.statement("UPDATE picture SET details = ? WHERE id = ?");
  return update.bind_blob(details).bind(number(picture.id)).run();
}

Status move_picture(const Tables& tables, PictureId id, PersonId person) {
  return tables.database.statement("UPDATE picture SET person = ? WHERE id = ?").bind(number(person), number(id)).run();
}

Status remove_picture(const Tables& tables, PictureId id) {
  FACEPIPE_TRY(
      tables.database
          .statement("DELETE FROM picture_content WHERE picture = (SELECT seq FROM picture WHERE picture.id = ?)")
          .bind(number(id))
          .run());
  return tables.database.statement("DELETE FROM picture WHERE id = ?").bind(number(id)).run();
}

Status put_embedding(const Tables& tables, PictureId id, std::span<const float> embedding) {
  const Bytes vector = tables.vault.close(vector_bytes(embedding), part::kPictureEmbedding, seal_id(id));
  sqlite::Statement put = tables.database.statement(
      "UPDATE picture_content SET vector = ? WHERE picture = (SELECT seq FROM picture WHERE picture.id = ?)");
  return put.bind_blob(vector).bind(number(id)).run();
}

// The only list that begins with the oldest.
Result<Page<PictureRecord>> picture_page(const Tables& tables, std::optional<PersonId> person,
                                         const PageRequest& page) {
  FACEPIPE_TRY(check_limit(page.limit));
  Question question("pictures");
  question.with(person);
  FACEPIPE_ASSIGN(const std::optional<Place> place, parse_cursor(question, page.after));
  sqlite::Statement select =
      person ? tables.database.statement(
                   "SELECT seq, seq, id, person, time_ms, details FROM picture INDEXED BY picture_person "
                   "WHERE person = ? AND seq > ? ORDER BY seq LIMIT ?")
             : tables.database.statement(
                   "SELECT seq, seq, id, person, time_ms, details FROM picture WHERE seq > ? ORDER BY seq LIMIT ?");
  if (person) {
    select.bind(number(*person));
  }
  select.bind(place ? place->seq : 0, static_cast<std::int64_t>(page.limit) + 1);
  return read_page<PictureRecord>(std::move(select), question, page.limit,
                                  [&](const sqlite::Statement& row) { return read_picture(tables, row, 2); });
}

Result<std::optional<PictureRecord>> find_picture(const Tables& tables, PictureId id) {
  sqlite::Statement select = tables.database.statement("SELECT id, person, time_ms, details FROM picture WHERE id = ?");
  select.bind(number(id));
  return select.one([&] { return read_picture(tables, select, 0); });
}

Result<Crop> picture_crop(const Tables& tables, PictureId id) {
  return read_crop(
      tables,
      "SELECT c.details, c.crop FROM picture JOIN picture_content c ON c.picture = picture.seq WHERE picture.id = ?",
      number(id), kPictureContent, no_such(id));
}

Result<std::vector<float>> picture_embedding(const Tables& tables, PictureId id) {
  return read_embedding(
      tables, "SELECT c.vector FROM picture JOIN picture_content c ON c.picture = picture.seq WHERE picture.id = ?",
      number(id), kPictureContent, no_such(id));
}

}  // namespace facepipe::faces
