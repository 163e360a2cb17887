#include "aws/credentials/location.h"

#include <gtest/gtest.h>

namespace facepipe::aws {
namespace {

Profiles with(IniSection settings) {
  Profiles profiles;
  profiles.by_name["default"] = std::move(settings);
  return profiles;
}

TEST(Location, RegionInItsOrder) {
  Environment environment = {{"AWS_REGION", "a-1"}, {"REGION", "b-1"}, {"AWS_DEFAULT_REGION", "c-1"}};
  const Profiles profiles = with({{"region", "d-1"}});
  const char* const url = "https://sqs.eu-west-1.amazonaws.com/1/q";
  for (const auto& [erase, region] : {std::pair("", "a-1"), std::pair("AWS_REGION", "b-1"), std::pair("REGION", "c-1"),
                                      std::pair("AWS_DEFAULT_REGION", "d-1")}) {
    environment.erase(erase);
    EXPECT_EQ(*find_region(environment, profiles, url), region);
  }
  EXPECT_EQ(*find_region(environment, {}, url), "eu-west-1");
  const auto none = find_region({{"AWS_REGION", ""}}, {}, "http://127.0.0.1:1/1/q");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(none.error().message,
            "expected a region in AWS_REGION, REGION, AWS_DEFAULT_REGION, the profile 'default' or the queue URL "
            "(https://sqs.REGION.amazonaws.com/...), got none");
}

TEST(Location, ARegionIsPartOfAHostsName) {
  EXPECT_EQ(find_region({{"REGION", "evil.example/"}}, {}, "").error().message,
            "REGION: expected a region such as eu-west-1, got 'evil.example/'");
  EXPECT_EQ(find_region({}, with({{"region", "EU west"}}), "").error().message,
            "region of the profile default: expected a region such as eu-west-1, got 'EU west'");
}

TEST(Location, EndpointInItsOrder) {
  Environment environment = {{"AWS_ENDPOINT_URL_SQS", "http://a"}, {"AWS_ENDPOINT_URL", "http://b"}};
  Profiles profiles = with({{"services", "s"}, {"endpoint_url", "http://d"}});
  profiles.services["s"] = {{"sqs.endpoint_url", "http://c"}};
  EXPECT_EQ(find_endpoint(environment, profiles, "sqs"), "http://a");
  EXPECT_EQ(find_endpoint(environment, profiles, "sts"), "http://b");
  environment.erase("AWS_ENDPOINT_URL_SQS");
  EXPECT_EQ(find_endpoint(environment, profiles, "sqs"), "http://b");
  environment.clear();
  EXPECT_EQ(find_endpoint(environment, profiles, "sqs"), "http://c");
  EXPECT_EQ(find_endpoint(environment, profiles, "sts"), "http://d");
  EXPECT_EQ(find_endpoint(environment, {}, "sts"), "");
}

TEST(Location, EndpointsCanBeIgnored) {
  const Environment environment = {{"AWS_ENDPOINT_URL_SQS", "http://a"}};
  Environment ignoring = environment;
  ignoring["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] = "true";
  EXPECT_EQ(find_endpoint(ignoring, with({{"endpoint_url", "http://d"}}), "sqs"), "");
  EXPECT_EQ(find_endpoint(environment, with({{"ignore_configured_endpoint_urls", "TRUE"}}), "sqs"), "");
  EXPECT_EQ(find_endpoint(environment, with({{"ignore_configured_endpoint_urls", "false"}}), "sqs"), "http://a");
}

}  // namespace
}  // namespace facepipe::aws
