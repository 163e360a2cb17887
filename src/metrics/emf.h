// CloudWatch's Embedded Metric Format: metrics as log lines, without an agent or a call.
// Source: Amazon CloudWatch User Guide, "Specification: Embedded metric format".
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.h"

namespace facepipe::metrics {

struct Metric {
  std::string_view name;  // "Duration"
  double value = 0;
  std::string_view unit;  // CloudWatch's word: "Milliseconds", "Count", "None"
};

struct MetricLine {
  std::string_view metric_namespace;  // "facepipe"
  // One set of dimensions: every distinct set of values is billed as metrics of its own.
  std::span<const std::pair<std::string_view, std::string_view>> dimensions;
  std::span<const Metric> metrics;  // at most 100
  // Searchable fields that are no metrics (request ids). Never payloads.
  std::span<const std::pair<std::string_view, std::string_view>> properties;
};

// One JSON object without a newline.
[[nodiscard]] std::string to_emf(const MetricLine& line, Clock::TimePoint now);

}  // namespace facepipe::metrics
