// Pictures with boxes and names drawn on them.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "client/frame_source.h"
#include "image/image.h"

namespace facepipe::app {

struct Label {
  image::Box box;
  std::string name;  // empty: the box alone
};

// Writes `picture` with its labels as a JPEG at `target`, making the folders on the way.
[[nodiscard]] Status write_annotated(image::RgbView picture, std::span<const Label> labels,
                                     const std::filesystem::path& target);

// Where under `folder` the annotated picture of each file goes: its place in the folder that was walked, with ".jpg"
// added. No two are alike, whatever the letters' case, and none is one of the files: "-2", "-3" ... stand before ".jpg"
// where one would be.
[[nodiscard]] std::vector<std::filesystem::path> annotated_names(const std::filesystem::path& folder,
                                                                 std::span<const client::FrameFile> files);

}  // namespace facepipe::app
