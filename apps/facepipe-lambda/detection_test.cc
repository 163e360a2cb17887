#include "detection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace facepipe::lambda_app {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;

struct DetectionTest : ::testing::Test {
  std::string handle(const std::string& payload, const std::string& trace = "") {
    const lambda::Handler handler = make_detection_handler(
        [this](const frame_http::FrameRequest& request, const WorkLimit& limit) {
          seen = request;
          in_time = !limit.reached();
          clock.advance(milliseconds{30});
          return answer;
        },
        clock, metrics);
    lambda::Invocation invocation;
    invocation.payload = payload;
    invocation.request_id = "req-1";
    invocation.deadline = clock.now() + time_left;
    invocation.trace_id = trace;
    const auto response = handler(invocation);
    EXPECT_TRUE(response.has_value());
    return response ? *response : std::string();
  }
  ManualClock clock{Clock::TimePoint{milliseconds{1'000}}};
  std::string lines;
  FunctionMetrics metrics{"detect", clock, [this](std::string_view line) { lines.append(line).append("\n"); }};
  frame_http::FrameAnswer answer{200, R"({"message":"No face detected."})"};
  frame_http::FrameRequest seen;
  milliseconds time_left{60'000};
  bool in_time = false;
};

TEST_F(DetectionTest, HandsTheFrameOnAndItsAnswerBack) {
  EXPECT_EQ(handle(R"({"body":{"request_id":"r"},"headers":{"X-Amzn-Trace-Id":"Root=header"}})"),
            R"({"statusCode":200,"headers":{"content-type":"application/json"},)"
            R"("body":"{\"message\":\"No face detected.\"}","isBase64Encoded":false})");
  EXPECT_EQ(seen.body, R"({"request_id":"r"})");
  EXPECT_EQ(seen.trace_header, "Root=header");
}

TEST_F(DetectionTest, TheInvocationsTraceGoesBeforeTheHeaders) {
  handle(R"({"body":"x","headers":{"X-Amzn-Trace-Id":"Root=header"}})", "Root=invocation");
  EXPECT_EQ(seen.trace_header, "Root=invocation");
}

TEST_F(DetectionTest, ALoadBalancersHealthCheckIsNoFrame) {
  EXPECT_EQ(
      handle(R"({"requestContext":{"elb":{}},"httpMethod":"GET","headers":{"user-agent":"ELB-HealthChecker/2.0"},)"
             R"("body":"","isBase64Encoded":false})"),
      R"({"statusCode":200,"statusDescription":"200 OK","headers":{"content-type":"application/json"},)"
      R"("body":"{\"status\":\"ok\"}","isBase64Encoded":false})");
  EXPECT_THAT(lines, HasSubstr(R"("FramesAccepted":0,"FramesRefused":0,"FramesFailed":0)"));
}

TEST_F(DetectionTest, TheWorkEndsBeforeTheInvocationDoes) {
  handle(R"({"body":"x"})");
  EXPECT_TRUE(in_time);
  time_left = milliseconds{499};  // what is kept for the answer
  handle(R"({"body":"x"})");
  EXPECT_FALSE(in_time);
}

TEST_F(DetectionTest, WhatIsNoEventIsABadRequest) {
  EXPECT_EQ(handle("[]"), R"({"statusCode":400,"headers":{"content-type":"application/json"},)"
                          R"("body":"{\"error\":\"event: expected a JSON object, got an array\"}",)"
                          R"("isBase64Encoded":false})");
  EXPECT_THAT(handle(R"({"body":"*","isBase64Encoded":true})"), HasSubstr(R"("statusCode":400)"));
  EXPECT_EQ(seen.body, "");
}

TEST_F(DetectionTest, AnAnswerThatSaysWhenToTryAgainKeepsIt) {
  answer = {503, "{}"};
  answer.retry_after_s = 1;
  EXPECT_THAT(handle(R"({"body":"x"})"), HasSubstr(R"("retry-after":"1")"));
}

TEST_F(DetectionTest, WritesOneMetricLineAnInvocation) {
  handle(R"({"body":"x"})");
  EXPECT_EQ(
      lines,
      R"({"_aws":{"Timestamp":1030,"CloudWatchMetrics":[{"Namespace":"facepipe","Dimensions":[["FunctionName"]],)"
      R"("Metrics":[{"Name":"Duration","Unit":"Milliseconds"},{"Name":"ColdStart","Unit":"Count"},)"
      R"({"Name":"FramesAccepted","Unit":"Count"},{"Name":"FramesRefused","Unit":"Count"},)"
      R"({"Name":"FramesFailed","Unit":"Count"},{"Name":"FacesLeftOut","Unit":"Count"}]}]},"FunctionName":"detect","Duration":30,"ColdStart":1,)"
      R"("FramesAccepted":1,"FramesRefused":0,"FramesFailed":0,"FacesLeftOut":0,"requestId":"req-1"})"
      "\n");
  lines.clear();
  answer.status = 502;
  handle(R"({"body":"x"})");
  EXPECT_THAT(lines, HasSubstr(R"("ColdStart":0,"FramesAccepted":0,"FramesRefused":0,"FramesFailed":1)"));
}

}  // namespace
}  // namespace facepipe::lambda_app
