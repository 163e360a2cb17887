// Tested by recognize/probe_test.cc and tests/seam/seam_test.cc.
#include "embed/alignment.h"

#include <string>

#include "embed/crop.h"
#include "embed/landmarks.h"

namespace facepipe::embed {
namespace {

Result<image::RgbImage> align_by_box(image::RgbView picture, const image::Box& box,
                                     const std::optional<image::Landmarks>&,
                                     const model::Preprocessing& preprocessing) {
  return make_crop(picture, box, preprocessing);
}

}  // namespace

const AlignmentKinds& alignment_kinds() {
  static const AlignmentKinds kinds("alignment", {{std::string(model::kBoxAlignment), &align_by_box},
                                                  {std::string(model::kLandmarksAlignment), &align_by_landmarks}});
  return kinds;
}

}  // namespace facepipe::embed
