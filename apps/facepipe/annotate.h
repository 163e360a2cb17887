// Pictures with boxes and names drawn on them.
#pragma once

#include <filesystem>
#include <span>
#include <string>

#include "base/result.h"
#include "image/image.h"

namespace facepipe::app {

struct Label {
  image::Box box;
  std::string name;  // empty: the box alone
};

// Writes `picture` with its labels as a JPEG at `target` with ".jpg" added, making the folders on the way.
[[nodiscard]] Status write_annotated(image::RgbView picture, std::span<const Label> labels,
                                     std::filesystem::path target);

}  // namespace facepipe::app
