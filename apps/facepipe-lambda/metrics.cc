// Tested by detection_test.cc and recognition_test.cc.
#include "metrics.h"

#include <array>
#include <vector>

namespace facepipe::lambda_app {

void FunctionMetrics::write(const lambda::Invocation& invocation, Clock::TimePoint began,
                            std::span<const metrics::Metric> metrics) {
  const bool cold = std::exchange(first_, false);
  if (!sink_) {
    return;
  }
  const Clock::TimePoint now = clock_.now();
  std::vector<metrics::Metric> all = {{"Duration", static_cast<double>((now - began).count()), "Milliseconds"},
                                      {"ColdStart", cold ? 1.0 : 0.0, "Count"}};
  all.insert(all.end(), metrics.begin(), metrics.end());
  const std::array<std::pair<std::string_view, std::string_view>, 1> dimensions = {{{"FunctionName", function_name_}}};
  const std::array<std::pair<std::string_view, std::string_view>, 1> properties = {
      {{"requestId", invocation.request_id}}};
  sink_(metrics::to_emf({"facepipe", dimensions, all, properties}, now));
}

}  // namespace facepipe::lambda_app
