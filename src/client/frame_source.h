// Files and folders to the frames they hold.
#pragma once

#include <filesystem>
#include <span>
#include <vector>

#include "base/result.h"

namespace facepipe::client {

struct FrameFile {
  std::filesystem::path path;      // as given, or found under a folder as given
  std::filesystem::path relative;  // inside that folder; the bare file name of a file given by name
};

// Files in the order given, whatever their name; folders walked to the bottom in the order of their paths, taking .jpg,
// .jpeg, .png and .webp in any case, without hidden entries. A file that does not exist is kept: reading it tells.
// "-" is standard input, in `relative` "stdin"; such a stream (is_given_stream) named twice is kInvalidArgument.
// kNotFound for no frame at all, kPermission for a folder that cannot be read.
[[nodiscard]] Result<std::vector<FrameFile>> list_frames(std::span<const std::filesystem::path> inputs);

}  // namespace facepipe::client
