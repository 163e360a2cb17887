// The store's file format: tables, version, settings of the connection. docs/formats/queue-store.md
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "base/result.h"
#include "base/seal.h"
#include "sqlite/sqlite.h"

namespace facepipe::queue {

inline constexpr std::string_view kStoreKind = "queue store";
inline constexpr std::int64_t kApplicationId = 0x46505153;  // "FPQS"
inline constexpr std::int64_t kFormatVersion = 2;

// Opens or creates the file, takes it for this process, and brings it to kFormatVersion. Errors as QueueStore::open.
// A file that cannot be brought to it is left as it was.
// A repair that was cut off is finished first, or named (interrupted_repair.h).
// `max_file_bytes` 0: no limit.
[[nodiscard]] Result<std::unique_ptr<sqlite::Database>> open_database(const std::filesystem::path& file,
                                                                      std::int64_t max_file_bytes);

// Enters the key's id if the store has none yet; otherwise the two must be the same: kPermission, kMismatch.
[[nodiscard]] Status agree_on_key(sqlite::Database& database, const std::optional<SealingKey>& key);

}  // namespace facepipe::queue
