// Tested by probe_test.cc.
#include "recognize/probe.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "embed/crop.h"
#include "embed/landmarks.h"
#include "image/resize.h"

namespace facepipe::recognize {
namespace {

int clamped(double value, int limit) {
  return static_cast<int>(std::clamp(value, 0.0, static_cast<double>(limit)));
}

std::string describe(const image::Box& box) {
  return "[" + std::to_string(box.x1) + ", " + std::to_string(box.y1) + ", " + std::to_string(box.x2) + ", " +
         std::to_string(box.y2) + "]";
}

// A copy with its longer side at most `max_side_px`, the box scaled with it.
SourceCrop shrunk(image::RgbView pixels, const image::Box& box, int max_side_px) {
  const double scale = static_cast<double>(max_side_px) / std::max({pixels.width, pixels.height, 1});
  if (scale >= 1) {
    return {image::RgbImage::clone(pixels), box};
  }
  const int width = std::max(1, static_cast<int>(std::lround(pixels.width * scale)));
  const int height = std::max(1, static_cast<int>(std::lround(pixels.height * scale)));
  const double scale_x = static_cast<double>(width) / pixels.width;
  const double scale_y = static_cast<double>(height) / pixels.height;
  return {image::resize_bilinear(pixels, width, height),
          {static_cast<float>(double{box.x1} * scale_x), static_cast<float>(double{box.y1} * scale_y),
           static_cast<float>(double{box.x2} * scale_x), static_cast<float>(double{box.y2} * scale_y)}};
}

// A ready crop in the shape of the box that it was cut by. The original makes a square of every box.
image::RgbImage unsqueezed(image::RgbView crop) {
  const auto width = static_cast<int>(std::lround(crop.height * embed::kMeanBoxAspect));
  return crop.width == crop.height ? image::resize_bilinear(crop, std::max(width, 1), crop.height)
                                   : image::RgbImage::clone(crop);
}

Result<image::RgbImage> aligned_input(image::RgbView view, const image::Box& box,
                                      const std::optional<image::Landmarks>& landmarks,
                                      const model::Preprocessing& preprocessing,
                                      const embed::AlignmentKinds& alignments) {
  FACEPIPE_ASSIGN(const embed::Align align, alignments.find(preprocessing.alignment));
  image::RgbImage input;
  if (has_pixels(box, view)) {
    FACEPIPE_ASSIGN(input, align(view, box, landmarks, preprocessing));
  }
  if (input.view().empty()) {
    return Error{ErrorCode::kInvalidData, "the face's box " + describe(box) +
                                              " has no whole pixel inside its picture of " +
                                              std::to_string(view.width) + "x" + std::to_string(view.height)};
  }
  return input;
}

}  // namespace

bool has_pixels(const image::Box& box, image::RgbView picture) {
  model::Preprocessing no_margin;  // the box's own pixels, as every mode without a margin cuts them
  no_margin.margin_px = 0;
  return !picture.empty() && !embed::crop_rect(box, picture.width, picture.height, no_margin).empty();
}

SourceCrop cut_source_crop(image::RgbView frame, const image::Box& box,
                           const std::optional<image::Landmarks>& landmarks, const SourceCropOptions& options) {
  if (!has_pixels(box, frame)) {
    return {};
  }
  const float room = options.margin_share * std::max(box.width(), box.height());
  const double margin = std::isfinite(room) ? double{room} : double{std::numeric_limits<float>::max()};
  image::Bounds part{double{box.x1} - margin, double{box.y1} - margin, double{box.x2} + margin,
                     double{box.y2} + margin};
  if (const auto aligned = landmarks ? embed::aligned_part(box, *landmarks) : std::nullopt) {
    part = {std::min(part.left, aligned->left), std::min(part.top, aligned->top), std::max(part.right, aligned->right),
            std::max(part.bottom, aligned->bottom)};
  }
  const image::Rect rect{clamped(std::floor(part.left), frame.width), clamped(std::floor(part.top), frame.height),
                         clamped(std::ceil(part.right), frame.width), clamped(std::ceil(part.bottom), frame.height)};
  // Exact: a float less a whole number between 0 and it needs no more bits than the float.
  const auto left = static_cast<float>(rect.left);
  const auto top = static_cast<float>(rect.top);
  // From the frame itself: a copy of a large face would be as large as the frame.
  return shrunk(frame.crop(rect), {box.x1 - left, box.y1 - top, box.x2 - left, box.y2 - top},
                std::max(options.max_side_px, 1));
}

SourceCrop shrink_source_crop(const SourceCrop& crop, int max_side_px) {
  return shrunk(crop.pixels.view(), crop.box, max_side_px);
}

image::Landmarks move_landmarks(const image::Landmarks& landmarks, const image::Box& from, const image::Box& to) {
  constexpr double kCentre = 0.5;  // whole numbers are a box's edges, and a landmark's centres of pixels
  const double scale_x = double{to.width()} / double{from.width()};
  const double scale_y = double{to.height()} / double{from.height()};
  image::Landmarks moved{};
  std::transform(landmarks.begin(), landmarks.end(), moved.begin(), [&](const image::Point& point) {
    return image::Point{
        static_cast<float>((double{point.x} + kCentre - double{from.x1}) * scale_x + double{to.x1} - kCentre),
        static_cast<float>((double{point.y} + kCentre - double{from.y1}) * scale_y + double{to.y1} - kCentre)};
  });
  return moved;
}

Probe cut_probe(image::RgbView picture, const detect::Face& face) {
  SourceCropOptions whole;
  whole.max_side_px = std::numeric_limits<int>::max();
  SourceCrop crop = cut_source_crop(picture, face.box, face.landmarks, whole);
  return {std::move(crop.pixels), crop.box, move_landmarks(face.landmarks, face.box, crop.box)};
}

std::size_t probing_memory(const image::ImageInfo& picture, bool apply_exif_orientation,
                           const detect::Detector& detector) {
  const auto pixels = static_cast<std::size_t>(picture.width) * static_cast<std::size_t>(picture.height) * 3;
  const int longer = std::max(picture.width, picture.height);  // the picture may be turned
  const std::size_t detection = detector.memory(longer, std::min(picture.width, picture.height));
  return std::max(image::decode_memory(picture, apply_exif_orientation), pixels + std::max(detection, pixels));
}

bool lacks_landmarks(const Probe& probe, const model::Preprocessing& preprocessing) {
  return preprocessing.alignment == model::kLandmarksAlignment && !probe.landmarks && !probe.is_input;
}

Result<image::RgbImage> make_input(const Probe& probe, const model::Preprocessing& preprocessing,
                                   const embed::AlignmentKinds& alignments) {
  const image::RgbView view = probe.pixels.view();
  if (view.empty()) {
    return Error{ErrorCode::kInvalidData, "a face without pixels"};
  }
  if (probe.box) {
    return aligned_input(view, *probe.box, probe.landmarks, preprocessing, alignments);
  }
  if (!probe.is_input && preprocessing.alignment != model::kBoxAlignment) {
    const image::RgbImage face = unsqueezed(view);
    const image::Box whole{0, 0, static_cast<float>(face.width()), static_cast<float>(face.height())};
    return aligned_input(face.view(), whole, std::nullopt, preprocessing, alignments);
  }
  if (view.width == preprocessing.input_px && view.height == preprocessing.input_px) {
    return image::RgbImage::clone(view);
  }
  return image::resize_bilinear(view, preprocessing.input_px, preprocessing.input_px);
}

}  // namespace facepipe::recognize
