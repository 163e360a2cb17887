// Tested by landmarks_test.cc.
#include "embed/landmarks.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "embed/crop.h"
#include "image/warp.h"

namespace facepipe::embed {
namespace {

Error no_face(const std::string& what) {
  return Error{ErrorCode::kInvalidData, "the face's landmarks " + what};
}

bool is_finite(const image::Point& point) {
  return std::isfinite(point.x) && std::isfinite(point.y);
}

double longer_side(const image::Box& box) {
  return std::max(double{box.x2} - double{box.x1}, double{box.y2} - double{box.y1});
}

Status check_places(const image::Box& box, const image::Landmarks& landmarks) {
  if (!std::ranges::all_of(landmarks, is_finite)) {
    return no_face("are not finite");
  }
  const double side = longer_side(box);
  for (const image::Point& point : landmarks) {
    const double beside = std::max({double{box.x1} - double{point.x}, double{point.x} - double{box.x2},
                                    double{box.y1} - double{point.y}, double{point.y} - double{box.y2}});
    if (!(beside <= side)) {
      return no_face("lie farther from its box than that is long: one at (" + std::to_string(point.x) + ", " +
                     std::to_string(point.y) + ")");
    }
  }
  return {};
}

// From pixels of a square input of `input_px`, in which the landmarks lie at `points`, to pixels of the picture.
Result<image::Similarity> from_input(const image::Box& box, const image::Landmarks& landmarks,
                                     const image::Landmarks& points, int input_px) {
  constexpr double kMostTimesTheBox = 5;
  FACEPIPE_TRY(check_places(box, landmarks));
  const auto to_input = image::fit_similarity(landmarks, points);
  if (!to_input) {
    return no_face("lie in one place, or not as a face's");
  }
  const image::Similarity to_picture = to_input->inverse();
  const double times = to_picture.scale() * input_px / longer_side(box);
  if (!(times <= kMostTimesTheBox && times >= 1 / kMostTimesTheBox)) {
    return no_face("are those of a face " + std::to_string(times) + " times as large as its box");
  }
  return to_picture;
}

}  // namespace

image::Landmarks mean_landmarks(const image::Box& box) {
  constexpr image::Landmarks kShares{
      {{0.291F, 0.390F}, {0.741F, 0.383F}, {0.520F, 0.583F}, {0.324F, 0.759F}, {0.722F, 0.753F}}};
  image::Landmarks landmarks{};
  std::ranges::transform(kShares, landmarks.begin(), [&](const image::Point& share) {
    return image::Point{box.x1 + share.x * box.width(), box.y1 + share.y * box.height()};
  });
  return landmarks;
}

Result<image::RgbImage> align_by_landmarks(image::RgbView picture, const image::Box& box,
                                           const std::optional<image::Landmarks>& landmarks,
                                           const model::Preprocessing& preprocessing) {
  const int side = preprocessing.input_px;
  FACEPIPE_ASSIGN(const image::Similarity to_picture,
                  from_input(box, landmarks.value_or(mean_landmarks(box)), preprocessing.points, side));
  const image::Bounds part = to_picture.bounds(side, side);
  if (part.right <= 0 || part.bottom <= 0 || part.left >= picture.width || part.top >= picture.height) {
    return no_face("lie beside the picture of " + std::to_string(picture.width) + "x" + std::to_string(picture.height));
  }
  image::RgbImage input = image::warp(picture, to_picture, side, side);
  if (preprocessing.min_max_stretch) {
    min_max_stretch(input);
  }
  return input;
}

std::optional<image::Bounds> aligned_part(const image::Box& box, const image::Landmarks& landmarks) {
  // What image::warp takes around a pixel, and templates that show a little more.
  constexpr double kRoom = kArcFaceSidePx / 16.0;
  constexpr double kRoomInPicture = 2;
  const auto to_picture = from_input(box, landmarks, kArcFacePoints, kArcFaceSidePx);
  if (!to_picture) {
    return std::nullopt;
  }
  image::Similarity with_room = *to_picture;
  with_room.dx -= kRoom * (to_picture->a - to_picture->b);
  with_room.dy -= kRoom * (to_picture->b + to_picture->a);
  const image::Bounds part = with_room.bounds(kArcFaceSidePx + 2 * kRoom, kArcFaceSidePx + 2 * kRoom);
  return image::Bounds{part.left - kRoomInPicture, part.top - kRoomInPicture, part.right + kRoomInPicture,
                       part.bottom + kRoomInPicture};
}

}  // namespace facepipe::embed
