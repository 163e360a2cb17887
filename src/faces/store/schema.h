// The store's file format: tables, version, settings of the connection. docs/formats/face-store.md
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "base/result.h"
#include "sqlite/sqlite.h"

namespace facepipe::faces {

inline constexpr std::string_view kStoreKind = "face store";
inline constexpr std::int64_t kApplicationId = 0x46504653;  // "FPFS"
inline constexpr std::int64_t kFormatVersion = 2;
inline constexpr std::int64_t kPageBytes = 4'096;  // a crop of 5 KB would leave the rest of a page of 8 KB empty

// Opens or creates the file and brings it to kFormatVersion. The caller has the file's lock (base/file_lock.h).
// `max_bytes` 0: no limit. Errors as SqliteFaceStore::open.
[[nodiscard]] Result<std::unique_ptr<sqlite::Database>> open_database(const std::filesystem::path& file,
                                                                      std::int64_t max_bytes);

}  // namespace facepipe::faces
