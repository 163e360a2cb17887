// Tested by emf_test.cc.
#include "metrics/emf.h"

#include "base/json_writer.h"

namespace facepipe::metrics {

std::string to_emf(const MetricLine& line, Clock::TimePoint now) {
  JsonWriter json;
  json.begin_object().key("_aws").begin_object();
  json.key("Timestamp").integer(now.time_since_epoch().count());
  json.key("CloudWatchMetrics").begin_array().begin_object();
  json.key("Namespace").string(line.metric_namespace);
  json.key("Dimensions").begin_array().begin_array();
  for (const auto& [name, value] : line.dimensions) {
    json.string(name);
  }
  json.end_array().end_array().key("Metrics").begin_array();
  for (const Metric& metric : line.metrics) {
    json.begin_object().key("Name").string(metric.name).key("Unit").string(metric.unit).end_object();
  }
  json.end_array().end_object().end_array().end_object();  // metrics, directive, directives, _aws
  for (const auto& [name, value] : line.dimensions) {
    json.key(name).string(value);
  }
  for (const Metric& metric : line.metrics) {
    json.key(metric.name).number(metric.value);
  }
  for (const auto& [name, value] : line.properties) {
    json.key(name).string(value);
  }
  json.end_object();
  return std::move(json).text();
}

}  // namespace facepipe::metrics
