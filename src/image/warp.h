// A rotated, scaled part of a picture.
#pragma once

#include "image/image.h"
#include "image/similarity.h"

namespace facepipe::image {

// width x height pixels; the one in column x and row y is `source` at to_source(x, y). Here whole numbers are the
// centres of pixels, as for OpenCV's warpAffine. Between them bilinear, past the edges the nearest pixel's colour.
// Where a step is s >= 1.5 pixels of `source`, a pixel is the mean over a square of sqrt(s^2 - 1) of them, turned as
// the step is: n x n bilinear samples, n = s rounded. From s = 4 on squares of floor(s / 2) whole pixels are averaged
// first, counted from the wanted part, and take the pixels' place. So a cut-out that holds the wanted part and 2 s + 2
// pixels around it gives the same as the whole picture, and a shrunk one nearly the same. In float, the same to the bit
// on every CPU. `source` not empty, width and height at least 1, to_source.scale() above 0. Memory: from s = 4 on 16
// bytes for each square, fewer than 4 a step on each axis; below, little. Thread-safe.
[[nodiscard]] RgbImage warp(RgbView source, const Similarity& to_source, int width, int height);

}  // namespace facepipe::image
