// Pictures that were rejected as another person's (`people reject`) and show the one who is erased.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "gallery/gallery.h"

namespace facepipe::app {

// Takes out of `gallery` each picture rejected for another person that the gallery's people and threshold say is this
// one's: nearest to them of everybody, and within the threshold where there is one. Returns the pictures' embeddings as
// a gallery's file has them (base64), for a search. What a person's own rejected pictures are goes with the person
// (Gallery::remove).
[[nodiscard]] Result<std::vector<std::string>> erase_rejected_of(gallery::Gallery& gallery, gallery::PersonId person);

// Pictures rejected for anybody.
[[nodiscard]] std::size_t rejected_count(const gallery::Gallery& gallery);

}  // namespace facepipe::app
