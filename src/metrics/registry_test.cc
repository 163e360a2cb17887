#include "metrics/registry.h"

#include <gtest/gtest.h>

#include <cmath>
#include <thread>

namespace facepipe::metrics {
namespace {

TEST(Registry, OneNameAndOneSetOfLabelsIsOneMeasure) {
  Registry registry;
  Counter& jpeg = registry.counter("frames_total", "Frames.", {{"kind", "jpeg"}});
  Counter& png = registry.counter("frames_total", "Frames.", {{"kind", "png"}});
  ++jpeg;
  jpeg += 2;
  png.add();
  EXPECT_EQ(registry.counter("frames_total", "Frames.", {{"kind", "jpeg"}}).value(), 3);
  EXPECT_EQ(png, 1);
  EXPECT_EQ(&registry.gauge("held", ""), &registry.gauge("held", ""));
  registry.gauge("held", "").set(7);
  registry.gauge("held", "").add(-9);
  EXPECT_EQ(registry.gauge("held", "").value(), -2);
}

TEST(Registry, ReferencesStayGoodWhileOthersAreAdded) {
  Registry registry;
  Counter& first = registry.counter("a", "", {{"i", "0"}});
  for (int i = 1; i < 1'000; ++i) {
    registry.counter("a", "", {{"i", std::to_string(i)}});
    registry.gauge("g" + std::to_string(i), "");
  }
  ++first;
  EXPECT_EQ(registry.counter("a", "", {{"i", "0"}}), 1);
}

TEST(RegistryDeathTest, BadNamesAndOneNameForTwoKindsAreBugs) {
  Registry registry;
  registry.counter("a", "");
  EXPECT_DEATH(registry.gauge("a", ""), "");
  EXPECT_DEATH(registry.counter("1a", ""), "");
  EXPECT_DEATH(registry.counter("a b", ""), "");
  EXPECT_DEATH(registry.counter("b", "", {{"a:b", ""}}), "");
}

TEST(Histogram, AValueBelongsToTheFirstBoundThatIsNotBelowIt) {
  Histogram histogram({0.5, 1, 2});
  for (const double value : {-1.0, 0.5, 0.75, 1.0, 2.0, 2.5, HUGE_VAL, std::nan("")}) {
    histogram.observe(value);
  }
  const Histogram::Snapshot snapshot = histogram.snapshot();
  EXPECT_EQ(snapshot.at_most, (std::vector<std::int64_t>{2, 4, 5}));
  EXPECT_EQ(snapshot.count, 7);
  EXPECT_EQ(snapshot.sum, HUGE_VAL);
}

TEST(HistogramDeathTest, BoundsThatDoNotAscendAreABug) {
  EXPECT_DEATH(Histogram({1, 1}), "");
}

TEST(Registry, NothingIsLostBetweenThreads) {
  Registry registry;
  Counter& counter = registry.counter("a", "");
  Histogram& histogram = registry.histogram("h", "", {1});
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int j = 0; j < 10'000; ++j) {
          ++counter;
          histogram.observe(j % 4);
        }
      });
    }
  }
  EXPECT_EQ(counter, 40'000);
  EXPECT_EQ(histogram.snapshot().at_most, (std::vector<std::int64_t>{20'000}));
  EXPECT_EQ(histogram.snapshot().count, 40'000);
  EXPECT_EQ(histogram.snapshot().sum, 60'000);
}

}  // namespace
}  // namespace facepipe::metrics
