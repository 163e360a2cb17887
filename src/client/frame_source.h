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

// Files in the order given, whatever they are; folders walked to the bottom in the order of their paths, without hidden
// entries, taking what is a picture by its content or claims to be one by its name (image/picture_file.h). What a
// folder holds besides is added to `left_out`, if that is not null. A file that does not exist is kept: reading it
// tells. "-" is standard input, in `relative` "stdin"; such a stream (is_given_stream) named twice is
// kInvalidArgument. kNotFound for no frame at all, kPermission for a folder that cannot be read.
[[nodiscard]] Result<std::vector<FrameFile>> list_frames(std::span<const std::filesystem::path> inputs,
                                                         std::vector<std::filesystem::path>* left_out = nullptr);

}  // namespace facepipe::client
