#include "evaluate/summary.h"

#include <gtest/gtest.h>

namespace facepipe::evaluate {
namespace {

TEST(Summary, OneObjectAndRows) {
  Summary inner;
  inner.count("pairs", "pairs", 7);
  inner.count("hidden", "", 1);
  Summary summary;
  summary.text("pack", "model pack", "a \"b\"");
  summary.share("tar", "accepted", 0.98765);
  summary.share("rare", "rarely", std::nullopt, "needs 1000 pairs");
  summary.number("distance", "distance", 0.96612);
  summary.number("none", "no row", std::nullopt);
  summary.append("all_", "all: ", inner);
  EXPECT_EQ(summary.to_json(), R"({"pack":"a \"b\"","tar":0.98765,"rare":null,"distance":0.96612,"none":null,)"
                               R"("all_pairs":7,"all_hidden":1})");
  const std::vector<std::vector<std::string>> rows = {{"model pack", "a \"b\""},
                                                      {"accepted", "98.77 %"},
                                                      {"rarely", "needs 1000 pairs"},
                                                      {"distance", "0.9661"},
                                                      {"all: pairs", "7"}};
  EXPECT_EQ(summary.rows(), rows);
}

}  // namespace
}  // namespace facepipe::evaluate
