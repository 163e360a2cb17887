// Rotation, even scaling and shift of the plane.
#pragma once

#include <optional>
#include <span>

#include "image/geometry.h"

namespace facepipe::image {

// Of what was moved; lowest and highest coordinates.
struct Bounds {
  double left = 0;
  double top = 0;
  double right = 0;
  double bottom = 0;
};

// (x, y) -> (a x - b y + dx, b x + a y + dy).
struct Similarity {
  double a = 1;
  double b = 0;
  double dx = 0;
  double dy = 0;

  [[nodiscard]] double scale() const;
  // scale() must not be 0.
  [[nodiscard]] Similarity inverse() const;
  // Of the rectangle with the opposite corners (0, 0) and (width, height), moved.
  [[nodiscard]] Bounds bounds(double width, double height) const;
};

// The one that brings `from` nearest to `to`, by the sum of squared distances; a reflection is none (S. Umeyama, 1991:
// in the plane his singular value decomposition has a closed form). As many points in both. nullopt if a coordinate is
// not finite, if all of `from` are one point, or if no rotation is nearer than another.
[[nodiscard]] std::optional<Similarity> fit_similarity(std::span<const Point> from, std::span<const Point> to);

}  // namespace facepipe::image
