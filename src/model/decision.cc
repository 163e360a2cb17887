// Tested by decision_test.cc.
#include "model/decision.h"

#include <algorithm>
#include <cmath>
#include <string>

namespace facepipe::model {
namespace {

constexpr double kMaxDistance = 2;  // of unit vectors
constexpr double kMaxBias = 100;
constexpr double kMaxSlope = 10'000;

// A number in [low, high], or in (low, high] or (low, high) with `open_low`, `open_high`.
struct Range {
  double low = 0;
  double high = 0;
  bool open_low = false;
  bool open_high = false;
  std::string_view expected;
};

Result<double> read_ranged(const JsonValue& value, const Range& range) {
  const auto number = value.as_number();
  const bool within = number && (range.open_low ? *number > range.low : *number >= range.low) &&
                      (range.open_high ? *number < range.high : *number <= range.high);
  return within ? Result<double>(*number) : value.must_be(range.expected);
}

Result<double> read_share(const JsonValue& value) {
  return read_ranged(value, {.low = 0, .high = 1, .expected = "a number from 0 to 1"});
}

Result<double> read_rate(const JsonValue& value) {
  return read_ranged(
      value, {.low = 0, .high = 1, .open_low = true, .open_high = true, .expected = "a number above 0 and below 1"});
}

// [distance, rate]
Result<FalseAccept> read_false_accept(const JsonValue& value) {
  constexpr std::string_view kExpected = "[distance above 0 and at most 2, rate above 0 and below 1]";
  if (value.type() != JsonType::kArray || value.size() != 2) {
    return value.must_be(kExpected);
  }
  FalseAccept row;
  bool first = true;
  FACEPIPE_TRY(value.each_item([&](const JsonValue& item) -> Status {
    if (first) {
      FACEPIPE_ASSIGN(const double distance,
                      read_ranged(item, {.low = 0, .high = kMaxDistance, .open_low = true, .expected = kExpected}));
      row.distance = static_cast<float>(distance);
    } else {
      FACEPIPE_ASSIGN(row.rate, read_rate(item));
    }
    first = false;
    return {};
  }));
  return row;
}

Result<std::vector<FalseAccept>> read_false_accepts(const JsonValue& value) {
  const std::string expected =
      "2 to " + std::to_string(kMaxFalseAccepts) + " rows [distance, rate], distances and rates rising";
  if (value.type() != JsonType::kArray || value.size() < 2 || value.size() > kMaxFalseAccepts) {
    return value.must_be(expected);
  }
  std::vector<FalseAccept> rows;
  FACEPIPE_TRY(value.each_item([&](const JsonValue& item) -> Status {
    FACEPIPE_ASSIGN(const FalseAccept row, read_false_accept(item));
    if (!(row.distance > 0) ||  // a number too small for a float
        (!rows.empty() && !(row.distance > rows.back().distance && row.rate > rows.back().rate))) {
      return value.must_be(expected);
    }
    rows.push_back(row);
    return {};
  }));
  return rows;
}

}  // namespace

Result<Decision> read_decision(const JsonValue& value) {
  FACEPIPE_TRY(value.check_object());
  Decision decision;
  FACEPIPE_ASSIGN(decision.false_accepts, read_false_accepts(value["false_accepts"]));
  FACEPIPE_ASSIGN(decision.centroid, read_share(value["centroid"]));
  FACEPIPE_ASSIGN(decision.pictures, read_share(value["pictures"]));
  FACEPIPE_ASSIGN(decision.strangers, read_rate(value["strangers"]));
  FACEPIPE_ASSIGN(
      decision.cut,
      read_ranged(
          value["cut"],
          {.low = 0, .high = kMaxDistance, .open_low = false, .open_high = false, .expected = "a number from 0 to 2"}));
  FACEPIPE_ASSIGN(
      decision.bias,
      read_ranged(value["bias"], {.low = -kMaxBias, .high = kMaxBias, .expected = "a number from -100 to 100"}));
  FACEPIPE_ASSIGN(
      decision.slope,
      read_ranged(value["slope"],
                  {.low = 0, .high = kMaxSlope, .open_low = true, .expected = "a number above 0 and at most 10000"}));
  return decision;
}

void write_decision(JsonWriter& json, const Decision& decision) {
  json.begin_object().key("false_accepts").begin_array();
  for (const FalseAccept& row : decision.false_accepts) {
    json.begin_array().number(row.distance).number(row.rate).end_array();
  }
  json.end_array();
  json.key("centroid").number(decision.centroid).key("pictures").number(decision.pictures);
  json.key("strangers").number(decision.strangers).key("cut").number(decision.cut);
  json.key("bias").number(decision.bias).key("slope").number(decision.slope).end_object();
}

float distance_threshold(const Decision& decision, double people, double strangers) {
  const std::vector<FalseAccept>& rows = decision.false_accepts;
  // log of 1 - (1 - strangers)^(1 / people), which is exact also where the power is next to 1.
  const double log_rate = std::log(-std::expm1(std::log1p(-strangers) / std::max(people, 1.0)));
  const auto above =
      std::ranges::find_if(rows, [log_rate](const FalseAccept& row) { return std::log(row.rate) > log_rate; });
  if (above == rows.end()) {
    return rows.back().distance;
  }
  const FalseAccept& low = above == rows.begin() ? *above : *(above - 1);
  const FalseAccept& high = above == rows.begin() ? *(above + 1) : *above;
  const double share = (log_rate - std::log(low.rate)) / (std::log(high.rate) - std::log(low.rate));
  const double step = double{high.distance} - double{low.distance};
  const double distance = double{low.distance} + share * step;
  return static_cast<float>(std::max(distance, 0.0));
}

Probabilities probabilities(const Decision& decision, double margin, double second_margin) {
  const double first = decision.bias + decision.slope * margin;
  const double second = decision.bias + decision.slope * second_margin;
  const double largest = std::max({first, second, 0.0});  // so that no exponential overflows
  const double total = std::exp(first - largest) + std::exp(second - largest) + std::exp(-largest);
  return {static_cast<float>(std::exp(first - largest) / total),
          static_cast<float>(std::exp(second - largest) / total)};
}

}  // namespace facepipe::model
