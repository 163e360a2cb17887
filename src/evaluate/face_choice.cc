// Tested by face_choice_test.cc.
#include "evaluate/face_choice.h"

#include <string>

namespace facepipe::evaluate {
namespace {

double rank_of(const image::Box& box, int width, int height, FaceRule rule) {
  if (rule == FaceRule::kLargest) {
    return double{box.area()};
  }
  const double x = (double{box.x1} + double{box.x2} - width) / 2;
  const double y = (double{box.y1} + double{box.y2} - height) / 2;
  return double{box.area()} - 2 * (x * x + y * y);
}

}  // namespace

std::string_view to_string(FaceRule rule) {
  return rule == FaceRule::kLargest ? "largest" : "central";
}

Result<FaceRule> face_rule_named(std::string_view text) {
  for (const FaceRule rule : {FaceRule::kLargest, FaceRule::kCentral}) {
    if (text == to_string(rule)) {
      return rule;
    }
  }
  return Error{ErrorCode::kInvalidArgument,
               "expected the face \"largest\" or \"central\", got \"" + std::string(text) + "\""};
}

std::optional<std::size_t> choose_face(std::span<const detect::Face> faces, int picture_width, int picture_height,
                                       FaceRule rule) {
  std::optional<std::size_t> best;
  double highest = 0;
  for (std::size_t i = 0; i < faces.size(); ++i) {
    const double rank = rank_of(faces[i].box, picture_width, picture_height, rule);
    if (!best || rank > highest) {
      best = i;
      highest = rank;
    }
  }
  return best;
}

}  // namespace facepipe::evaluate
