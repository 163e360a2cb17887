// Where the people commands take the gallery as a file: written anew, from a `.pt`, and to one.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"
#include "gallery/gallery.h"
#include "options.h"

namespace facepipe::app {

// The same gallery with its companion, written with the key or without. kInvalidArgument where no key is given.
enum class Rewrite { kEncrypt, kDecrypt };
[[nodiscard]] Status rewrite_people(const GalleryOption& option, Rewrite how);
// The same, written for its bulk to be mapped, and without what its changes left behind. kInvalidArgument with a key.
[[nodiscard]] Status compact_people(const GalleryOption& option);

// The Python pipeline's `.pt` becomes the gallery (import_gallery); prints what it is. The exit status.
[[nodiscard]] Result<int> import_pt(const GalleryOption& option, const std::filesystem::path& file);
[[nodiscard]] Status export_pt(const GalleryOption& option, const std::filesystem::path& file);

// "5 people, 90 embeddings of 192"
[[nodiscard]] std::string counts(const gallery::Gallery& gallery);

}  // namespace facepipe::app
