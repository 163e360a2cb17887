// What `facepipe doctor` says of faces.db.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/seal.h"
#include "gallery/gallery.h"

namespace facepipe::app {

// Each as a line; trouble: something has to be done.
struct FacesFinding {
  bool trouble = false;
  bool note = false;
  std::string text;
};
// Whether it is sound, what is in it, and where it and the gallery, if there is one, do not agree. `repair`: a damaged
// one is put aside and begun anew with the enrolled pictures that can be read.
[[nodiscard]] std::vector<FacesFinding> examine_faces(const std::filesystem::path& file,
                                                      const std::optional<SealingKey>& key,
                                                      const std::optional<gallery::Gallery>& gallery, bool repair);

}  // namespace facepipe::app
