// Tested by face_store_erase_test.cc
#include "faces/store/erase.h"

#include <array>

#include "faces/ids.h"
#include "faces/store/details.h"

namespace facepipe::faces {
namespace {

constexpr std::int64_t kEraseStep = 50;
constexpr std::int64_t kSearchStep = 2'000;

Result<std::vector<std::int64_t>> numbers(sqlite::Statement select) {
  return select.all([&] { return select.integer(0); });
}

Result<std::vector<std::int64_t>> rows_of(const Tables& tables, std::string_view sql, std::int64_t id) {
  sqlite::Statement select = tables.database.statement(sql);
  select.bind(id, kEraseStep);
  return numbers(std::move(select));
}

// The stored bytes of a row, so that they can be looked for.
Status note_contents(const Tables& tables, std::string_view sql, std::int64_t row, Traces& traces) {
  sqlite::Statement select = tables.database.statement(sql);
  select.bind(row);
  return select.each([&] {
    for (int column = 0; column < 2; ++column) {
      traces.add_content(select.blob(column));
    }
  });
}

// The picture of the whole frame that the face was found in, whoever else is in it.
Status erase_frame_of(const Tables& tables, std::int64_t face, Erased& erased) {
  FACEPIPE_ASSIGN(
      const auto frames,
      rows_of(tables,
              "SELECT frame.seq FROM face JOIN frame INDEXED BY frame_request ON frame.request = face.request "
              "AND frame.time_ms = face.time_ms AND frame.camera IS face.camera WHERE face.seq = ? LIMIT ?",
              face));
  for (const std::int64_t frame : frames) {
    FACEPIPE_TRY(note_contents(tables, "SELECT jpeg, jpeg FROM frame_picture WHERE frame = ?", frame, erased.traces));
    FACEPIPE_TRY(remove_frame(tables, frame));
    ++erased.records;
  }
  return {};
}

Status erase_faces(const Tables& tables, const std::vector<std::int64_t>& faces, Erased& erased) {
  for (const std::int64_t face : faces) {
    FACEPIPE_TRY(erase_frame_of(tables, face, erased));
    FACEPIPE_TRY(note_contents(tables, "SELECT picture, details FROM crop WHERE face = ?", face, erased.traces));
    FACEPIPE_TRY(note_contents(tables, "SELECT vector, vector FROM embedding WHERE face = ?", face, erased.traces));
    FACEPIPE_TRY(remove_face(tables, face));
    ++erased.records;
  }
  return {};
}

// The record of a row.
template <typename Record, typename Id>
Result<std::optional<Record>> record_in(const Tables& tables, std::string_view id_of_row, std::int64_t seq,
                                        Result<std::optional<Record>> (*find)(const Tables&, Id)) {
  sqlite::Statement select = tables.database.statement(id_of_row);
  select.bind(seq);
  FACEPIPE_ASSIGN(const std::optional<Id> id, select.one([&] { return static_cast<Id>(select.integer(0)); }));
  return id ? find(tables, *id) : std::optional<Record>();
}
auto face_in(const Tables& tables, std::int64_t seq) {
  return record_in(tables, "SELECT id FROM face WHERE seq = ?", seq, find_face);
}
auto visit_in(const Tables& tables, std::int64_t seq) {
  return record_in(tables, "SELECT id FROM visit WHERE seq = ?", seq, find_visit);
}
auto picture_in(const Tables& tables, std::int64_t seq) {
  return record_in(tables, "SELECT id FROM picture WHERE seq = ?", seq, find_picture);
}

// Of the faces and visits that are about to go, as they were then.
Status note_names(const Tables& tables, PersonId person, const std::vector<std::int64_t>& faces,
                  const std::vector<std::int64_t>& visits, Traces& traces) {
  for (const std::int64_t seq : faces) {
    FACEPIPE_ASSIGN(const auto face, face_in(tables, seq));
    if (face && face->decision.person == person) {
      traces.add_name(face->decision.name);
    }
    if (face && face->decision.second_person == person) {
      traces.add_name(face->decision.second_name);
    }
  }
  for (const std::int64_t id : visits) {
    FACEPIPE_ASSIGN(const auto visit, find_visit(tables, static_cast<VisitId>(id)));
    if (visit && visit->person == person) {
      traces.add_name(visit->name);
    }
    if (visit && visit->second_person == person) {
      traces.add_name(visit->second_name);
    }
  }
  return {};
}

std::string_view table_of(NamedIn where) {
  constexpr std::array<std::string_view, 5> kSql = {
      "SELECT seq, id, details, x'' FROM face WHERE seq > ? ORDER BY seq LIMIT ?",
      "SELECT seq, id, details, x'' FROM visit WHERE seq > ? ORDER BY seq LIMIT ?",
      "SELECT seq, id, details, x'' FROM picture WHERE seq > ? ORDER BY seq LIMIT ?",
      "SELECT id, id, json, x'' FROM event WHERE id > ? AND type <> 'person.erased' ORDER BY id LIMIT ?",
      "SELECT id, id, json, who FROM change WHERE id > ? AND action <> 'person.erase' ORDER BY id LIMIT ?"};
  return kSql.at(static_cast<std::size_t>(where));
}

Result<bool> is_mentioned(const Tables& tables, const Traces& traces, NamedIn where, const sqlite::Statement& row) {
  constexpr std::array<std::string_view, 5> kParts = {part::kFace, part::kVisit, part::kPicture, part::kEvent,
                                                      part::kChange};
  const auto id = static_cast<std::uint64_t>(row.integer(1));
  FACEPIPE_ASSIGN(const std::string text,
                  tables.vault.open_text(row.blob(2), kParts.at(static_cast<std::size_t>(where)), id));
  if (traces.are_in(text)) {
    return true;
  }
  if (where != NamedIn::kChange) {
    return false;
  }
  FACEPIPE_ASSIGN(const std::string who, tables.vault.open_text(row.blob(3), part::kChangeBy, id));
  return traces.names().contains(who);
}

Status erase_in_face(const Tables& tables, const Traces& traces, std::optional<PersonId> person, std::int64_t seq) {
  FACEPIPE_ASSIGN(auto face, face_in(tables, seq));
  if (!face) {
    return {};
  }
  Decision& decision = face->decision;
  if (traces.names().contains(decision.second_name) || (person && decision.second_person == person)) {
    decision.second_person.reset();
    decision.second_name.clear();
    decision.second_distance.reset();
    decision.second_probability.reset();
  }
  for (std::string* text : {&decision.name, &face->request_id}) {
    if (traces.names().contains(*text)) {
      text->clear();
    }
  }
  if (person && face->marked_person == person) {
    face->marked_person.reset();
    face->mark = Mark::kNone;
  }
  return rewrite_face(tables, *face);
}

Status erase_in_visit(const Tables& tables, const Traces& traces, std::optional<PersonId> person, std::int64_t seq) {
  FACEPIPE_ASSIGN(auto visit, visit_in(tables, seq));
  if (!visit) {
    return {};
  }
  if (traces.names().contains(visit->second_name) || (person && visit->second_person == person)) {
    visit->second_person.reset();
    visit->second_name.clear();
  }
  if (traces.names().contains(visit->name)) {
    visit->name.clear();
  }
  if (traces.are_in(visit->votes)) {
    visit->votes.clear();
  }
  return put_visit(tables, *visit);
}

Status erase_in_picture(const Tables& tables, std::int64_t seq) {
  FACEPIPE_ASSIGN(auto picture, picture_in(tables, seq));
  if (!picture) {
    return {};
  }
  picture->source.clear();
  return rewrite_picture(tables, *picture);
}

}  // namespace

Result<Erased> erase_face_step(const Tables& tables, FaceId face) {
  Erased erased;
  FACEPIPE_ASSIGN(const auto found, rows_of(tables, "SELECT seq FROM face WHERE id = ? LIMIT ?", number(face)));
  FACEPIPE_TRY(erase_faces(tables, found, erased));
  return erased;
}

Result<Erased> erase_unknown_step(const Tables& tables, UnknownId unknown) {
  Erased erased;
  FACEPIPE_ASSIGN(const auto faces, rows_of(tables, "SELECT seq FROM face WHERE unknown = ? LIMIT ?", number(unknown)));
  FACEPIPE_TRY(erase_faces(tables, faces, erased));
  FACEPIPE_ASSIGN(const auto visits,
                  rows_of(tables, "SELECT id FROM visit WHERE unknown = ? LIMIT ?", number(unknown)));
  for (const std::int64_t visit : visits) {
    FACEPIPE_TRY(remove_visit(tables, static_cast<VisitId>(visit)));
    ++erased.records;
  }
  FACEPIPE_ASSIGN(const auto groups, rows_of(tables, "SELECT seq FROM unknown WHERE id = ? LIMIT ?", number(unknown)));
  if (!groups.empty() && erased.records == 0) {  // last
    FACEPIPE_TRY(
        note_contents(tables, "SELECT centroid, centroid FROM unknown WHERE seq = ?", groups.front(), erased.traces));
    FACEPIPE_TRY(remove_unknown(tables, unknown));
    ++erased.records;
  }
  return erased;
}

Result<Erased> erase_person_step(const Tables& tables, PersonId person) {
  Erased erased;
  const std::int64_t id = number(person);
  std::vector<std::int64_t> faces;
  for (const std::string_view sql : {"SELECT seq FROM face INDEXED BY face_person WHERE person = ? LIMIT ?",
                                     "SELECT seq FROM face INDEXED BY face_told WHERE told = ? AND told IS NOT person "
                                     "LIMIT ?"}) {
    FACEPIPE_ASSIGN(const auto found, rows_of(tables, sql, id));
    faces.insert(faces.end(), found.begin(), found.end());
  }
  FACEPIPE_ASSIGN(const auto visits, rows_of(tables, "SELECT id FROM visit WHERE person = ? LIMIT ?", id));
  FACEPIPE_TRY(note_names(tables, person, faces, visits, erased.traces));
  FACEPIPE_TRY(erase_faces(tables, faces, erased));
  for (const std::int64_t visit : visits) {
    FACEPIPE_TRY(remove_visit(tables, static_cast<VisitId>(visit)));
    ++erased.records;
  }
  FACEPIPE_ASSIGN(const auto pictures, rows_of(tables, "SELECT seq FROM picture WHERE person = ? LIMIT ?", id));
  for (const std::int64_t picture : pictures) {
    FACEPIPE_TRY(
        note_contents(tables, "SELECT crop, vector FROM picture_content WHERE picture = ?", picture, erased.traces));
    FACEPIPE_TRY(tables.database.statement("DELETE FROM picture_content WHERE picture = ?").bind(picture).run());
    FACEPIPE_TRY(tables.database.statement("DELETE FROM picture WHERE seq = ?").bind(picture).run());
    ++erased.records;
  }
  // Others that were told to be like them, or said not to be them.
  FACEPIPE_ASSIGN(const auto alike, rows_of(tables, "SELECT seq FROM face WHERE second = ? LIMIT ?", id));
  FACEPIPE_ASSIGN(const auto marked, rows_of(tables, "SELECT seq FROM face WHERE marked = ? LIMIT ?", id));
  FACEPIPE_ASSIGN(const auto seconds, rows_of(tables, "SELECT id FROM visit WHERE second = ? LIMIT ?", id));
  FACEPIPE_TRY(note_names(tables, person, alike, seconds, erased.traces));
  for (const auto* others : {&alike, &marked}) {
    for (const std::int64_t face : *others) {
      FACEPIPE_TRY(erase_in_face(tables, erased.traces, person, face));
      ++erased.records;
    }
  }
  for (const std::int64_t visit : seconds) {
    FACEPIPE_ASSIGN(const auto seq, rows_of(tables, "SELECT seq FROM visit WHERE id = ? LIMIT ?", visit));
    FACEPIPE_TRY(erase_in_visit(tables, erased.traces, person, seq.front()));
    ++erased.records;
  }
  return erased;
}

Result<std::vector<Mention>> find_mentions(const Tables& tables, const Traces& traces, MentionSearch& search) {
  std::vector<Mention> found;
  sqlite::Statement select = tables.database.statement(table_of(search.where));
  select.bind(search.after, kSearchStep);
  std::int64_t rows = 0;
  FACEPIPE_TRY(select.each([&]() -> Status {
    ++rows;
    search.after = select.integer(0);
    FACEPIPE_ASSIGN(const bool mentioned, is_mentioned(tables, traces, search.where, select));
    if (mentioned) {
      found.push_back({search.where, search.after});
    }
    return {};
  }));
  if (rows < kSearchStep) {
    search.done = search.where == NamedIn::kChange;
    search.where = search.done ? search.where : static_cast<NamedIn>(static_cast<int>(search.where) + 1);
    search.after = 0;
  }
  return found;
}

Result<std::vector<PersonId>> whom_it_names(const Tables& tables, const Traces& traces, const Mention& mention) {
  std::vector<PersonId> people;
  const auto take = [&](const std::string& name, const std::optional<PersonId>& person) {
    if (person && traces.names().contains(name)) {
      people.push_back(*person);
    }
  };
  if (mention.where == NamedIn::kFace) {
    FACEPIPE_ASSIGN(const auto face, face_in(tables, mention.row));
    if (face) {
      take(face->decision.name, face->decision.person);
      take(face->decision.second_name, face->decision.second_person);
    }
  } else if (mention.where == NamedIn::kVisit) {
    FACEPIPE_ASSIGN(const auto visit, visit_in(tables, mention.row));
    if (visit) {
      take(visit->name, visit->person);
      take(visit->second_name, visit->second_person);
    }
  }
  return people;
}

Result<Erased> erase_mentions(const Tables& tables, const Traces& traces, std::optional<PersonId> person,
                              std::span<const Mention> mentions) {
  Erased erased;
  for (const auto& [where, row] : mentions) {
    switch (where) {
      case NamedIn::kFace:
        FACEPIPE_TRY(erase_in_face(tables, traces, person, row));
        break;
      case NamedIn::kVisit:
        FACEPIPE_TRY(erase_in_visit(tables, traces, person, row));
        break;
      case NamedIn::kPicture:
        FACEPIPE_TRY(erase_in_picture(tables, row));
        break;
      case NamedIn::kEvent:
        FACEPIPE_TRY(remove_event(tables, static_cast<EventId>(row)));
        break;
      case NamedIn::kChange:
        FACEPIPE_TRY(blank_change(tables, static_cast<ChangeId>(row), traces.names()));
        break;
    }
    ++erased.records;
  }
  return erased;
}

}  // namespace facepipe::faces
