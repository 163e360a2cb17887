// Which files of a folder are pictures.
#pragma once

#include <filesystem>

#include "image/decode.h"

namespace facepipe::image {

// By the first bytes; a name that ends in .jpg, .jpeg, .jpe, .jfif, .png or .webp (in any case) claims to be a picture,
// and so does a file that cannot be read: both are kReadable, and reading them tells the trouble. kNone for what is not
// a regular file, nor a link to one.
[[nodiscard]] PictureKind picture_kind_of_file(const std::filesystem::path& file);

}  // namespace facepipe::image
