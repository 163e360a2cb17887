// What a detector finds.
#pragma once

#include "image/geometry.h"

namespace facepipe::detect {

struct Face {
  image::Box box;              // pixels of the picture given to the detector
  float confidence = 0;        // probability of the last network, (threshold, 1]
  image::Landmarks landmarks;  // pixels of that picture
};

}  // namespace facepipe::detect
