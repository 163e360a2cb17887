// Tested by similarity_test.cc.
#include "image/similarity.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include "base/check.h"

namespace facepipe::image {
namespace {

struct Mean {
  double x = 0;
  double y = 0;
};

Mean mean_of(std::span<const Point> points) {
  Mean mean;
  for (const Point& point : points) {
    mean.x += double{point.x};
    mean.y += double{point.y};
  }
  const auto count = static_cast<double>(points.size());
  return {mean.x / count, mean.y / count};
}

}  // namespace

double Similarity::scale() const {
  return std::hypot(a, b);
}

Similarity Similarity::inverse() const {
  const double square = a * a + b * b;
  FACEPIPE_CHECK(square > 0);
  const double inverse_a = a / square;
  const double inverse_b = -b / square;
  return {inverse_a, inverse_b, inverse_b * dy - inverse_a * dx, -inverse_b * dx - inverse_a * dy};
}

Bounds Similarity::bounds(double width, double height) const {
  const std::array<double, 4> x{dx, a * width + dx, -b * height + dx, a * width - b * height + dx};
  const std::array<double, 4> y{dy, b * width + dy, a * height + dy, b * width + a * height + dy};
  return {*std::ranges::min_element(x), *std::ranges::min_element(y), *std::ranges::max_element(x),
          *std::ranges::max_element(y)};
}

std::optional<Similarity> fit_similarity(std::span<const Point> from, std::span<const Point> to) {
  FACEPIPE_CHECK(from.size() == to.size());
  const Mean from_mean = mean_of(from);
  const Mean to_mean = mean_of(to);
  double spread = 0;
  double along = 0;
  double across = 0;
  for (std::size_t i = 0; i < from.size(); ++i) {
    const double x = double{from[i].x} - from_mean.x;
    const double y = double{from[i].y} - from_mean.y;
    const double to_x = double{to[i].x} - to_mean.x;
    const double to_y = double{to[i].y} - to_mean.y;
    spread += x * x + y * y;
    along += x * to_x + y * to_y;
    across += x * to_y - y * to_x;
  }
  const double a = along / spread;
  const double b = across / spread;
  const Similarity fitted{a, b, to_mean.x - a * from_mean.x + b * from_mean.y,
                          to_mean.y - b * from_mean.x - a * from_mean.y};
  // 0 / 0 for one point; a product of tiny numbers has no inverse.
  const bool is_usable = std::isfinite(fitted.dx) && std::isfinite(fitted.dy) && std::isnormal(a * a + b * b);
  return is_usable ? std::optional(fitted) : std::nullopt;
}

}  // namespace facepipe::image
