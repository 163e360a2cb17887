#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "aws/sqs/sqs_queue.h"

namespace facepipe::aws {
namespace {

TEST(RegionOfQueueUrl, RegionOfAQueueUrl) {
  const std::pair<const char*, const char*> cases[] = {
      {"https://sqs.eu-west-1.amazonaws.com/1/q", "eu-west-1"},
      {"https://sqs-fips.us-gov-west-1.amazonaws.com/1/q", "us-gov-west-1"},
      {"https://sqs.cn-north-1.amazonaws.com.cn/1/q", "cn-north-1"},
      {"https://vpce-1-x.sqs.us-east-2.vpce.amazonaws.com/1/q", "us-east-2"},
      {"https://sqs.eu-north-1.api.aws/1/q", "eu-north-1"},
      {"https://eu-west-1.queue.amazonaws.com/1/q", "eu-west-1"},
      {"https://queue.amazonaws.com/1/q", "us-east-1"},
      {"https://sqs.amazonaws.com/1/q", ""},
      {"https://sqs.eu-west-1.example.com/1/q", ""},
      {"https://notamazonaws.com/1/q", ""},
      {"http://127.0.0.1:9324/000000000000/q", ""},
      {"queue", ""},
  };
  for (const auto& [url, region] : cases) {
    EXPECT_EQ(region_of_queue_url(url), region) << url;
  }
}

}  // namespace
}  // namespace facepipe::aws
