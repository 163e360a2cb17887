// What the maintenance functions share.
#pragma once

#include <filesystem>
#include <memory>

#include "base/result.h"
#include "queue/store/sqlite.h"

namespace facepipe::queue {

// The file as it is, damaged perhaps, locked for this process until it is closed. kUnavailable if another process has
// it, kNotFound if there is none; kInvalidData as settle_interrupted_repair.
[[nodiscard]] Result<std::unique_ptr<Database>> open_stopped(const std::filesystem::path& file);

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
