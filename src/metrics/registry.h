// A program's measures: counters, gauges and histograms with labels, under one registry that the exporters read
// (prometheus.h). emf.h writes single measurements of one invocation.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace facepipe::metrics {

using Labels = std::vector<std::pair<std::string, std::string>>;

// Only grows. Thread-safe, lock-free.
class Counter {
 public:
  void add(std::int64_t by = 1) { value_.fetch_add(by, std::memory_order_relaxed); }
  Counter& operator++() {
    add();
    return *this;
  }
  Counter& operator+=(std::int64_t by) {
    add(by);
    return *this;
  }
  [[nodiscard]] std::int64_t value() const { return value_.load(std::memory_order_relaxed); }
  operator std::int64_t() const { return value(); }  // NOLINT(google-explicit-constructor): read as the number it is

 private:
  std::atomic<std::int64_t> value_ = 0;
};

// Goes up and down. Thread-safe, lock-free.
class Gauge {
 public:
  void set(std::int64_t value) { value_.store(value, std::memory_order_relaxed); }
  void add(std::int64_t by) { value_.fetch_add(by, std::memory_order_relaxed); }
  [[nodiscard]] std::int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> value_ = 0;
};

// How many observations were at most each of some bounds. Thread-safe, lock-free.
class Histogram {
 public:
  // `bounds` ascend strictly; +Inf is there by itself.
  explicit Histogram(std::vector<double> bounds);
  // NaN is not counted.
  void observe(double value);

  struct Snapshot {
    std::vector<std::int64_t> at_most;  // as many as bounds, each with those before it
    std::int64_t count = 0;             // of all
    double sum = 0;
  };
  // Taken while others observe, `count` is not below the last of `at_most`.
  [[nodiscard]] Snapshot snapshot() const;
  [[nodiscard]] const std::vector<double>& bounds() const { return bounds_; }

 private:
  const std::vector<double> bounds_;
  std::vector<std::atomic<std::int64_t>> counts_;  // of each bucket alone; the last one is +Inf's
  std::atomic<double> sum_ = 0;
};

// Owns the measures and their names. Thread-safe. Adding takes a lock and searches: a program adds at its start (or,
// for a new label value, at its first use) and keeps the reference, which lives as long as the registry.
class Registry {
 public:
  // The measure of that name and those labels, made if it is not there yet. `name` is [a-zA-Z_:][a-zA-Z0-9_:]*, label
  // names [a-zA-Z_][a-zA-Z0-9_]*, in code's own hands: anything else, and one name for two kinds, is a bug. Label
  // values are any text; they must come from a small set, since each set of them is a measure of its own.
  Counter& counter(std::string_view name, std::string_view help, const Labels& labels = {});
  Gauge& gauge(std::string_view name, std::string_view help, const Labels& labels = {});
  Histogram& histogram(std::string_view name, std::string_view help, const std::vector<double>& bounds,
                       const Labels& labels = {});
  // Measures whose value somebody else keeps: `read` is called at every export, from any thread, and outlives the
  // registry's use.
  void counter_of(std::string_view name, std::string_view help, std::function<std::int64_t()> read);
  void gauge_of(std::string_view name, std::string_view help, std::function<std::int64_t()> read);

  enum class Kind { kCounter, kGauge, kHistogram };
  struct Measure {  // one set of labels
    Labels labels;
    Counter counter;
    Gauge gauge;
    std::unique_ptr<Histogram> histogram;
    std::function<std::int64_t()> read;
  };
  struct Family {
    std::string name;
    std::string help;
    Kind kind = Kind::kCounter;
    std::deque<Measure> measures;  // which stay where they are
  };
  // Calls `take` for each family in the order of their making, under the registry's lock: it must not add to it.
  void each_family(const std::function<void(const Family&)>& take) const;

 private:
  Measure& find_or_add(std::string_view name, std::string_view help, Kind kind, const Labels& labels);

  mutable std::mutex mutex_;
  std::deque<Family> families_;
};

}  // namespace facepipe::metrics
