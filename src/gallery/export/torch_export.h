// A gallery as the Python pipeline's file: what torch.load and gallery::import_torch_gallery read.
#pragma once

#include <filesystem>

#include "base/bytes.h"
#include "base/result.h"
#include "gallery/gallery.h"
#include "weights/readers.h"

namespace facepipe::gallery {

// The bytes: torch.load gives [[tensor [1,D], ...], [name, ...]], with weights_only=True too. Equal galleries give
// equal bytes. `gallery` must keep TorchGallery's contract and hold less than 4 GiB (checked: a bug otherwise).
[[nodiscard]] Bytes write_torch_gallery(const weights::TorchGallery& gallery);

// Replaces `file` atomically, readable by its owner alone. kMismatch for a gallery whose preprocessing is not the
// classic one, which the Python pipeline could not use; kTooLarge for one that the import would refuse.
[[nodiscard]] Status export_torch_gallery(const Gallery& gallery, const std::filesystem::path& file);

}  // namespace facepipe::gallery
