// Tested by recent_test.cc.
#include "metrics/recent.h"

#include <algorithm>
#include <cmath>

namespace facepipe::metrics {
namespace {

// The smallest of which at least that share is not above it.
double quantile(std::vector<double>& values, double share) {
  const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(values.size())));
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(std::max<std::size_t>(rank, 1) - 1);
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

}  // namespace

Recent::Recent(std::chrono::seconds window, std::size_t capacity, Clock::time_point now)
    : window_(window), capacity_(capacity), begin_(now) {}

void Recent::observe(double value, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  if (ring_.size() < capacity_) {
    ring_.push_back({now, value});
    return;
  }
  ring_[next_] = {now, value};
  next_ = (next_ + 1) % capacity_;
}

Recent::Summary Recent::summary(Clock::time_point now) const {
  std::vector<double> values;
  Clock::time_point from = std::max(begin_, now - window_);
  {
    const std::lock_guard lock(mutex_);
    if (ring_.size() == capacity_) {
      from = std::max(from, ring_[next_].time);  // what was before it is not there any more
    }
    for (const Observation& each : ring_) {
      if (each.time >= from) {
        values.push_back(each.value);
      }
    }
  }
  Summary summary;
  summary.count = static_cast<std::int64_t>(values.size());
  if (!values.empty()) {
    constexpr double kLeastSpan = 1;  // s
    const double span = std::chrono::duration<double>(now - from).count();
    summary.per_second = static_cast<double>(values.size()) / std::max(span, kLeastSpan);
    summary.median = quantile(values, 0.5);
    summary.p99 = quantile(values, 0.99);
  }
  return summary;
}

}  // namespace facepipe::metrics
