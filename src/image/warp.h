// A rotated, scaled part of a picture.
#pragma once

#include "image/image.h"
#include "image/similarity.h"

namespace facepipe::image {

// width x height pixels; the one in column x and row y is `source` at to_source(x, y). Here whole numbers are the
// centres of pixels, as for OpenCV's warpAffine. Between them bilinear, past the edges the nearest pixel's colour.
// Where a step is 2 pixels of `source` or more, they are averaged first in squares of as many whole pixels as fit into
// a step, counted from the wanted part, so that a cut-out of `source` gives the same as all of it. `source` not empty,
// width and height at least 1, to_source.scale() above 0. Memory and time: the result's, and the wanted part of
// `source`. Thread-safe.
[[nodiscard]] RgbImage warp(RgbView source, const Similarity& to_source, int width, int height);

}  // namespace facepipe::image
