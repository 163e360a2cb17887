// The form of a gallery file that is read and written whole, formats 1 and 2. docs/formats/gallery.md
#pragma once

#include <cstddef>

#include "base/bytes.h"
#include "base/result.h"
#include "gallery/gallery.h"

namespace facepipe::gallery {

inline constexpr std::size_t kMaxGalleryBytes = std::size_t{2} << 30U;

// As gallery_from_bytes, of these formats alone.
[[nodiscard]] Result<Gallery> whole_gallery_from_bytes(ByteView bytes);
// Its digest unchecked.
[[nodiscard]] Result<GalleryOrigin> whole_gallery_origin(ByteView bytes);
// How many bytes such a file would have, its header left out.
[[nodiscard]] std::size_t whole_gallery_bytes(const Gallery& gallery);

}  // namespace facepipe::gallery
