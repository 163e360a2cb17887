// Space that a store keeps for its log, so that it opens and can be emptied where the disk is full.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>

#include "base/result.h"
#include "sqlite/sqlite.h"

namespace facepipe::sqlite {

inline constexpr std::int64_t kLogRoomBytes = 4 << 20;
// Of the log's index (-shm), which a store that several connections read has besides: SQLite's, of 4096 pages.
inline constexpr std::int64_t kLogIndexBytes = 32 << 10;

// Where the log's blocks are kept while the store is closed and has no log: a file without content.
[[nodiscard]] std::filesystem::path reserve_file(const std::filesystem::path& file);

// The log's blocks, from the opening of a store to its closing. Where the file system cannot set blocks aside, or has
// none left, there are none, and that is no error.
class LogRoom {
 public:
  LogRoom() = default;
  // Before a store is opened whose log has an index: what the reserve file holds is free for the two. The store is this
  // process's already; take() comes when it is open.
  void lend(const std::filesystem::path& file);
  // The store is open, and this process's. What the reserve file holds goes to the log.
  void take(const std::filesystem::path& file);
  // Database::empty_log, which gives the log's blocks back; then it gets them again.
  [[nodiscard]] Status empty_log(Database& database, std::chrono::milliseconds patience) const;
  LogRoom(LogRoom&& other) noexcept;
  LogRoom& operator=(LogRoom&&) = delete;
  LogRoom(const LogRoom&) = delete;
  LogRoom& operator=(const LogRoom&) = delete;
  // The store is closed: the blocks go to the reserve file, unless the log is still there and has them.
  ~LogRoom();

 private:
  std::filesystem::path file_;  // empty: not taken, or moved from
  std::int64_t beside_bytes_ = 0;
};

}  // namespace facepipe::sqlite
