// Work on the file of a store that no process has open: check, salvage, back-up, erasure. All of them take the file's
// lock for as long as they run: kUnavailable says that another process has it. kNotFound where there is no file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/seal.h"
#include "queue/interrupted_repair.h"

namespace facepipe::queue {

struct StoreCheck {
  std::int64_t format_version = 0;    // 0: not readable
  std::int64_t messages = 0;          // of all queues
  std::vector<std::string> problems;  // empty: sound. At most 10, SQLite's words: page numbers and names of tables
};
// SQLite's whole integrity check, and that every message has its body. Changes nothing, except that a write-ahead log
// which a crash left is taken into the file, as any opening does. A damaged file is no error here.
[[nodiscard]] Result<StoreCheck> check_store(const std::filesystem::path& file);

struct Salvage {
  std::filesystem::path damaged;     // where the damaged file is now; its -wal beside it
  std::int64_t recovered = 0;        // messages in the new file
  std::optional<std::int64_t> lost;  // messages that left a trace but cannot be read; nullopt: nothing could be read
  std::vector<std::string> made_queues;  // made for messages whose queue could not be read, with default settings
};
// Makes a new store of every message, queue and key that can still be read, and puts the damaged file aside as
// FILE.damaged-YYYYMMDDTHHMMSSmmmZ. Damage is looked for by reading row by row, forwards, backwards and by the indexes.
// The new store is whole and on the disk before the damaged one is touched; from then on whatever cuts the repair off,
// the next opening finishes it (interrupted_repair.h). After an error before that the damaged file is where it was.
// Where the file is missing and FILE.damaged-ID lies there, the newest is made a store of. `step`: for tests.
[[nodiscard]] Result<Salvage> salvage_store(const std::filesystem::path& file, const Clock& clock,
                                            const RepairStep& step = {});

// Writes a copy to `target` (mode 0600): under another name until it is whole and flushed, with its folder flushed
// behind it. kAlreadyExists if there is one.
[[nodiscard]] Status backup_store(const std::filesystem::path& file, const std::filesystem::path& target);

// Deletes every message whose body `is_meant` accepts, on all queues, overwrites its bytes with zeros and rewrites the
// file. Returns how many. `key`: as QueueStore::open.
[[nodiscard]] Result<std::int64_t> erase_messages(const std::filesystem::path& file,
                                                  const std::optional<SealingKey>& key,
                                                  const std::function<bool(std::string_view body)>& is_meant);

}  // namespace facepipe::queue
