// The function's metrics: one line an invocation, in CloudWatch's Embedded Metric Format.
#pragma once

#include <functional>
#include <span>

#include "base/clock.h"
#include "lambda/runtime/runtime_client.h"
#include "metrics/emf.h"

namespace facepipe::lambda_app {

// Writes the lines of one function. Not thread-safe: one a loop.
class FunctionMetrics {
 public:
  // `sink` gets a line without its newline; empty: no metrics.
  FunctionMetrics(std::string function_name, const Clock& clock, std::function<void(std::string_view)> sink)
      : function_name_(std::move(function_name)), clock_(clock), sink_(std::move(sink)) {}

  // Adds what every invocation has: Duration since `began` in milliseconds, ColdStart (1 for the first, then 0) and the
  // property requestId.
  void write(const lambda::Invocation& invocation, Clock::TimePoint began, std::span<const metrics::Metric> metrics);

 private:
  std::string function_name_;
  const Clock& clock_;
  std::function<void(std::string_view)> sink_;
  bool first_ = true;
};

}  // namespace facepipe::lambda_app
