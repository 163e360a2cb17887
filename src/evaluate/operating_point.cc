// Tested by operating_point_test.cc.
#include "evaluate/operating_point.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace facepipe::evaluate {
namespace {

// Makes 1000 distances at 0.001 one allowed distance although 0.001 is a little less as a double.
constexpr double kRoundingSlack = 1e-9;

double share_at_most(std::span<const float> distances, float threshold, std::uint64_t count) {
  const auto within = std::count_if(distances.begin(), distances.end(), [&](float d) { return d <= threshold; });
  return count == 0 ? 0 : static_cast<double>(within) / static_cast<double>(count);
}

}  // namespace

std::uint64_t allowed_at(double rate, std::uint64_t count) {
  return static_cast<std::uint64_t>(rate * static_cast<double>(count) + kRoundingSlack);
}

std::uint64_t needed_at(double rate) {
  return static_cast<std::uint64_t>(std::min(std::ceil(1 / rate - kRoundingSlack / rate), 1e18));
}

std::optional<float> threshold_at(std::span<const float> smallest, std::uint64_t count, double rate) {
  std::uint64_t allowed = allowed_at(rate, count);
  if (allowed < 1) {
    return std::nullopt;
  }
  allowed = std::min(allowed, count - 1);  // rate < 1: at least one is rejected
  const float upper = smallest[allowed];
  if (upper <= 0) {
    return std::nullopt;
  }
  const auto first_equal = std::lower_bound(smallest.begin(), smallest.end(), upper);
  const float lower = first_equal == smallest.begin() ? 0 : *(first_equal - 1);
  if (std::isinf(upper)) {  // what was no distance at all
    return lower;
  }
  const float threshold = lower + (upper - lower) / 2;
  return threshold >= upper ? lower : threshold;  // neighbours among floats: halfway rounded up
}

OperatingPoint operating_point(std::span<const float> smallest, std::uint64_t count,
                               std::span<const float> true_distances, double rate) {
  OperatingPoint point;
  point.rate = rate;
  point.threshold = threshold_at(smallest, count, rate);
  if (point.threshold) {
    point.false_rate = share_at_most(smallest, *point.threshold, count);
    point.true_rate = share_at_most(true_distances, *point.threshold, true_distances.size());
  }
  return point;
}

Status check_rate(double rate) {
  if (!(rate > 0 && rate < 1)) {
    return Error{ErrorCode::kInvalidArgument, "expected a rate between 0 and 1, got " + std::to_string(rate)};
  }
  return {};
}

std::string rate_name(double rate) {
  constexpr int kSmallest = 9;
  for (int power = 1; power <= kSmallest; ++power) {
    if (std::abs(rate * std::pow(10.0, power) - 1) < kRoundingSlack) {
      return "1e-" + std::to_string(power);
    }
  }
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%g", rate);
  return text.data();
}

}  // namespace facepipe::evaluate
