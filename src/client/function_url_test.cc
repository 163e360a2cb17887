#include <gtest/gtest.h>

#include "client/sender.h"

namespace facepipe::client {
namespace {

std::string region(const char* url) {
  return function_url_region(http::parse_url(url).value());
}

TEST(FunctionUrlRegion, IsInTheHost) {
  EXPECT_EQ(region("https://abcdefghijklmnopqrstuvwxyz012345.lambda-url.eu-west-1.on.aws/"), "eu-west-1");
  EXPECT_EQ(region("https://a1.lambda-url.us-gov-west-1.on.aws/frames?camera=2"), "us-gov-west-1");
}

TEST(FunctionUrlRegion, OtherHostsHaveNone) {
  for (const char* url :
       {"http://a1.lambda-url.eu-west-1.on.aws/", "https://a1.lambda-url.eu-west-1.on.aws.evil.org/",
        "https://lambda-url.eu-west-1.on.aws/", "https://a1.lambda-url..on.aws/", "https://a1.lambda-url.on.aws/",
        "https://a1.lambda-url.eu.west.on.aws/", "https://a.b.lambda-url.eu-west-1.on.aws/",
        "https://sqs.eu-west-1.amazonaws.com/1/q", "http://127.0.0.1:8080/"}) {
    EXPECT_EQ(region(url), "") << url;
  }
}

}  // namespace
}  // namespace facepipe::client
