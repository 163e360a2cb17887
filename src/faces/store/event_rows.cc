// Events and the audit log.
#include "faces/store/cursor.h"
#include "faces/store/query.h"
#include "faces/store/rows.h"

namespace facepipe::faces {
namespace {

Result<ChangeRecord> read_change(const Tables& tables, const sqlite::Statement& row, int column) {
  ChangeRecord change;
  change.id = static_cast<ChangeId>(row.integer(column));
  const auto seal_id = static_cast<std::uint64_t>(change.id);
  change.what.time = from_ms(row.integer(column + 1));
  change.what.action = row.text(column + 2);
  FACEPIPE_ASSIGN(change.what.who, tables.vault.open_text(row.blob(column + 3), part::kChangeBy, seal_id));
  FACEPIPE_ASSIGN(change.what.json, tables.vault.open_text(row.blob(column + 4), part::kChange, seal_id));
  change.undone_by = id_at<ChangeId>(row, column + 5);
  return change;
}

}  // namespace

Result<EventId> insert_event(const Tables& tables, const NewEvent& event) {
  FACEPIPE_TRY(tables.database.statement("INSERT INTO event (key, type, time_ms, json) VALUES (?, ?, ?, x'')")
                   .bind(std::string_view(event.key))
                   .bind(std::string_view(event.type))
                   .bind(to_ms(event.time))
                   .run());
  const std::int64_t id = tables.database.last_insert_id();
  const Bytes json = tables.vault.close(event.json, part::kEvent, static_cast<std::uint64_t>(id));
  FACEPIPE_TRY(tables.database.statement("UPDATE event SET json = ? WHERE id = ?").bind_blob(json).bind(id).run());
  FACEPIPE_TRY(tables.database
                   .statement("INSERT INTO delivery (output, event, attempts, due_ms, dead, error) "
                              "SELECT id, ?, 0, 0, 0, '' FROM output")
                   .bind(id)
                   .run());
  return static_cast<EventId>(id);
}

Status remove_event(const Tables& tables, EventId id) {
  FACEPIPE_TRY(tables.database.statement("DELETE FROM delivery WHERE output IN (SELECT id FROM output) AND event = ?")
                   .bind(number(id))
                   .run());
  return tables.database.statement("DELETE FROM event WHERE id = ?").bind(number(id)).run();
}

Result<Event> read_event(const Tables& tables, const sqlite::Statement& row, int column) {
  Event event;
  event.id = static_cast<EventId>(row.integer(column));
  event.what.key = row.text(column + 1);
  event.what.type = row.text(column + 2);
  event.what.time = from_ms(row.integer(column + 3));
  FACEPIPE_ASSIGN(event.what.json,
                  tables.vault.open_text(row.blob(column + 4), part::kEvent, static_cast<std::uint64_t>(event.id)));
  return event;
}

Result<std::vector<Event>> events_after(const Tables& tables, EventId after, std::size_t limit) {
  FACEPIPE_TRY(check_limit(limit));
  FACEPIPE_ASSIGN(const std::int64_t forgotten, [&]() -> Result<std::int64_t> {
    sqlite::Statement select = tables.database.statement("SELECT forgotten_event FROM store");
    FACEPIPE_TRY(select.step());
    return select.integer(0);
  }());
  if (number(after) < forgotten) {
    return Error{ErrorCode::kNotFound, "events up to " + std::to_string(forgotten) + " are kept no more"};
  }
  sqlite::Statement select =
      tables.database.statement("SELECT id, key, type, time_ms, json FROM event WHERE id > ? ORDER BY id LIMIT ?");
  select.bind(number(after), static_cast<std::int64_t>(limit));
  return select.all([&] { return read_event(tables, select, 0); });
}

Result<EventId> last_event(const Tables& tables) {
  // Of the last that was ever given, kept or not.
  sqlite::Statement select = tables.database.statement("SELECT seq FROM sqlite_sequence WHERE name = 'event'");
  FACEPIPE_ASSIGN(const bool found, select.step());
  return found ? static_cast<EventId>(select.integer(0)) : EventId{0};
}

Result<ChangeId> insert_change(const Tables& tables, const NewChange& change, std::optional<ChangeId> undoes) {
  FACEPIPE_TRY(tables.database.statement("INSERT INTO change (time_ms, action, who, json) VALUES (?, ?, x'', x'')")
                   .bind(to_ms(change.time))
                   .bind(std::string_view(change.action))
                   .run());
  const std::int64_t id = tables.database.last_insert_id();
  const Bytes who = tables.vault.close(change.who, part::kChangeBy, static_cast<std::uint64_t>(id));
  const Bytes json = tables.vault.close(change.json, part::kChange, static_cast<std::uint64_t>(id));
  FACEPIPE_TRY(tables.database.statement("UPDATE change SET who = ?, json = ? WHERE id = ?")
                   .bind_blob(who)
                   .bind_blob(json)
                   .bind(id)
                   .run());
  if (undoes) {
    FACEPIPE_TRY(tables.database.statement("UPDATE change SET undone_by = ? WHERE id = ? AND undone_by IS NULL")
                     .bind(id, number(*undoes))
                     .run());
    if (tables.database.changes() == 0) {
      return Error{ErrorCode::kNotFound, "expected a change that is there and was not taken back yet, got " +
                                             std::to_string(number(*undoes))};
    }
  }
  return static_cast<ChangeId>(id);
}

Status blank_change(const Tables& tables, ChangeId id, const std::set<std::string>& names) {
  const auto seal_id = static_cast<std::uint64_t>(id);
  FACEPIPE_ASSIGN(auto change, find_change(tables, id));
  if (!change) {
    return {};
  }
  const Bytes who =
      tables.vault.close(names.contains(change->what.who) ? "" : change->what.who, part::kChangeBy, seal_id);
  const Bytes json = tables.vault.close(R"({"erased":true})", part::kChange, seal_id);
  return tables.database.statement("UPDATE change SET who = ?, json = ? WHERE id = ?")
      .bind_blob(who)
      .bind_blob(json)
      .bind(number(id))
      .run();
}

Result<Page<ChangeRecord>> change_page(const Tables& tables, const PageRequest& page) {
  FACEPIPE_TRY(check_limit(page.limit));
  const Question question("changes");
  FACEPIPE_ASSIGN(const std::optional<Place> place, parse_cursor(question, page.after));
  sqlite::Statement select = tables.database.statement(
      "SELECT id, id, id, time_ms, action, who, json, undone_by FROM change WHERE id < ? ORDER BY id DESC LIMIT ?");
  select.bind(place ? place->seq : std::numeric_limits<std::int64_t>::max(), static_cast<std::int64_t>(page.limit) + 1);
  return read_page<ChangeRecord>(std::move(select), question, page.limit,
                                 [&](const sqlite::Statement& row) { return read_change(tables, row, 2); });
}

Result<std::optional<ChangeRecord>> find_change(const Tables& tables, ChangeId id) {
  sqlite::Statement select =
      tables.database.statement("SELECT id, time_ms, action, who, json, undone_by FROM change WHERE id = ?");
  select.bind(number(id));
  return select.one([&] { return read_change(tables, select, 0); });
}

}  // namespace facepipe::faces
