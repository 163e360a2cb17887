// Which of a picture's faces its label means.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "base/result.h"
#include "detect/face.h"

namespace facepipe::evaluate {

enum class FaceRule {
  kLargest,  // what enrolment with --largest takes
  // The face that maximises area - 2 * d^2, d being the distance of its centre to the picture's, in pixels: photographs
  // of Labeled Faces in the Wild are named after the central person, and 2 % of them hold a larger face.
  kCentral,
};
[[nodiscard]] std::string_view to_string(FaceRule rule);  // "largest", "central"
// kInvalidArgument names the two.
[[nodiscard]] Result<FaceRule> face_rule_named(std::string_view text);

// The index of the face; of equal ones the first. nullopt for no face.
[[nodiscard]] std::optional<std::size_t> choose_face(std::span<const detect::Face> faces, int picture_width,
                                                     int picture_height, FaceRule rule);

}  // namespace facepipe::evaluate
