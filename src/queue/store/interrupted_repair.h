// The files of a repair, and what is done about one that was cut off. docs/formats/queue-store.md, "Repair"
#pragma once

#include <filesystem>
#include <functional>
#include <memory>

#include "base/result.h"
#include "sqlite/sqlite.h"

namespace facepipe::queue {

// What lies beside a store.
struct RepairFiles {
  bool store = false;                           // the store itself, with content
  bool log = false;                             // its write-ahead log, with content
  bool unfinished = false;                      // FILE.new: a store that was being built
  std::vector<std::filesystem::path> repaired;  // FILE.repaired-ID: whole and flushed, not yet in the store's place
  std::vector<std::filesystem::path> damaged;   // FILE.damaged-ID: what a repair put aside, oldest first
};
[[nodiscard]] RepairFiles find_repair_files(const std::filesystem::path& file);

// FILE.new, FILE.repaired-ID, FILE.damaged-ID.
[[nodiscard]] std::filesystem::path unfinished_store(const std::filesystem::path& file);
[[nodiscard]] std::filesystem::path repaired_store(const std::filesystem::path& file, std::string_view id);
[[nodiscard]] std::filesystem::path damaged_store(const std::filesystem::path& file, std::string_view id);

// To be called before a store is opened. Where the store is missing, or empty, a repair that had its new store whole is
// finished; kInvalidData names what lies there of any other, or the log without its store: nobody may begin an empty
// store in its place. Nothing to do otherwise, also where there is no file at all.
[[nodiscard]] Status settle_interrupted_repair(const std::filesystem::path& file);

// Removes what repairs that were cut off left beside a store that is still whole. The caller has the store's lock.
void remove_unfinished_repair(const std::filesystem::path& file);

// Called after each step of a repair, with its name: for tests, which end the process there.
using RepairStep = std::function<void(std::string_view step)>;
inline void no_step(std::string_view /*step*/) {}

// Puts FILE.repaired-ID in the store's place, where none is any more: FILE's own log goes to FILE.damaged-ID first. The
// folder is flushed after each step. The caller has FILE.lock.
[[nodiscard]] Status put_in_place(const std::filesystem::path& file, std::string_view id, const RepairStep& step);

// rename, and the folder flushed.
[[nodiscard]] Status rename_durably(const std::filesystem::path& from, const std::filesystem::path& to);

// The file as it is, damaged perhaps, locked for this process until it is closed. kUnavailable if another process has
// it, kNotFound if there is none; kInvalidData as settle_interrupted_repair.
[[nodiscard]] Result<std::unique_ptr<sqlite::Database>> open_stopped(const std::filesystem::path& file);

// Flushes a file that another library wrote.
[[nodiscard]] Status flush_file(const std::filesystem::path& file);

// Makes the table fifo_group anew from the messages.
inline constexpr const char* kRebuildGroups = R"sql(
DELETE FROM fifo_group;
INSERT INTO fifo_group (queue_id, group_id, head)
  SELECT m.queue_id, m.group_id,
    CASE WHEN sum(m.ready = 0 AND m.received_ms IS NOT NULL) = 0 AND
      (SELECT f.ready FROM message f WHERE f.queue_id = m.queue_id AND f.group_id = m.group_id AND f.ready <> 2 ORDER BY f.turn LIMIT 1) = 1
    THEN min(m.turn) END
  FROM message m JOIN queue q ON q.id = m.queue_id AND q.fifo = 1 WHERE m.ready <> 2 GROUP BY m.queue_id, m.group_id;
)sql";

}  // namespace facepipe::queue
