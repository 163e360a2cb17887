// `facepipe people rebuild`.
#pragma once

#include <string>

#include "base/result.h"
#include "command.h"

namespace facepipe::app {

struct RebuildSettings {
  const GalleryOption& gallery;
  const PackOption& pack;  // the default one, where none is named: the gallery has no say
  const StrangersOption& strangers;
  std::string mode;  // empty: the pack's own
  bool force = false;
  bool trial = false;
};

// Makes the gallery anew by the pack, from the pictures of the data folder, and prints what became of it. The exit
// status: kExitFailure where something would be lost and nothing was done. kUnavailable while a server has the folder
// open; kNotFound where no picture is kept.
[[nodiscard]] Result<int> rebuild_people(const RebuildSettings& settings);

}  // namespace facepipe::app
