#include "base/json_writer.h"

#include <gtest/gtest.h>

#include <limits>

namespace facepipe {
namespace {

TEST(JsonWriter, WritesNestedValues) {
  JsonWriter json;
  json.begin_object().key("a").integer(-1).key("b").begin_array().number(0.1F).boolean(true).null();
  json.begin_object().end_object().end_array().key("c").string("x").end_object();
  EXPECT_EQ(std::move(json).text(), R"({"a":-1,"b":[0.1,true,null,{}],"c":"x"})");
}

TEST(JsonWriter, EscapesAndKeepsUtf8) {
  EXPECT_EQ(json_quote("a\"\\\n\r\t\x01/"), "\"a\\\"\\\\\\n\\r\\t\\u0001/\"");
  EXPECT_EQ(json_quote("J\xC3\xBCrgen \xF0\x9F\x98\x80"), "\"J\xC3\xBCrgen \xF0\x9F\x98\x80\"");
}

TEST(JsonWriter, ControlsBeyondAsciiAreEscaped) {
  EXPECT_EQ(json_quote("a\x7F z"), "\"a\\u007f z\"");
  EXPECT_EQ(json_quote("\xC2\x80\xC2\x9F\xC2\xA0"), "\"\\u0080\\u009f\xC2\xA0\"");
}

TEST(JsonWriter, ReplacesBytesThatAreNotUtf8) {
  const std::string replacement = "\xEF\xBF\xBD";
  EXPECT_EQ(json_quote("a\xFFz"), "\"a" + replacement + "z\"");
  EXPECT_EQ(json_quote("\xC0\xAF"), "\"" + replacement + replacement + "\"");                    // overlong
  EXPECT_EQ(json_quote("\xED\xA0\x80"), "\"" + replacement + replacement + replacement + "\"");  // surrogate
  EXPECT_EQ(json_quote("\xE2\x82"), "\"" + replacement + replacement + "\"");                    // cut short
}

TEST(JsonWriter, EscapesWhatAQueueRefuses) {
  EXPECT_EQ(json_quote("a\xEF\xBF\xBE\xEF\xBF\xBFz\xEF\xBF\xBD\x01"), "\"a\\ufffe\\uffffz\xEF\xBF\xBD\\u0001\"");
}

TEST(JsonWriter, BytesAreBase64) {
  JsonWriter json;
  json.begin_object().key("a").base64(as_bytes("foob")).key("b").base64({}).end_object();
  EXPECT_EQ(std::move(json).text(), R"({"a":"Zm9vYg==","b":""})");
}

TEST(JsonWriter, NumbersReadBackAndNonFiniteIsNull) {
  JsonWriter json;
  json.begin_array().number(0.30000001192092896F).number(1e300).number(std::numeric_limits<double>::quiet_NaN());
  json.end_array();
  EXPECT_EQ(std::move(json).text(), "[0.3,1e+300,null]");
}

TEST(JsonWriter, ErrorBody) {
  EXPECT_EQ(json_error_body("no \"x\""), R"({"error":"no \"x\""})");
  EXPECT_EQ(json_error_body("no", "request_id", ""), R"({"error":"no","request_id":""})");
}

}  // namespace
}  // namespace facepipe
