// Tested by registry_test.cc.
#include "metrics/registry.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"

namespace facepipe::metrics {
namespace {

bool is_name(std::string_view name, bool with_colon) {
  const auto is_good = [with_colon](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           (c == ':' && with_colon);
  };
  return !name.empty() && (name[0] < '0' || name[0] > '9') && std::ranges::all_of(name, is_good);
}

}  // namespace

Histogram::Histogram(std::vector<double> bounds) : bounds_(std::move(bounds)), counts_(bounds_.size() + 1) {
  FACEPIPE_CHECK(std::ranges::adjacent_find(bounds_, std::greater_equal<>{}) == bounds_.end());
}

void Histogram::observe(double value) {
  if (std::isnan(value)) {
    return;
  }
  const auto bucket = std::ranges::lower_bound(bounds_, value) - bounds_.begin();
  counts_[static_cast<std::size_t>(bucket)].fetch_add(1, std::memory_order_relaxed);
  sum_.fetch_add(value, std::memory_order_relaxed);
}

Histogram::Snapshot Histogram::snapshot() const {
  Snapshot snapshot;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    snapshot.count += counts_[i].load(std::memory_order_relaxed);
    if (i < bounds_.size()) {
      snapshot.at_most.push_back(snapshot.count);
    }
  }
  snapshot.sum = sum_.load(std::memory_order_relaxed);
  return snapshot;
}

Registry::Measure& Registry::find_or_add(std::string_view name, std::string_view help, Kind kind,
                                         const Labels& labels) {
  FACEPIPE_CHECK(is_name(name, true));
  for (const auto& [label, value] : labels) {
    FACEPIPE_CHECK(is_name(label, false));
  }
  auto family = std::ranges::find(families_, name, &Family::name);
  if (family == families_.end()) {
    family = families_.insert(families_.end(), Family{std::string(name), std::string(help), kind, {}});
  }
  FACEPIPE_CHECK(family->kind == kind);
  const auto measure = std::ranges::find(family->measures, labels, &Measure::labels);
  if (measure != family->measures.end()) {
    return *measure;
  }
  Measure& added = family->measures.emplace_back();
  added.labels = labels;
  return added;
}

Counter& Registry::counter(std::string_view name, std::string_view help, const Labels& labels) {
  const std::lock_guard lock(mutex_);
  return find_or_add(name, help, Kind::kCounter, labels).counter;
}

Gauge& Registry::gauge(std::string_view name, std::string_view help, const Labels& labels) {
  const std::lock_guard lock(mutex_);
  return find_or_add(name, help, Kind::kGauge, labels).gauge;
}

Histogram& Registry::histogram(std::string_view name, std::string_view help, const std::vector<double>& bounds,
                               const Labels& labels) {
  const std::lock_guard lock(mutex_);
  Measure& measure = find_or_add(name, help, Kind::kHistogram, labels);
  if (!measure.histogram) {
    measure.histogram = std::make_unique<Histogram>(bounds);
  }
  return *measure.histogram;
}

void Registry::counter_of(std::string_view name, std::string_view help, std::function<std::int64_t()> read) {
  const std::lock_guard lock(mutex_);
  find_or_add(name, help, Kind::kCounter, {}).read = std::move(read);
}

void Registry::gauge_of(std::string_view name, std::string_view help, std::function<std::int64_t()> read) {
  const std::lock_guard lock(mutex_);
  find_or_add(name, help, Kind::kGauge, {}).read = std::move(read);
}

void Registry::each_family(const std::function<void(const Family&)>& take) const {
  const std::lock_guard lock(mutex_);
  std::ranges::for_each(families_, take);
}

}  // namespace facepipe::metrics
