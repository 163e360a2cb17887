#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/client.h"

namespace facepipe::http {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Url, ReadsItsParts) {
  const auto url = parse_url("HTTPS://Sqs.Eu-West-1.amazonaws.com/123/q?a=b#f");
  ASSERT_TRUE(url);
  EXPECT_TRUE(url->tls);
  EXPECT_EQ(url->host, "sqs.eu-west-1.amazonaws.com");
  EXPECT_EQ(url->port, 443);
  EXPECT_EQ(url->target, "/123/q?a=b");
  EXPECT_EQ(url->authority(), "sqs.eu-west-1.amazonaws.com");
}

TEST(Url, FillsInPortAndTarget) {
  EXPECT_EQ(parse_url("http://localhost")->port, 80);
  EXPECT_EQ(parse_url("http://localhost")->target, "/");
  EXPECT_EQ(parse_url("http://localhost:8080?x")->target, "/?x");
  EXPECT_EQ(parse_url("http://localhost:8080")->authority(), "localhost:8080");
  EXPECT_EQ(parse_url("https://h:80")->authority(), "h:80");
}

TEST(Url, TakesIpv6Literals) {
  const auto url = parse_url("http://[::1]:9324/a");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->host, "::1");
  EXPECT_EQ(url->port, 9324);
  EXPECT_EQ(url->authority(), "[::1]:9324");
}

TEST(Url, RefusesWhatIsNone) {
  for (const char* text : {"",
                           "localhost",
                           "ftp://h/",
                           "http://",
                           "http:///a",
                           "http://h:",
                           "http://h:0",
                           "http://h:65536",
                           "http://h:8x",
                           "http://h:-1",
                           "http://[::1",
                           "http://[::1]8",
                           "http://[h]/",
                           "http://a b/",
                           "http://h/a b",
                           "http://h/\r\nx",
                           "http://h/\xC3\xBC",
                           "http://u:p@h/",
                           "http",
                           "://"}) {
    const auto url = parse_url(text);
    ASSERT_FALSE(url) << text;
    EXPECT_EQ(url.error().code, ErrorCode::kInvalidArgument) << text;
    EXPECT_THAT(url.error().message, HasSubstr("expected a URL such as")) << text;
  }
}

TEST(Url, KeepsSecretsOutOfMessages) {
  for (const char* text : {"http://user:hunter2@h/", "http://h:bad/?token=hunter2"}) {
    const auto url = parse_url(text);
    ASSERT_FALSE(url);
    EXPECT_THAT(url.error().message, Not(HasSubstr("hunter2")));
    EXPECT_THAT(url.error().message, HasSubstr("h"));
  }
}

}  // namespace
}  // namespace facepipe::http
