#include "serve/api/fields.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace facepipe::serve {
namespace {

using ::testing::HasSubstr;
using Kind = Field::Kind;

const std::vector<Field>& all_kinds() {
  static const std::vector<Field> kFields{{.name = "text", .low = 1, .high = 3},
                                          {.name = "id", .kind = Kind::kId},
                                          {.name = "count", .kind = Kind::kInteger, .low = 1, .high = 500},
                                          {.name = "share", .kind = Kind::kShare},
                                          {.name = "flag", .kind = Kind::kBoolean},
                                          {.name = "time", .kind = Kind::kTime},
                                          {.name = "word", .kind = Kind::kChoice, .choices = {"one", "two"}}};
  return kFields;
}

TEST(Fields, AQuerysValues) {
  const auto values = read_query(all_kinds(),
                                 "/x?text=%C3%A4%C3%B6%C3%BC&id=00000000000000ff&count=500&share=0.5&flag=true&"
                                 "time=2026-01-02T03:04:05Z&word=two");
  ASSERT_TRUE(values) << values.error().message;
  EXPECT_EQ(values->text("text"), "äöü") << "three characters of six bytes";
  EXPECT_EQ(values->id<faces::FaceId>("id"), faces::FaceId{255});
  EXPECT_EQ(values->integer("count", 1), 500);
  EXPECT_EQ(values->number("share"), 0.5);
  EXPECT_EQ(values->boolean("flag"), true);
  EXPECT_TRUE(values->time("time"));
  EXPECT_EQ(values->text("word"), "two");
  const auto none = read_query(all_kinds(), "/x");
  ASSERT_TRUE(none);
  EXPECT_FALSE(none->has("text"));
  EXPECT_EQ(none->integer("count", 50), 50);
  EXPECT_FALSE(none->boolean("flag"));
  EXPECT_FALSE(none->id<faces::FaceId>("id"));
}

TEST(Fields, WhatIsWrongIsNamedWithWhatWasExpected) {
  const struct {
    const char* query;
    const char* message;
  } cases[] = {{"text=", "\"text\": expected UTF-8 text of 1 to 3 characters"},
               {"text=abcd", "\"text\""},
               {"text=%ff", "\"text\""},
               {"id=00000000000000FF", "\"id\": expected an id"},
               {"id=ff", "\"id\""},
               {"count=0", "\"count\": expected a whole number of 1 to 500"},
               {"count=501", "\"count\""},
               {"count=1.5", "\"count\""},
               {"count=", "\"count\""},
               {"share=1", "\"share\": expected a number between 0 and 1"},
               {"share=nan", "\"share\""},
               {"flag=yes", "\"flag\": expected true or false"},
               {"time=yesterday", "\"time\": expected a time as 2026-01-02T03:04:05Z"},
               {"word=three", "\"word\": expected one of one, two"},
               {"word=one&word=two", "\"word\": expected once, got twice"},
               {"other=1", "expected as query parameters only: text, id, count"}};
  for (const auto& test : cases) {
    const auto values = read_query(all_kinds(), "/x?" + std::string(test.query));
    ASSERT_FALSE(values) << test.query;
    EXPECT_EQ(values.error().code, ErrorCode::kInvalidData);
    EXPECT_THAT(values.error().message, HasSubstr(test.message)) << test.query;
  }
}

TEST(Fields, AJsonBodysValues) {
  const std::vector<Field> fields{{.name = "name", .required = true, .low = 1, .high = 8},
                                  {.name = "ids", .kind = Kind::kIds, .high = 2},
                                  {.name = "count", .kind = Kind::kInteger, .low = 0, .high = 9},
                                  {.name = "share", .kind = Kind::kShare},
                                  {.name = "flag", .kind = Kind::kBoolean}};
  const auto values = read_json(
      fields, R"({"name":"Ann","ids":["0000000000000001","0000000000000002"],"count":7,"share":0.25,"flag":false})");
  ASSERT_TRUE(values) << values.error().message;
  EXPECT_EQ(values->text("name"), "Ann");
  EXPECT_EQ(values->ids<faces::FaceId>("ids").size(), 2U);
  EXPECT_EQ(values->integer("count", 0), 7);
  EXPECT_EQ(values->number("share"), 0.25);
  EXPECT_EQ(values->boolean("flag"), false);
  for (const char* bad :
       {"", "[]", "{}", R"({"name":null})", R"({"name":7})", R"({"name":""})", R"({"name":"Ann","other":1})",
        R"({"name":"Ann","ids":[]})", R"({"name":"Ann","ids":["1"]})", R"({"name":"Ann","ids":"0000000000000001"})",
        R"({"name":"Ann","count":"7"})", R"({"name":"Ann","count":10})", R"({"name":"Ann","share":0})",
        R"({"name":"Ann","share":"0.5"})", R"({"name":"Ann","flag":"true"})", R"({"name":"Ann","name":"Ann"})"}) {
    EXPECT_FALSE(read_json(fields, bad)) << bad;
  }
  EXPECT_THAT(read_json(fields, "{}").error().message, HasSubstr("\"name\": expected UTF-8 text of 1 to 8 characters"));
}

TEST(Fields, TheSchemaSaysTheSame) {
  EXPECT_EQ(schema_of({.name = "x", .low = 1, .high = 3}), R"({"type":"string","minLength":1,"maxLength":3})");
  EXPECT_EQ(schema_of({.name = "x", .kind = Kind::kInteger, .low = 1, .high = 3}),
            R"({"type":"integer","minimum":1,"maximum":3})");
  EXPECT_EQ(schema_of({.name = "x", .kind = Kind::kChoice, .about = "why", .choices = {"a"}}),
            R"({"type":"string","enum":["a"],"description":"why"})");
  EXPECT_EQ(
      object_schema({{.name = "x", .kind = Kind::kBoolean, .required = true}, {.name = "y", .kind = Kind::kTime}}),
      R"({"type":"object","properties":{"x":{"type":"boolean"},"y":{"type":"string","format":"date-time"}},)"
      R"("required":["x"],"additionalProperties":false})");
}

}  // namespace
}  // namespace facepipe::serve
