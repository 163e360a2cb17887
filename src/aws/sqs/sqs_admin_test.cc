#include "aws/sqs/sqs_admin.h"

#include <gmock/gmock.h>

namespace facepipe::aws {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct SqsAdminTest : ::testing::Test {
  std::unique_ptr<SqsQueue> make() {
    SqsQueueOptions options;
    options.transport = [this](const http::Request& request) -> Result<http::Response> {
      requests.push_back(request.body);
      http::Response response;
      response.status = status;
      response.body = answers.at(requests.size() - 1);
      return response;
    };
    auto queue = SqsQueue::create("http://127.0.0.1:9324/", std::move(options));
    EXPECT_TRUE(queue);
    return *std::move(queue);
  }
  int status = 200;
  std::vector<std::string> answers;
  std::vector<std::string> requests;
};

TEST_F(SqsAdminTest, ListsAllPages) {
  answers = {R"({"QueueUrls":["http://h/1/a","http://h/1/b"],"NextToken":"more"})",
             R"({"QueueUrls":["http://h/1/c"]})"};
  EXPECT_THAT(list_queue_urls(*make()).value(), ElementsAre("http://h/1/a", "http://h/1/b", "http://h/1/c"));
  EXPECT_THAT(requests.at(0), ::testing::Not(HasSubstr("NextToken")));
  EXPECT_THAT(requests.at(1), HasSubstr(R"("NextToken":"more")"));
}

TEST_F(SqsAdminTest, NoQueues) {
  answers = {"{}"};
  EXPECT_THAT(list_queue_urls(*make()).value(), IsEmpty());
}

TEST_F(SqsAdminTest, ReadsAttributes) {
  answers = {R"({"Attributes":{"ApproximateNumberOfMessages":"3","FifoQueue":"true"}})"};
  const auto attributes = queue_attributes(*make(), "http://h/1/a").value();
  EXPECT_EQ(attributes.at("ApproximateNumberOfMessages"), "3");
  EXPECT_EQ(attributes.at("FifoQueue"), "true");
  EXPECT_THAT(requests.at(0), HasSubstr(R"("QueueUrl":"http://h/1/a")"));
}

TEST_F(SqsAdminTest, ErrorsAreSqss) {
  answers = {R"({"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"none"})"};
  status = 400;
  EXPECT_EQ(purge_queue(*make(), "http://h/1/a").error().code, ErrorCode::kNotFound);
}

TEST_F(SqsAdminTest, WhatIsNoJsonIsRefused) {
  answers = {"<html>", "[]"};
  const auto queue = make();
  EXPECT_EQ(list_queue_urls(*queue).error().code, ErrorCode::kInvalidData);
  EXPECT_EQ(queue_attributes(*queue, "u").error().code, ErrorCode::kInvalidData);
}

}  // namespace
}  // namespace facepipe::aws
