#include "faces/store/details.h"
#include "faces/store/query.h"
#include "faces/store/rows.h"

namespace facepipe::faces {
namespace {

constexpr std::string_view kUnknownColumns = "id, last_ms, ignored, details, centroid";

Result<UnknownRecord> read_unknown(const Tables& tables, const sqlite::Statement& row, int column) {
  UnknownRecord unknown;
  unknown.id = static_cast<UnknownId>(row.integer(column));
  unknown.last_seen = from_ms(row.integer(column + 1));
  unknown.ignored = row.integer(column + 2) != 0;
  FACEPIPE_ASSIGN(const std::string details,
                  tables.vault.open_text(row.blob(column + 3), part::kUnknown, seal_id(unknown.id)));
  FACEPIPE_TRY(read_details(details, unknown));
  FACEPIPE_ASSIGN(const Bytes centroid, tables.vault.open(row.blob(column + 4), part::kCentroid, seal_id(unknown.id)));
  FACEPIPE_ASSIGN(unknown.centroid, vector_of(centroid));
  return unknown;
}

}  // namespace

Status put_unknown(const Tables& tables, const UnknownRecord& unknown) {
  const Bytes details = tables.vault.close(write_details(unknown), part::kUnknown, seal_id(unknown.id));
  const Bytes centroid = tables.vault.close(vector_bytes(unknown.centroid), part::kCentroid, seal_id(unknown.id));
  sqlite::Statement put = tables.database.statement(
      "INSERT INTO unknown (id, last_ms, ignored, details, centroid) VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE "
      "SET last_ms = excluded.last_ms, ignored = excluded.ignored, details = excluded.details, "
      "centroid = excluded.centroid");
  put.bind(number(unknown.id), to_ms(unknown.last_seen), std::int64_t{unknown.ignored});
  return put.bind_blob(details).bind_blob(centroid).run();
}

Status remove_unknown(const Tables& tables, UnknownId id) {
  FACEPIPE_TRY(tables.database.statement("UPDATE face SET unknown = NULL WHERE unknown = ?").bind(number(id)).run());
  FACEPIPE_TRY(tables.database.statement("UPDATE visit SET unknown = NULL WHERE unknown = ?").bind(number(id)).run());
  return forget_unknown(tables, id);
}

Status forget_unknown(const Tables& tables, UnknownId id) {
  return tables.database.statement("DELETE FROM unknown WHERE id = ?").bind(number(id)).run();
}

Result<Page<UnknownRecord>> unknown_page(const Tables& tables, bool ignored_too, const PageRequest& page) {
  FACEPIPE_TRY(check_limit(page.limit));
  Question question("unknowns");
  question.with(std::optional(ignored_too));
  FACEPIPE_ASSIGN(const std::optional<Place> place, parse_cursor(question, page.after));
  Query query;
  if (!ignored_too) {
    query.use("unknown_ignored");
    query.when("ignored = 0");
  }
  query.use("unknown_last");
  return read_page<UnknownRecord>(query.page(tables.database, kUnknownColumns, "unknown", "last_ms", place, page.limit),
                                  question, page.limit,
                                  [&](const sqlite::Statement& row) { return read_unknown(tables, row, 2); });
}

Result<std::optional<UnknownRecord>> find_unknown(const Tables& tables, UnknownId id) {
  sqlite::Statement select =
      tables.database.statement("SELECT id, last_ms, ignored, details, centroid FROM unknown WHERE id = ?");
  select.bind(number(id));
  return select.one([&] { return read_unknown(tables, select, 0); });
}

Status remove_centroids(const Tables& tables) {
  sqlite::Statement select = tables.database.statement("SELECT id FROM unknown");
  FACEPIPE_ASSIGN(const std::vector<std::int64_t> ids, select.all([&] { return select.integer(0); }));
  for (const std::int64_t id : ids) {
    const Bytes empty = tables.vault.close(ByteView{}, part::kCentroid, static_cast<std::uint64_t>(id));
    sqlite::Statement put = tables.database.statement("UPDATE unknown SET centroid = ? WHERE id = ?");
    FACEPIPE_TRY(put.bind_blob(empty).bind(id).run());
  }
  return {};
}

}  // namespace facepipe::faces
