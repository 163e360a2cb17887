// Pictures whose faces are squares, with a detector and an embedder that see them. Test code only.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/work_limit.h"
#include "detect/detector.h"
#include "embed/embedder.h"
#include "image/encode.h"
#include "image/image.h"

namespace facepipe::recognize::testing {

// Faces are squares of 40 px side by side; the "embedding" is the middle pixel's red.
inline constexpr int kSide = 40;

// A PNG with a face of each red; 0 leaves a place empty.
inline Bytes picture(const std::vector<int>& faces) {
  image::RgbImage pixels(std::max(1, static_cast<int>(faces.size())) * kSide, kSide);
  for (int y = 0; y < pixels.height(); ++y) {
    for (int x = 0; x < pixels.width() && !faces.empty(); ++x) {
      pixels.row(y)[3 * x] = static_cast<std::uint8_t>(faces[static_cast<std::size_t>(x / kSide)]);
    }
  }
  return image::encode_png(pixels.view()).value();
}

// For detect::testing::TestDetector.
inline Result<detect::Detection> red_squares(image::RgbView view, const WorkLimit& limit) {
  FACEPIPE_TRY(limit.check("detecting"));
  detect::Detection found;
  for (int x = 0; x < view.width; x += kSide) {
    if (view.row(0)[3 * x] > 0) {
      const auto left = static_cast<float>(x);
      found.faces.push_back({{left, 0, left + kSide, kSide}, 0.9F, {}});
    }
  }
  return found;
}

// For embed::testing::TestEmbedder.
inline Result<std::vector<embed::Embedding>> red_of(std::span<const image::RgbView> crops,
                                                    const model::Preprocessing&) {
  std::vector<embed::Embedding> embeddings;
  for (const image::RgbView& crop : crops) {
    embeddings.push_back({static_cast<float>(crop.row(crop.height / 2)[crop.width / 2 * 3])});
  }
  return embeddings;
}

}  // namespace facepipe::recognize::testing
