// Work on the file of a store that no process has open: check, salvage, back-up, erasure. All of them take the file's
// lock for as long as they run: kUnavailable says that another process has it. kNotFound where there is no file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

#include "base/clock.h"
#include "base/result.h"
#include "base/seal.h"
#include "queue/store/interrupted_repair.h"

namespace facepipe::queue {

struct StoreCheck {
  std::int64_t format_version = 0;    // 0: not readable
  std::int64_t messages = 0;          // of all queues
  std::vector<std::string> problems;  // empty: sound. At most 10, SQLite's words: page numbers and names of tables
  std::int64_t unchecked = 0;         // messages that are sealed, and no key was given
  std::int64_t unreadable = 0;        // messages whose content cannot be read, however sound the file is
  std::vector<std::string> unreadable_ids;  // of the first 10 of them: message_id
};
// SQLite's whole integrity check, that every message has its body, and that each one's content can be read: what is
// sealed is opened with `key`. Changes nothing, except that a write-ahead log which a crash left is taken into the
// file, as any opening does, and that a repair which was cut off is finished. A damaged file is no error here.
[[nodiscard]] Result<StoreCheck> check_store(const std::filesystem::path& file,
                                             const std::optional<SealingKey>& key = std::nullopt);

// What one store, of any kind that a repair or a back-up leaves, holds of what is looked for.
struct StoreSearch {
  std::int64_t found = 0;   // messages whose body is_meant accepts
  std::int64_t unread = 0;  // messages that left a trace and could not be read: damage, or another key
  bool whole = false;       // every row of it could be reached: found and unread are all
};
// Reads row by row as salvage_store does; what is sealed is opened with `key`. kUnavailable if another process has it.
[[nodiscard]] Result<StoreSearch> search_store(const std::filesystem::path& file, const std::optional<SealingKey>& key,
                                               const std::function<bool(std::string_view body)>& is_meant);

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
                                            const RepairStep& step = no_step);

// Writes a copy to `target` (mode 0600): under another name until it is whole and flushed, with its folder flushed
// behind it. kAlreadyExists if there is one.
[[nodiscard]] Status backup_store(const std::filesystem::path& file, const std::filesystem::path& target);

// Deletes every message whose body `is_meant` accepts, on all queues, overwrites its bytes with zeros and rewrites the
// file. Returns how many. `key`: as QueueStore::open. `unreadable`, if given: how many messages stay because their
// content cannot be read, so that nobody knows whom they name.
[[nodiscard]] Result<std::int64_t> erase_messages(const std::filesystem::path& file,
                                                  const std::optional<SealingKey>& key,
                                                  const std::function<bool(std::string_view body)>& is_meant,
                                                  std::int64_t* unreadable = nullptr);

}  // namespace facepipe::queue
