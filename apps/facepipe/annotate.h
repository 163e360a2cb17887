// Pictures with boxes and names drawn on them.
#pragma once

#include <filesystem>
#include <set>
#include <span>
#include <vector>

#include "base/result.h"
#include "client/frame_source.h"
#include "image/image.h"

namespace facepipe::app {

// --- File names for what a command writes, none of which is another's.
// Names are one if they are so for a file system that does not tell upper from lower case (ASCII).
class UniqueNames {
 public:
  // Never given out: a file that must not be written over.
  void reserve(const std::filesystem::path& file);
  // `stem` + `suffix`, or `stem` + "-2" + `suffix` and so on where that is taken.
  [[nodiscard]] std::filesystem::path take(const std::filesystem::path& stem, std::string_view suffix);

 private:
  std::set<std::string> taken_;
};

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
