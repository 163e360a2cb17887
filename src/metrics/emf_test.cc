#include "metrics/emf.h"

#include <gtest/gtest.h>

#include <array>

namespace facepipe::metrics {
namespace {

TEST(Emf, WritesOneDirectiveAndItsValues) {
  const std::array<std::pair<std::string_view, std::string_view>, 1> dimensions = {{{"FunctionName", "face"}}};
  const std::array<Metric, 2> metrics = {{{"Duration", 12.5, "Milliseconds"}, {"Records", 3, "Count"}}};
  const std::array<std::pair<std::string_view, std::string_view>, 1> properties = {{{"requestId", "a\"b"}}};
  EXPECT_EQ(to_emf({"facepipe", dimensions, metrics, properties}, Clock::TimePoint{std::chrono::milliseconds{1'700}}),
            R"({"_aws":{"Timestamp":1700,"CloudWatchMetrics":[{"Namespace":"facepipe","Dimensions":[["FunctionName"]],)"
            R"("Metrics":[{"Name":"Duration","Unit":"Milliseconds"},{"Name":"Records","Unit":"Count"}]}]},)"
            R"("FunctionName":"face","Duration":12.5,"Records":3,"requestId":"a\"b"})");
}

TEST(Emf, WithoutMetricsIsStillValid) {
  EXPECT_EQ(to_emf({"n", {}, {}, {}}, Clock::TimePoint{}),
            R"({"_aws":{"Timestamp":0,"CloudWatchMetrics":[{"Namespace":"n","Dimensions":[[]],"Metrics":[]}]}})");
}

}  // namespace
}  // namespace facepipe::metrics
