#include "http/wire.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace facepipe::http {
namespace {

TEST(Wire, WritesARequestHead) {
  const auto head = request_head(
      {"POST", "/a?b", {{"x-y", "z"}, {"connection", "close"}, {"content-length", "9"}}, "abc", {}}, "h:1");
  ASSERT_TRUE(head);
  EXPECT_EQ(*head, "POST /a?b HTTP/1.1\r\nhost: h:1\r\nx-y: z\r\ncontent-length: 3\r\n\r\n");
  EXPECT_EQ(*request_head({"GET", "/", {{"host", "other"}}, {}, {}}, "h"), "GET / HTTP/1.1\r\nhost: other\r\n\r\n");
  EXPECT_EQ(*request_head({"DELETE", "/", {}, {}, {}}, "h"),
            "DELETE / HTTP/1.1\r\nhost: h\r\ncontent-length: 0\r\n\r\n");
}

TEST(Wire, RefusesWhatWouldBreakTheHead) {
  const Request bad[] = {{"GET /", "/", {}, {}, {}},
                         {"", "/", {}, {}, {}},
                         {"GET", "x", {}, {}, {}},
                         {"GET", "/a b", {}, {}, {}},
                         {"GET", "/\r\nx: y", {}, {}, {}},
                         {"GET", "/", {{"a b", "c"}}, {}, {}},
                         {"GET", "/", {{"a", "b\r\nc: d"}}, {}, {}}};
  for (const Request& request : bad) {
    const auto head = request_head(request, "h");
    ASSERT_FALSE(head) << request.target;
    EXPECT_EQ(head.error().code, ErrorCode::kInvalidArgument);
  }
}

TEST(Wire, WritesAResponseHead) {
  const Response response{200, {{"date", "today"}, {"content-type", "a/b"}}, "xy"};
  EXPECT_EQ(response_head(response, {true, false}),
            "HTTP/1.1 200 OK\r\ndate: today\r\ncontent-type: a/b\r\ncontent-length: 2\r\n\r\n");
  EXPECT_EQ(response_head({418, {{"date", "today"}}, {}}, {false, true}),
            "HTTP/1.1 418 Status\r\ndate: today\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
  EXPECT_THAT(response_head({-5, {}, {}}, {}), ::testing::StartsWith("HTTP/1.1 500 Internal Server Error\r\n"));
  EXPECT_THAT(response_head({200, {}, {}}, {}),
              ::testing::ContainsRegex("\r\ndate: [A-Z][a-z][a-z], [0-9][0-9] [A-Z][a-z][a-z] 20[0-9][0-9] "
                                       "[0-9][0-9]:[0-9][0-9]:[0-9][0-9] GMT\r\n"));
}

TEST(Wire, ReasonPhrases) {
  EXPECT_EQ(reason_phrase(415), "Unsupported Media Type");
  EXPECT_EQ(reason_phrase(299), "Status");
}

TEST(Wire, ReadsTokensOfAList) {
  EXPECT_TRUE(has_token("close", "close"));
  EXPECT_TRUE(has_token("Keep-Alive ,\tCLOSE", "close"));
  EXPECT_FALSE(has_token("closed, , en-close", "close"));
  EXPECT_FALSE(has_token("", "close"));
}

}  // namespace
}  // namespace facepipe::http
