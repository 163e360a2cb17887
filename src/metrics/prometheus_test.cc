#include "metrics/prometheus.h"

#include <gtest/gtest.h>

namespace facepipe::metrics {
namespace {

TEST(Prometheus, CountersAndGaugesInTheOrderOfTheirMaking) {
  Registry registry;
  ++registry.counter("b_total", "Of b.");
  registry.gauge("a", "Of a.").set(-3);
  registry.counter_of("c_total", "Of c.", [] { return std::int64_t{5}; });
  registry.gauge_of("d", "Of d.", [] { return std::int64_t{6}; });
  EXPECT_EQ(to_prometheus(registry),
            "# HELP b_total Of b.\n# TYPE b_total counter\nb_total 1\n"
            "# HELP a Of a.\n# TYPE a gauge\na -3\n"
            "# HELP c_total Of c.\n# TYPE c_total counter\nc_total 5\n"
            "# HELP d Of d.\n# TYPE d gauge\nd 6\n");
}

TEST(Prometheus, LabelsAndHelpAreEscaped) {
  Registry registry;
  ++registry.counter("a_total", "One\nline, a \\ and a \".", {{"x", "a\"b\\c\nd"}, {"y", ""}});
  EXPECT_EQ(to_prometheus(registry),
            "# HELP a_total One\\nline, a \\\\ and a \".\n# TYPE a_total counter\n"
            "a_total{x=\"a\\\"b\\\\c\\nd\",y=\"\"} 1\n");
}

TEST(Prometheus, HistogramsAreCumulative) {
  Registry registry;
  Histogram& histogram = registry.histogram("wait_seconds", "Waits.", {0.1, 1}, {{"kind", "small"}});
  histogram.observe(0.05);
  histogram.observe(0.5);
  histogram.observe(4);
  EXPECT_EQ(to_prometheus(registry),
            "# HELP wait_seconds Waits.\n# TYPE wait_seconds histogram\n"
            "wait_seconds_bucket{kind=\"small\",le=\"0.1\"} 1\n"
            "wait_seconds_bucket{kind=\"small\",le=\"1\"} 2\n"
            "wait_seconds_bucket{kind=\"small\",le=\"+Inf\"} 3\n"
            "wait_seconds_sum{kind=\"small\"} 4.55\n"
            "wait_seconds_count{kind=\"small\"} 3\n");
}

TEST(Prometheus, AnEmptyRegistryIsAnEmptyText) {
  EXPECT_EQ(to_prometheus(Registry()), "");
}

}  // namespace
}  // namespace facepipe::metrics
