// What goes when its time is over, or when there is no room: small steps between the commits of others.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>

#include "base/result.h"
#include "faces/retention.h"
#include "faces/store/rows.h"
#include "sqlite/log_room.h"

namespace facepipe::faces {

// As FaceStore::loss_by.
[[nodiscard]] Result<RetentionLoss> count_loss(const Tables& tables, const RetentionValues& values,
                                               std::int64_t now_ms);

// As it comes in: without what is not to be kept at all.
[[nodiscard]] bool keeps_content(const Retention& retention, const FaceRecord& face);
[[nodiscard]] bool keeps_group(const Retention& retention, const UnknownRecord& group);
[[nodiscard]] bool keeps_frames(const Retention& retention);

// Only on the committer's thread, outside a transaction.
class Sweeper {
 public:
  // What is referred to outlives it.
  Sweeper(sqlite::Database& database, const sqlite::LogRoom& room, const Vault& vault, std::filesystem::path file)
      : database_(database), room_(room), vault_(vault), file_(std::move(file)) {}

  // One step, if one is due: right after another that found work, else after kPause. `now`: wall clock, of what is
  // stored; `passed`: a clock that never jumps.
  [[nodiscard]] Status step(const Retention& retention, Clock::TimePoint now, std::chrono::milliseconds passed);

 private:
  [[nodiscard]] Result<std::int64_t> make_room(const Tables& tables, std::int64_t max_bytes) const;
  [[nodiscard]] Result<std::int64_t> limit_bytes(std::int64_t max_bytes) const;  // or as the disk allows
  [[nodiscard]] Result<bool> give_back() const;                                  // false: there is nothing to give back

  sqlite::Database& database_;
  const sqlite::LogRoom& room_;
  const Vault& vault_;
  const std::filesystem::path file_;
  std::chrono::milliseconds next_{};
  std::chrono::milliseconds next_log_{};
  std::chrono::milliseconds next_cameras_{};
  // The wall clock against the other: one that was set is not believed at once.
  [[nodiscard]] bool is_steady(Clock::TimePoint now, std::chrono::milliseconds passed);
  std::optional<std::chrono::milliseconds> ahead_;
  std::chrono::milliseconds steady_from_{};
  bool log_holds_freed_ = true;  // bytes that were freed may still be in the log: also of an earlier run
};

}  // namespace facepipe::faces
