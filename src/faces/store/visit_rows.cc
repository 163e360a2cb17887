#include "faces/ids.h"
#include "faces/store/details.h"
#include "faces/store/query.h"
#include "faces/store/rows.h"

namespace facepipe::faces {
namespace {

constexpr std::string_view kVisitColumns = "id, first_ms, last_ms, camera, state, person, second, unknown, details";

Result<VisitRecord> read_visit(const Tables& tables, CameraNames& cameras, const sqlite::Statement& row, int column) {
  VisitRecord visit;
  visit.id = static_cast<VisitId>(row.integer(column));
  visit.first_seen = from_ms(row.integer(column + 1));
  visit.last_seen = from_ms(row.integer(column + 2));
  FACEPIPE_ASSIGN(visit.camera, cameras.name(row.optional_integer(column + 3)));
  visit.state = static_cast<VisitState>(row.integer(column + 4));
  visit.person = id_at<PersonId>(row, column + 5);
  visit.second_person = id_at<PersonId>(row, column + 6);
  visit.unknown = id_at<UnknownId>(row, column + 7);
  FACEPIPE_ASSIGN(const std::string details,
                  tables.vault.open_text(row.blob(column + 8), part::kVisit, seal_id(visit.id)));
  FACEPIPE_TRY(read_details(details, visit));
  return visit;
}

// Whoever asks for visits before a time need not look at those that were last seen longer after it than any visit was.
Result<std::int64_t> longest_visit_ms(const Tables& tables) {
  sqlite::Statement select = tables.database.statement("SELECT longest_visit_ms FROM store");
  FACEPIPE_TRY(select.step());
  return select.integer(0);
}

}  // namespace

Status put_visit(const Tables& tables, const VisitRecord& visit) {
  FACEPIPE_ASSIGN(const auto camera, camera_of(tables, visit.camera));
  const Bytes details = tables.vault.close(write_details(visit), part::kVisit, seal_id(visit.id));
  {
    sqlite::Statement put = tables.database.statement(
        "INSERT INTO visit (id, first_ms, last_ms, camera, state, person, known, second, unknown, details) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET first_ms = excluded.first_ms, "
        "last_ms = excluded.last_ms, camera = excluded.camera, state = excluded.state, person = excluded.person, "
        "known = excluded.known, second = excluded.second, unknown = excluded.unknown, details = excluded.details");
    put.bind(number(visit.id), to_ms(visit.first_seen), to_ms(visit.last_seen), camera, number(visit.state),
             number(visit.person), std::int64_t{visit.person.has_value()}, number(visit.second_person),
             number(visit.unknown));
    FACEPIPE_TRY(put.bind_blob(details).run());
  }
  const std::int64_t length_ms = to_ms(visit.last_seen) - to_ms(visit.first_seen);
  FACEPIPE_ASSIGN(const std::int64_t longest, longest_visit_ms(tables));
  return length_ms <= longest
             ? Status{}
             : tables.database.statement("UPDATE store SET longest_visit_ms = ?").bind(length_ms).run();
}

Status remove_visit(const Tables& tables, VisitId id) {
  FACEPIPE_TRY(tables.database.statement("UPDATE face SET visit = NULL WHERE visit = ?").bind(number(id)).run());
  return tables.database.statement("DELETE FROM visit WHERE id = ?").bind(number(id)).run();
}

Result<Page<VisitRecord>> visit_page(const Tables& tables, const VisitFilter& filter, const PageRequest& page) {
  FACEPIPE_TRY(check_limit(page.limit));
  Question question("visits");
  question.with(filter.camera).with(filter.person).with(filter.unknown).with(filter.known).with(filter.state);
  question.with(filter.open).with(filter.from).with(filter.to);
  FACEPIPE_ASSIGN(const std::optional<Place> place, parse_cursor(question, page.after));
  Query query;
  if (filter.open == true || (filter.state && *filter.state != VisitState::kEnded)) {
    query.use("visit_open");
    query.when("state < 2");
  }
  if (filter.open == false) {
    query.when("state >= 2");
  }
  if (filter.state) {
    query.when("state = ?", {number(*filter.state)});
  }
  if (filter.unknown) {
    query.use("visit_unknown");
    query.when("unknown = ?", {number(*filter.unknown)});
  }
  if (filter.person) {
    query.use("visit_person");
    query.when("person = ?", {number(*filter.person)});
  }
  if (filter.camera) {
    FACEPIPE_ASSIGN(const auto camera, find_camera(tables, *filter.camera));
    if (!camera && !filter.camera->empty()) {
      return Page<VisitRecord>{};
    }
    if (camera) {
      query.use("visit_camera");
      query.when("camera = ?", {*camera});
    } else {
      query.when("camera IS NULL");
    }
  }
  if (filter.known) {
    query.use("visit_known");
    query.when("known = ?", {std::int64_t{*filter.known}});
  }
  if (filter.from) {
    query.when("last_ms >= ?", {to_ms(*filter.from)});
  }
  if (filter.to) {
    FACEPIPE_ASSIGN(const std::int64_t longest, longest_visit_ms(tables));
    query.when("first_ms < ?", {to_ms(*filter.to)});
    query.when("last_ms <= ?", {to_ms(*filter.to) + longest});
  }
  query.use("visit_last");
  CameraNames cameras(tables);
  return read_page<VisitRecord>(query.page(tables.database, kVisitColumns, "visit", "last_ms", place, page.limit),
                                question, page.limit,
                                [&](const sqlite::Statement& row) { return read_visit(tables, cameras, row, 2); });
}

Result<std::optional<VisitRecord>> find_visit(const Tables& tables, VisitId id) {
  sqlite::Statement select = tables.database.statement(
      "SELECT id, first_ms, last_ms, camera, state, person, second, unknown, details FROM visit WHERE id = ?");
  select.bind(number(id));
  CameraNames cameras(tables);
  return select.one([&] { return read_visit(tables, cameras, select, 0); });
}

}  // namespace facepipe::faces
