#include "faces/store/content_rows.h"

#include "faces/store/details.h"

namespace facepipe::faces {

Result<Crop> read_crop(const Tables& tables, std::string_view sql, std::int64_t id, const ContentParts& parts,
                       const Error& missing) {
  sqlite::Statement select = tables.database.statement(sql);
  select.bind(id);
  FACEPIPE_ASSIGN(const bool found, select.step());
  if (!found) {
    return missing;
  }
  const auto seal_id = static_cast<std::uint64_t>(id);
  Crop crop;
  FACEPIPE_ASSIGN(const std::string details, tables.vault.open_text(select.blob(0), parts.details, seal_id));
  FACEPIPE_TRY(read_details(details, crop));
  FACEPIPE_ASSIGN(crop.picture, tables.vault.open(select.blob(1), parts.picture, seal_id));
  return crop;
}

Result<std::vector<float>> read_embedding(const Tables& tables, std::string_view sql, std::int64_t id,
                                          const ContentParts& parts, const Error& missing) {
  sqlite::Statement select = tables.database.statement(sql);
  select.bind(id);
  FACEPIPE_ASSIGN(const bool found, select.step());
  if (!found) {
    return missing;
  }
  FACEPIPE_ASSIGN(const Bytes vector,
                  tables.vault.open(select.blob(0), parts.embedding, static_cast<std::uint64_t>(id)));
  return vector_of(vector);
}

}  // namespace facepipe::faces
