// Work on a store's file from outside: check, copy, a way out of damage, erasure by name. kNotFound where there is no
// file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/seal.h"
#include "faces/face_store.h"

namespace facepipe::faces {

struct FaceStoreCheck {
  bool in_use = false;  // a process has it: it was read beside that one, and not looked through
  std::int64_t format_version = 0;
  bool sealed = false;
  StoreCounts counts;
  std::int64_t dead_deliveries = 0;
  std::vector<std::string> problems;  // empty: none were found. At most 10, SQLite's words
  std::int64_t unreadable = 0;        // records that do not open, with the right key
};
// Where no process has it: SQLite's whole integrity check, and that every record opens, if `key` is given where it is
// sealed (kPermission, kMismatch otherwise). A damaged file is no error here.
[[nodiscard]] Result<FaceStoreCheck> check_face_store(const std::filesystem::path& file,
                                                      const std::optional<SealingKey>& key);

// Calls `take(person, embedding)` for each enrolled picture.
[[nodiscard]] Status each_picture(
    const std::filesystem::path& file, const std::optional<SealingKey>& key,
    const std::function<void(const PictureRecord& picture, std::span<const float> embedding)>& take);

// Writes a copy, as of one moment, to `target` (mode 0600, whole or absent; kAlreadyExists), also while a process has
// the store. What is sealed stays sealed.
[[nodiscard]] Status backup_face_store(const std::filesystem::path& file, const std::filesystem::path& target);

struct FaceSalvage {
  std::filesystem::path damaged;  // where the damaged file is now, its -wal beside it
  std::int64_t pictures = 0;      // enrolled pictures that are in the new file
  std::int64_t lost = 0;          // that left a trace and cannot be read
};
// A new store of the enrolled pictures that can be read, row by row, in place of a damaged one, which is put aside as
// FILE.damaged-TIME; all else is in that alone. The new one is whole and on the disk first. kUnavailable: a process has
// the file.
[[nodiscard]] Result<FaceSalvage> salvage_face_store(const std::filesystem::path& file,
                                                     const std::optional<SealingKey>& key, const Clock& clock);

// As FaceStore::erase, of the person and of whoever was called `name`, with every mention of the name. kUnavailable: a
// process has the file.
[[nodiscard]] Result<std::int64_t> erase_from_face_store(const std::filesystem::path& file,
                                                         const std::optional<SealingKey>& key,
                                                         std::optional<PersonId> person, const std::string& name);
// How many records of a store, or of a copy, mention the name.
[[nodiscard]] Result<std::int64_t> count_mentions(const std::filesystem::path& file,
                                                  const std::optional<SealingKey>& key, const std::string& name);
// The file's header says that it is one.
[[nodiscard]] bool is_face_store(ByteView start);

}  // namespace facepipe::faces
