// The store's file format: tables, version, settings of the connection. docs/formats/face-store.md
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>

#include "base/result.h"
#include "base/seal.h"
#include "sqlite/sqlite.h"

namespace facepipe::faces {

inline constexpr std::string_view kStoreKind = "face store";
inline constexpr std::int64_t kApplicationId = 0x46504653;  // "FPFS"
inline constexpr std::int64_t kFormatVersion = 1;

// Opens or creates the file and brings it to kFormatVersion. The caller has the file's lock (base/file_lock.h).
// `max_bytes` 0: no limit. Errors as SqliteFaceStore::open.
[[nodiscard]] Result<std::unique_ptr<sqlite::Database>> open_database(const std::filesystem::path& file,
                                                                      std::int64_t max_bytes);

// Enters the key's id if the store has none yet; otherwise the two must be the same: kPermission, kMismatch.
[[nodiscard]] Status agree_on_key(sqlite::Database& database, const std::optional<SealingKey>& key);

}  // namespace facepipe::faces
