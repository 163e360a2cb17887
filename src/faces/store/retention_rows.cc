// How long what is kept stays, as it was changed. Tested by face_store_retention_test.cc
#include "faces/store/rows.h"

namespace facepipe::faces {

Result<RetentionValues> stored_retention(const Tables& tables) {
  std::string text;
  {
    sqlite::Statement select = tables.database.statement("SELECT retention FROM store");
    FACEPIPE_TRY(select.step());
    text = select.text(0);
  }
  if (text.empty()) {
    return RetentionValues();
  }
  FACEPIPE_ASSIGN(const JsonDocument json, JsonDocument::parse_object(text, {.context = "face store: retention"}));
  return read_retention_values(json.root());
}

Result<Retention> retention_in_force(const Tables& tables, const Retention& told, const ClassNames& changeable) {
  FACEPIPE_ASSIGN(RetentionValues stored, stored_retention(tables));
  std::erase_if(stored, [&](const auto& value) { return !changeable.contains(value.first); });
  Retention retention = told;
  set_values(stored, retention);
  return retention;
}

Status store_retention(const Tables& tables, const RetentionValues& values) {
  FACEPIPE_ASSIGN(RetentionValues stored, stored_retention(tables));
  for (const auto& [name, value] : values) {
    stored.insert_or_assign(name, value);
  }
  JsonWriter json;
  write(json, stored);
  const std::string text = std::move(json).text();
  return tables.database.statement("UPDATE store SET retention = ?").bind(std::string_view(text)).run();
}

}  // namespace facepipe::faces
