// The alignment "landmarks": the five landmarks of a face come to lie where its preprocessing wants them.
#pragma once

#include <optional>

#include "base/result.h"
#include "image/image.h"
#include "image/similarity.h"
#include "model/preprocessing.h"

namespace facepipe::embed {

// Where a face's landmarks lie that has none, by its box: their mean places in MTCNN's boxes (of 1,818 photographs of
// LFW; standard deviations 0.08 of the width, of the nose 0.14, and 0.03 of the height). `box` is finite.
[[nodiscard]] image::Landmarks mean_landmarks(const image::Box& box);

// Width of MTCNN's boxes by their height, the mean of the same photographs.
inline constexpr double kMeanBoxAspect = 0.751;

// The picture of preprocessing.input_px in which the landmarks lie as near to preprocessing.points as rotation, even
// scaling and shift bring them (image/similarity.h), sampled by image::warp; stretched if the mode says so. Without
// landmarks: mean_landmarks(box). Conventions as OpenCV's warpAffine: a whole number is a pixel's centre.
// kInvalidData for landmarks of which no face of that box could be: not finite, farther from the box than it is long,
// all in one place, or of a size that is not a fifth to five times the box's; and for what lies beside the picture.
// Thread-safe.
[[nodiscard]] Result<image::RgbImage> align_by_landmarks(image::RgbView picture, const image::Box& box,
                                                         const std::optional<image::Landmarks>& landmarks,
                                                         const model::Preprocessing& preprocessing);

// What of a picture align_by_landmarks may look at, in pixels, some room included, for the template that the networks
// of the field share (kArcFacePoints); it may reach past the picture. nullopt where align_by_landmarks would refuse the
// landmarks.
[[nodiscard]] std::optional<image::Bounds> aligned_part(const image::Box& box, const image::Landmarks& landmarks);

// Of a square of 112 pixels: J. Deng et al., ArcFace, 2019. Also those of MobileFaceNet and SFace.
inline constexpr image::Landmarks kArcFacePoints{
    {{38.2946F, 51.6963F}, {73.5318F, 51.5014F}, {56.0252F, 71.7366F}, {41.5493F, 92.3655F}, {70.7299F, 92.2041F}}};
inline constexpr int kArcFaceSidePx = 112;

}  // namespace facepipe::embed
