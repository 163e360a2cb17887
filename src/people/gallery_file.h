// The gallery's file and its companion's (gallery/known_people.h), changed under one lock by whoever changes people: a
// running server, and the commands.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/seal.h"
#include "gallery/known_people.h"

namespace facepipe::people {

// Thread-safe. Errors name the file.
class GalleryFile {
 public:
  explicit GalleryFile(std::filesystem::path file, std::optional<SealingKey> key = {})
      : file_(std::move(file)), key_(std::move(key)) {}

  [[nodiscard]] const std::filesystem::path& path() const { return file_; }
  [[nodiscard]] Result<gallery::Gallery> load() const;
  // For who holds the file's lock and may save it: gallery::load_people.
  [[nodiscard]] Result<gallery::KnownPeople> load_to_edit() const;
  // gallery::save_people.
  [[nodiscard]] Status save(const gallery::KnownPeople& people) const;
  // Another text after every save.
  [[nodiscard]] std::string state() const;

  // Files beside these that are to take their place: "FILE.next-ID", and its companion. For who holds this file's lock,
  // as what follows.
  [[nodiscard]] GalleryFile successor(std::string_view id) const;
  // The file of that name, and its companion before it, take the place of these; nothing happens if it is not there
  // (any more). A companion of this file's own stays where the other has none. kInvalidData for a name that is no
  // successor's.
  [[nodiscard]] Status succeed(const std::filesystem::path& name) const;
  // What others left who were killed.
  void remove_successors() const;

  // Under the file's lock: loads the people, has `change` change them, saves them unless that failed. kTimeout: others
  // hold the lock.
  [[nodiscard]] Status edit(const std::function<Status(gallery::KnownPeople&)>& change) const;

 private:
  std::filesystem::path file_;
  std::optional<SealingKey> key_;
};

}  // namespace facepipe::people
