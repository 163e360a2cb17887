// Crops and embeddings as they lie in rows, of faces and of enrolled pictures.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "faces/records.h"
#include "faces/store/rows.h"
#include "faces/store/vault.h"

namespace facepipe::faces {

// What the pieces are called in their seals (vault.h).
struct ContentParts {
  std::string_view details;
  std::string_view picture;
  std::string_view embedding;
};
inline constexpr ContentParts kFaceContent{part::kCropDetails, part::kCrop, part::kEmbedding};
inline constexpr ContentParts kPictureContent{part::kPictureCropDetails, part::kPictureCrop, part::kPictureEmbedding};

// Of the record `id`, by which `sql` finds one row: of a crop's details and picture, or of an embedding. Without a row
// the answer is `missing`.
[[nodiscard]] Result<Crop> read_crop(const Tables& tables, std::string_view sql, std::int64_t id,
                                     const ContentParts& parts, const Error& missing);
[[nodiscard]] Result<std::vector<float>> read_embedding(const Tables& tables, std::string_view sql, std::int64_t id,
                                                        const ContentParts& parts, const Error& missing);

}  // namespace facepipe::faces
