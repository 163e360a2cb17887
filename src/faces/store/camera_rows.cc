#include <algorithm>

#include "faces/store/rows.h"

namespace facepipe::faces {
namespace {

std::uint64_t camera_seal(std::int64_t print) {
  return static_cast<std::uint64_t>(print);
}

}  // namespace

Result<std::optional<std::int64_t>> find_camera(const Tables& tables, const std::string& name) {
  if (name.empty()) {
    return std::optional<std::int64_t>();
  }
  sqlite::Statement select = tables.database.statement("SELECT id FROM camera WHERE print = ?");
  select.bind(tables.vault.fingerprint(name, print::kCamera));
  return select.one([&] { return select.integer(0); });
}

Result<std::optional<std::int64_t>> camera_of(const Tables& tables, const std::string& name) {
  FACEPIPE_ASSIGN(std::optional<std::int64_t> id, find_camera(tables, name));
  if (id || name.empty()) {
    return id;
  }
  const std::int64_t print = tables.vault.fingerprint(name, print::kCamera);
  const Bytes stored = tables.vault.close(name, part::kCamera, camera_seal(print));
  FACEPIPE_TRY(
      tables.database.statement("INSERT INTO camera (print, name) VALUES (?, ?)").bind(print).bind_blob(stored).run());
  return std::optional(tables.database.last_insert_id());
}

Result<std::string> CameraNames::name(std::optional<std::int64_t> camera) {
  if (!camera) {
    return std::string();
  }
  const auto known = names_.find(*camera);
  if (known != names_.end()) {
    return known->second;
  }
  std::string name;
  sqlite::Statement select = tables_.database.statement("SELECT print, name FROM camera WHERE id = ?");
  select.bind(*camera);
  FACEPIPE_ASSIGN(const bool found, select.step());
  if (found) {
    FACEPIPE_ASSIGN(name, tables_.vault.open_text(select.blob(1), part::kCamera, camera_seal(select.integer(0))));
  }
  names_.emplace(*camera, name);
  return name;
}

Result<std::vector<std::string>> camera_names(const Tables& tables) {
  sqlite::Statement select = tables.database.statement(
      "SELECT print, name FROM camera WHERE EXISTS (SELECT 1 FROM face WHERE face.camera = camera.id) "
      "OR EXISTS (SELECT 1 FROM visit WHERE visit.camera = camera.id)");
  FACEPIPE_ASSIGN(std::vector<std::string> names, select.all([&] {
    return tables.vault.open_text(select.blob(1), part::kCamera, camera_seal(select.integer(0)));
  }));
  std::ranges::sort(names);
  return names;
}

Status remove_unused_cameras(const Tables& tables) {
  return tables.database
      .statement(
          "DELETE FROM camera WHERE NOT EXISTS (SELECT 1 FROM face WHERE face.camera = camera.id) "
          "AND NOT EXISTS (SELECT 1 FROM visit WHERE visit.camera = camera.id) "
          "AND NOT EXISTS (SELECT 1 FROM frame WHERE frame.camera = camera.id)")
      .run();
}

}  // namespace facepipe::faces
