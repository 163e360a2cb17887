// What the detector finds.
#pragma once

#include <array>

#include "image/geometry.h"

namespace facepipe::detect {

inline constexpr std::size_t kLandmarkCount = 5;

struct Face {
  image::Box box;        // pixels of the picture given to the detector
  float confidence = 0;  // probability of the last network, (threshold, 1]
  std::array<image::Point, kLandmarkCount>
      landmarks;  // left eye, right eye, nose, left and right corner of the mouth, as seen in the picture
};

}  // namespace facepipe::detect
