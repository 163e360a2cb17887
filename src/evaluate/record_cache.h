// What was computed of pictures, kept in a file, so that an interrupted evaluation goes on where it was.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace facepipe::evaluate {

// Lists of numbers by key. Kept as a tensor file (docs/formats/tensor-file.md) with the metadata "made_by" and "xxh64",
// a digest of all keys and values: of a damaged file nothing is used. Thread-safe.
class RecordCache {
 public:
  static constexpr std::chrono::seconds kSaveInterval{5};

  // `file` need not exist; its folder does. `made_by` says all that the records depend on besides their keys, in UTF-8.
  // kMismatch for a file that was made by something else, kInvalidData for one that is damaged or none of ours: both
  // name the file and say to remove it. An empty path: nothing is kept.
  [[nodiscard]] static Result<std::unique_ptr<RecordCache>> open(std::filesystem::path file, std::string made_by,
                                                                 std::chrono::seconds save_interval = kSaveInterval);

  [[nodiscard]] std::optional<std::vector<float>> find(std::string_view key) const;
  // The key is UTF-8 of 1 to 1,024 bytes. Written to the file when the interval has passed since it last was: errors of
  // write_file_atomically.
  [[nodiscard]] Status put(std::string_view key, std::vector<float> values);
  // Writes what is not yet.
  [[nodiscard]] Status save();

 private:
  RecordCache(std::filesystem::path file, std::string made_by, std::chrono::seconds save_interval)
      : file_(std::move(file)), made_by_(std::move(made_by)), save_interval_(save_interval) {}
  [[nodiscard]] Status load();
  [[nodiscard]] Status write();  // with the mutex held

  const std::filesystem::path file_;
  const std::string made_by_;
  const std::chrono::seconds save_interval_;
  mutable std::mutex mutex_;
  std::map<std::string, std::vector<float>, std::less<>> records_;
  bool changed_ = false;
  std::chrono::steady_clock::time_point saved_at_ = std::chrono::steady_clock::now();
};

}  // namespace facepipe::evaluate
