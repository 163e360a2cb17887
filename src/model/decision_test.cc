#include "model/decision.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <tuple>
#include <utility>

namespace facepipe::model {
namespace {

using ::testing::HasSubstr;

Decision a_decision() {
  Decision decision;
  decision.false_accepts = {{0.8F, 1e-6}, {0.9F, 1e-5}, {1.0F, 1e-3}};
  decision.cut = 0.2;
  decision.bias = -0.5;
  decision.slope = 36;
  return decision;
}

std::string json_of(const Decision& decision) {
  JsonWriter json;
  write_decision(json, decision);
  return std::move(json).text();
}

Result<Decision> parsed(const std::string& json) {
  const auto document = JsonDocument::parse_object(json, {.context = "pack"});
  EXPECT_TRUE(document);
  return read_decision(document->root());
}

TEST(Decision, ReadsBackWhatWasWritten) {
  const auto read = parsed(json_of(a_decision()));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, a_decision());
}

TEST(Decision, NamesTheFieldThatIsWrong) {
  for (const auto& [from, to, field] : {
           std::tuple{"[0.8,1e-06],", "[0.95,1e-06],", "'false_accepts' must be 2 to 256 rows"},
           std::tuple{"[0.9,1e-05],", "[0.9,1e-02],", "'false_accepts' must be 2 to 256 rows"},
           std::tuple{"[0.8,1e-06],[0.9,1e-05],", "", "'false_accepts' must be 2 to 256 rows"},
           std::tuple{"[1,0.001]", "[2.5,0.001]", "distance above 0 and at most 2"},
           std::tuple{"[1,0.001]", "[1,1]", "a number above 0 and below 1"},
           std::tuple{"[1,0.001]", "[1]", "[distance above 0"},
           std::tuple{"\"centroid\":0.5", "\"centroid\":1.5", "'centroid' must be a number from 0 to 1"},
           std::tuple{"\"pictures\":0.5", "\"pictures\":\"a\"", "'pictures' must be a number from 0 to 1"},
           std::tuple{"\"strangers\":0.01", "\"strangers\":1", "'strangers' must be a number above 0 and below 1"},
           std::tuple{"\"cut\":0.2", "\"cut\":-1", "'cut' must be a number from 0 to 2"},
           std::tuple{"\"slope\":36", "\"slope\":0", "'slope' must be a number above 0 and at most 10000"},
           std::tuple{"\"bias\":-0.5", "\"no_bias\":0", "'bias' must be a number from -100 to 100, got nothing"},
       }) {
    std::string json = json_of(a_decision());
    const std::size_t at = json.find(from);
    ASSERT_NE(at, std::string::npos) << from << " in " << json;
    const auto read = parsed(json.replace(at, std::string(from).size(), to));
    ASSERT_FALSE(read) << to;
    EXPECT_EQ(read.error().code, ErrorCode::kInvalidData);
    EXPECT_THAT(read.error().message, HasSubstr(field)) << to;
  }
}

// By the definition: a stranger is named with probability 1 - (1 - rate)^people.
TEST(Decision, TheThresholdLetsTheStatedShareOfStrangersIn) {
  const Decision decision = a_decision();
  const auto strangers = [](double rate, double people) { return 1 - std::pow(1 - rate, people); };
  EXPECT_NEAR(distance_threshold(decision, 1000, strangers(1e-5, 1000)), 0.9, 1e-6);
  EXPECT_NEAR(distance_threshold(decision, 7, strangers(1e-3, 7)), 1.0, 1e-6);
  EXPECT_NEAR(distance_threshold(decision, 50, strangers(1e-4, 50)), 0.95, 1e-6);  // halfway in the logarithm
}

TEST(Decision, TheThresholdGoesOnBelowTheTableAndStaysAboveIt) {
  const Decision decision = a_decision();
  EXPECT_NEAR(distance_threshold(decision, 1e5, 0.01), 0.7, 1e-3);  // a rate of 1.005e-7
  EXPECT_EQ(distance_threshold(decision, 1, 0.5), 1.0F);
  EXPECT_EQ(distance_threshold(decision, 0, 0.5), 1.0F);
  EXPECT_EQ(distance_threshold(decision, 1e15, 1e-9), 0.0F);
}

TEST(Decision, MorePeopleOrFewerStrangersMakeItNarrower) {
  const Decision decision = a_decision();
  EXPECT_LT(distance_threshold(decision, 2000, 0.01), distance_threshold(decision, 1000, 0.01));
  EXPECT_LT(distance_threshold(decision, 1000, 0.001), distance_threshold(decision, 1000, 0.01));
}

TEST(Decision, ProbabilitiesAreSharesOfTheOdds) {
  const Decision decision = a_decision();
  const double first = std::exp(-0.5 + 36 * 0.05);
  const double second = std::exp(-0.5 + 36 * 0.01);
  const Probabilities both = probabilities(decision, 0.05, 0.01);
  EXPECT_NEAR(both.first, first / (1 + first + second), 1e-6);
  EXPECT_NEAR(both.second, second / (1 + first + second), 1e-6);
  const Probabilities alone = probabilities(decision, 0.05, -std::numeric_limits<double>::infinity());
  EXPECT_NEAR(alone.first, first / (1 + first), 1e-6);
  EXPECT_EQ(alone.second, 0.0F);
}

TEST(Decision, ProbabilitiesOfExtremesAreNumbers) {
  Decision decision = a_decision();
  decision.slope = 10'000;
  const Probabilities twins = probabilities(decision, 2, 2);  // one is right, and nothing says which
  EXPECT_NEAR(twins.first, 0.5, 1e-6);
  EXPECT_NEAR(twins.second, 0.5, 1e-6);
  EXPECT_EQ(probabilities(decision, -2, -2).first, 0.0F);
}

}  // namespace
}  // namespace facepipe::model
