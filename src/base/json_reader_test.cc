#include "base/json_reader.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace facepipe {
namespace {

JsonDocument document(std::string_view json, const JsonRules& rules = {.context = "file"}) {
  auto parsed = JsonDocument::parse(json, rules);
  EXPECT_TRUE(parsed) << parsed.error().message;
  return *std::move(parsed);
}

Error refusal(std::string_view json, const JsonRules& rules = {.context = "file"}) {
  const auto parsed = JsonDocument::parse_object(json, rules);
  EXPECT_FALSE(parsed) << json;
  return parsed ? Error{} : parsed.error();
}

TEST(JsonReader, ReadsEveryType) {
  const JsonDocument json = document(R"({"s":"x","i":-7,"d":1.5,"b":true,"n":null,"a":[1,"y"],"o":{"p":{"q":3}}})");
  EXPECT_EQ(json["s"].string().value(), "x");
  EXPECT_EQ(json["i"].integer(-7, 7).value(), -7);
  EXPECT_EQ(json["i"].as_number(), -7.0);
  EXPECT_EQ(json["d"].as_number(), 1.5);
  EXPECT_EQ(json["d"].as_integer(), std::nullopt);
  EXPECT_EQ(json["b"].boolean().value(), true);
  EXPECT_EQ(json["o"]["p"]["q"].as_integer(), 3);
  EXPECT_EQ(json["a"].size(), 2U);
  EXPECT_EQ(json["a"].to_json(), R"([1,"y"])");
  EXPECT_FALSE(json["n"]);
  EXPECT_EQ(json["n"].type(), JsonType::kNull);
  EXPECT_EQ(json["absent"]["below"].type(), JsonType::kAbsent);
  EXPECT_EQ(json["absent"].string_or_empty().value(), "");
  EXPECT_EQ(json["n"].string_or_empty().value(), "");
}

TEST(JsonReader, TheLastOfRepeatedNamesWins) {
  EXPECT_EQ(document(R"({"a":1,"a":{"b":1},"a":2})")["a"].as_integer(), 2);
  EXPECT_EQ(document("\xEF\xBB\xBF{\"a\":4}")["a"].as_integer(), 4);
}

TEST(JsonReader, ErrorsNameTheFieldWhatWasExpectedAndWhatCame) {
  const JsonDocument json = document(R"({"s":"","i":70,"o":{"p":[true,7]},"n":null})");
  EXPECT_EQ(json["s"].text().error().message, "file: field 's' must be a text that is not empty, got a string");
  EXPECT_EQ(json["x"].text().error().message, "file: field 'x' must be a text that is not empty, got nothing");
  EXPECT_EQ(json["n"].string().error().message, "file: field 'n' must be a string, got null");
  EXPECT_EQ(json["i"].string_or_empty().error().message, "file: field 'i' must be a string, got a number");
  EXPECT_EQ(json["i"].integer(1, 9).error().message, "file: field 'i' must be an integer from 1 to 9, got a number");
  EXPECT_EQ(json["o"]["p"].boolean().error().message, "file: field 'o.p' must be true or false, got an array");
  EXPECT_EQ(json["o"]["p"].check_object().error().message, "file: field 'o.p' must be an object, got an array");
  EXPECT_EQ(json["i"].each_item([](const JsonValue&) { return Status(); }).error().message,
            "file: field 'i' must be an array, got a number");
  const Status second = json["o"]["p"].each_item([](const JsonValue& item) -> Status {
    FACEPIPE_TRY(item.boolean());
    return {};
  });
  EXPECT_EQ(second.error().message, "file: field 'o.p[1]' must be true or false, got a number");
  EXPECT_EQ(second.error().code, ErrorCode::kInvalidData);
  EXPECT_EQ(refusal("[1]").message, "file: expected a JSON object, got an array");
}

TEST(JsonReader, ErrorsAreInTheCallersWords) {
  const JsonDocument json =
      document(R"({"a":[{}]})",
               {.field_error = [](std::string_view, std::string_view path, std::string_view expected,
                                  std::string_view) { return std::string(path) + "|" + std::string(expected); }});
  EXPECT_EQ(
      json["a"].each_item([](const JsonValue& item) { return Status(item["b"].must_be("blue")); }).error().message,
      "a[0].b|blue");
  EXPECT_EQ(refusal("7", {}).message, "expected a JSON object, got a number");
}

TEST(JsonReader, FieldsComeInOrderWithTheirPaths) {
  std::vector<std::string> seen;
  const JsonDocument json = document(R"({"o":{"b":1,"a":2,"b":3}})");
  EXPECT_TRUE(json["o"].each_field([&](std::string_view name, const JsonValue& value) -> Status {
    seen.push_back(std::string(name) + "=" + value.to_json() + "@" + value.path());
    return {};
  }));
  EXPECT_EQ(seen, (std::vector<std::string>{"b=1@o.b", "a=2@o.a", "b=3@o.b"}));
}

TEST(JsonReader, ValuesOutliveAMoveOfTheirDocument) {
  JsonDocument first = document(R"({"a":"text"})");
  const JsonValue value = first["a"];
  const JsonDocument second = std::move(first);
  EXPECT_EQ(value.as_string(), "text");
  EXPECT_EQ(second["a"].as_string(), "text");
}

TEST(JsonReader, RefusesWhatIsNoJson) {
  for (const char* text : {"", "{", "{\"a\":1e400}", "{\"a\":99999999999999999999}", "{} x", "{\"a\":\"\xFF\"}"}) {
    const Error error = refusal(text);
    EXPECT_EQ(error.code, ErrorCode::kInvalidData) << text;
    EXPECT_TRUE(error.message.starts_with("file: expected JSON, got " + std::to_string(std::string(text).size()) +
                                          " bytes that are not: "))
        << error.message;
  }
}

TEST(JsonReader, BoundsHoldBeforeTheParserSeesTheText) {
  EXPECT_EQ(refusal("{\"a\":1}", {.max_bytes = 6}).message, "expected at most 6 bytes of JSON, got 7");
  EXPECT_EQ(refusal(std::string(101, '['), {.max_structure = 100}).message,
            "expected JSON with at most 100 bytes outside its texts");
  EXPECT_EQ(refusal(std::string(101, ','), {.max_structure = 100}).message, "expected JSON, found something else");
  EXPECT_EQ(refusal("{\"a\":[[1]]}", {.max_depth = 2}).message, "expected JSON nested at most 2 deep");
  EXPECT_EQ(refusal("{\"a\":[[1]]}", {.max_depth = 2}).code, ErrorCode::kTooLarge);
  const JsonRules tight{.max_structure = 5, .max_depth = 1};
  EXPECT_TRUE(JsonDocument::parse_object(R"({ "[[[[\"[[[[{{{{,,,," : "{{{{\\" })", tight));
  EXPECT_FALSE(JsonDocument::parse_object(R"({"a":12})", tight));
  EXPECT_FALSE(JsonDocument::parse(std::string(3'000, '[') + std::string(3'000, ']'), {}));
}

}  // namespace
}  // namespace facepipe
