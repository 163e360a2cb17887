// A detector of another kind, for the test of the seam: it finds white frames around a picture of any colours.
#pragma once

#include "detect/detector.h"

namespace facepipe::seam {

// Registers the kind "bright-squares". A pack's role "detector" is a text: how bright every channel of a frame's pixels
// is at least.
void add_bright_squares(detect::DetectorKinds& kinds);

}  // namespace facepipe::seam
