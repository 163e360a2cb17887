// Tested by face_store_erase_test.cc
#include "faces/store/erase.h"

#include <set>

#include "base/json_writer.h"
#include "faces/ids.h"
#include "faces/store/details.h"

namespace facepipe::faces {
namespace {

Result<std::vector<std::int64_t>> numbers(sqlite::Statement select) {
  return select.all([&] { return select.integer(0); });
}

Status remove_faces(const Tables& tables, const std::vector<std::int64_t>& faces) {
  for (const std::int64_t face : faces) {
    FACEPIPE_TRY(remove_face(tables, face));
  }
  return {};
}

}  // namespace

Result<std::int64_t> erase_face(const Tables& tables, FaceId face) {
  sqlite::Statement select = tables.database.statement("SELECT seq FROM face WHERE id = ?");
  select.bind(number(face));
  FACEPIPE_ASSIGN(const auto found, numbers(std::move(select)));
  FACEPIPE_TRY(remove_faces(tables, found));
  return static_cast<std::int64_t>(found.size());
}

Result<std::int64_t> erase_unknown(const Tables& tables, UnknownId unknown) {
  sqlite::Statement select = tables.database.statement("SELECT seq FROM face WHERE unknown = ?");
  select.bind(number(unknown));
  FACEPIPE_ASSIGN(const auto faces, numbers(std::move(select)));
  FACEPIPE_TRY(remove_faces(tables, faces));
  sqlite::Statement visits = tables.database.statement("SELECT id FROM visit WHERE unknown = ?");
  visits.bind(number(unknown));
  FACEPIPE_ASSIGN(const auto found, numbers(std::move(visits)));
  for (const std::int64_t visit : found) {
    FACEPIPE_TRY(remove_visit(tables, static_cast<VisitId>(visit)));
  }
  FACEPIPE_TRY(remove_unknown(tables, unknown));
  return static_cast<std::int64_t>(faces.size() + found.size()) + tables.database.changes();
}

Result<std::int64_t> erase_person(const Tables& tables, PersonId person) {
  sqlite::Statement select = tables.database.statement("SELECT seq FROM face WHERE person = ?1 OR told = ?1");
  select.bind(number(person));
  FACEPIPE_ASSIGN(const auto faces, numbers(std::move(select)));
  FACEPIPE_TRY(remove_faces(tables, faces));
  sqlite::Statement visits = tables.database.statement("SELECT id FROM visit WHERE person = ?");
  visits.bind(number(person));
  FACEPIPE_ASSIGN(const auto found, numbers(std::move(visits)));
  for (const std::int64_t visit : found) {
    FACEPIPE_TRY(remove_visit(tables, static_cast<VisitId>(visit)));
  }
  sqlite::Statement pictures = tables.database.statement("SELECT id FROM picture WHERE person = ?");
  pictures.bind(number(person));
  FACEPIPE_ASSIGN(const auto enrolled, numbers(std::move(pictures)));
  for (const std::int64_t picture : enrolled) {
    FACEPIPE_TRY(remove_picture(tables, static_cast<PictureId>(picture)));
  }
  return static_cast<std::int64_t>(faces.size() + found.size() + enrolled.size());
}

}  // namespace facepipe::faces
