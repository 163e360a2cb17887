// For tests: pictures without a meaning.
#pragma once

#include <cstdint>
#include <random>

#include "image/image.h"

namespace facepipe::detect {

// Every value of every pixel at random, the same for the same seed.
[[nodiscard]] inline image::RgbImage random_picture(unsigned seed, int width, int height) {
  std::mt19937 random(seed);
  image::RgbImage picture(width, height);
  for (int y = 0; y < height; ++y) {
    for (int i = 0; i < width * 3; ++i) {
      picture.row(y)[i] = static_cast<std::uint8_t>(random() & 255U);
    }
  }
  return picture;
}

}  // namespace facepipe::detect
