// Tested by distances_test.cc.
#include "evaluate/distances.h"

#include <algorithm>
#include <cmath>

namespace facepipe::evaluate {

SmallestDistances::SmallestDistances(std::size_t keep) : keep_(std::max<std::size_t>(keep, 1)) {}

void SmallestDistances::take(float distance) {
  kept_.push_back(distance);
  if (kept_.size() == keep_) {
    limit_ = *std::max_element(kept_.begin(), kept_.end());
  } else if (kept_.size() >= 2 * keep_) {
    shrink();
  }
}

void SmallestDistances::shrink() {
  const auto last = kept_.begin() + static_cast<std::ptrdiff_t>(keep_ - 1);
  std::nth_element(kept_.begin(), last, kept_.end());
  limit_ = *last;
  kept_.resize(keep_);
}

void SmallestDistances::merge(const SmallestDistances& other) {
  const std::uint64_t count = count_ + other.count_;
  for (const float distance : other.kept_) {
    add(distance);
  }
  count_ = count;
}

std::vector<float> SmallestDistances::sorted() const {
  std::vector<float> distances = kept_;
  std::sort(distances.begin(), distances.end());
  distances.resize(std::min(distances.size(), keep_));
  return distances;
}

void DistanceHistogram::add(float distance) {
  ++count_;
  const double step = std::ceil(double{distance} / kStep);
  ++counts_[step <= kSteps ? static_cast<std::size_t>(std::max(step, 0.0)) : kSteps + 1];
}

void DistanceHistogram::merge(const DistanceHistogram& other) {
  count_ += other.count_;
  std::transform(counts_.begin(), counts_.end(), other.counts_.begin(), counts_.begin(),
                 [](std::uint64_t a, std::uint64_t b) { return a + b; });
}

std::uint64_t DistanceHistogram::at_most(std::size_t step) const {
  std::uint64_t total = 0;
  for (std::size_t i = 0; i <= std::min(step, kSteps); ++i) {
    total += counts_[i];
  }
  return total;
}

std::vector<CurvePoint> curve_of(const DistanceHistogram& wrong, const DistanceHistogram& right) {
  std::vector<CurvePoint> curve;
  if (wrong.count() == 0 || right.count() == 0) {
    return curve;
  }
  std::vector<CurvePoint> all;
  all.reserve(DistanceHistogram::kSteps + 1);
  for (std::size_t step = 0; step <= DistanceHistogram::kSteps; ++step) {
    all.push_back({static_cast<double>(step) * DistanceHistogram::kStep,
                   static_cast<double>(wrong.at_most(step)) / static_cast<double>(wrong.count()),
                   static_cast<double>(right.at_most(step)) / static_cast<double>(right.count())});
  }
  const auto same = [](const CurvePoint& a, const CurvePoint& b) {
    return a.false_rate == b.false_rate && a.true_rate == b.true_rate;
  };
  for (std::size_t i = 0; i < all.size(); ++i) {
    const bool inside = i > 0 && i + 1 < all.size() && same(all[i - 1], all[i]) && same(all[i], all[i + 1]);
    if (!inside) {
      curve.push_back(all[i]);
    }
  }
  return curve;
}

double equal_error_rate(const std::vector<CurvePoint>& curve) {
  for (std::size_t i = 0; i < curve.size(); ++i) {
    const double gap = curve[i].false_rate - (1 - curve[i].true_rate);
    if (gap < 0) {
      continue;
    }
    if (i == 0) {
      return curve[i].false_rate;
    }
    const CurvePoint& before = curve[i - 1];
    const double gap_before = before.false_rate - (1 - before.true_rate);
    const double share = gap_before / (gap_before - gap);
    return before.false_rate + share * (curve[i].false_rate - before.false_rate);
  }
  return curve.empty() ? 0 : 1 - curve.back().true_rate;
}

}  // namespace facepipe::evaluate
