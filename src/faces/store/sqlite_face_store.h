// The store of faces in one SQLite file. docs/formats/face-store.md
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>

#include "base/clock.h"
#include "base/result.h"
#include "base/seal.h"
#include "faces/face_store.h"
#include "faces/retention.h"

namespace facepipe::faces {

inline constexpr std::string_view kFaceStoreFile = "faces.db";  // of a data folder

class SqliteFaceStore : public FaceStore {
 public:
  struct Options {
    const Clock* clock = &system_clock();
    std::optional<SealingKey> key;  // everything personal is sealed with it
    Retention retention;
    // Classes of it that Batch::retention may change, and that are as it changed them last, in this run or before it.
    ClassNames changeable_retention;
    std::int64_t max_file_bytes = 0;                       // kExhausted past it; 0: no limit
    int readers = 3;                                       // questions at once
    std::function<std::chrono::milliseconds()> monotonic;  // for tests; null: the steady clock
    std::chrono::milliseconds patience{0};                 // for a process that has the file open to give it up
  };
  // Opens or makes the file (mode 0600) and takes it for this process. kUnavailable: another process has it open;
  // kInvalidData: another kind of file, or damaged; kUnsupported: another release's version; kPermission: it is
  // encrypted and there is no key; kMismatch: it is encrypted with another one.
  [[nodiscard]] static Result<std::unique_ptr<SqliteFaceStore>> open(const std::filesystem::path& file,
                                                                     const Options& options);

  // Every mention of the name where it is not a record's own: as FaceStore::erase does for a person's names.
  [[nodiscard]] virtual Result<std::int64_t> erase_name(const std::string& name) = 0;
};

}  // namespace facepipe::faces
