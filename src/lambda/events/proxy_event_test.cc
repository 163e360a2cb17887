#include "lambda/events/proxy_event.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/base64.h"
#include "lambda/events/test_fixture.h"

namespace facepipe::lambda {
namespace {

using ::testing::ElementsAre;
using testing::fixture;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;
using ::testing::StartsWith;

ProxyEvent parse(std::string_view json) {
  auto event = parse_proxy_event(json);
  EXPECT_TRUE(event.has_value()) << event.error().message;
  return event ? *std::move(event) : ProxyEvent{};
}

Error parse_error(std::string_view json) {
  auto event = parse_proxy_event(json);
  EXPECT_FALSE(event.has_value());
  return event ? Error{} : event.error();
}

TEST(ProxyEvent, FunctionUrl) {
  const ProxyEvent event = parse(fixture("function_url"));
  EXPECT_EQ(event.kind, ProxyEventKind::kFunctionUrl);
  EXPECT_EQ(event.method, "POST");
  EXPECT_EQ(event.path, "/");
  EXPECT_THAT(event.headers, ElementsAre(Pair("content-type", "application/json"),
                                         Pair("host", "h4pb7zzexample2q.lambda-url.eu-west-1.on.aws"),
                                         Pair("user-agent", "curl/7.88.1"),
                                         Pair("x-amzn-trace-id", "Root=1-6a1f0c3e-5d2b9e7f10c4a8b6d3e2f901"),
                                         Pair("x-forwarded-for", "198.51.100.24")));
  EXPECT_TRUE(event.query.empty());
  EXPECT_EQ(event.source_ip, "198.51.100.24");
  EXPECT_EQ(event.request_id, "0f3c2b1a-7d6e-4c5b-9a88-1122334455ff");
  EXPECT_THAT(event.body, StartsWith(R"({"request_id": "url-1", "filename": "door.png", "content": "iVBORw0KGgo)"));
}

TEST(ProxyEvent, FunctionUrlWithABase64Body) {
  const ProxyEvent event = parse(fixture("function_url_base64"));
  EXPECT_EQ(event.kind, ProxyEventKind::kFunctionUrl);
  EXPECT_THAT(event.body, StartsWith(R"({"request_id": "url-b64", "filename": "door.png")"));
}

TEST(ProxyEvent, FunctionUrlWithAPicture) {
  const ProxyEvent event = parse(fixture("function_url_image"));
  EXPECT_THAT(event.query,
              ElementsAre(Pair("camera", "cam-7"), Pair("filename", "front door.png"), Pair("request_id", "raw-1")));
  EXPECT_EQ(event.header("content-type"), "image/png");
  EXPECT_THAT(event.body, StartsWith("\x89PNG\r\n\x1A\n"));
}

TEST(ProxyEvent, FunctionUrlWithoutABody) {
  const ProxyEvent event = parse(fixture("function_url_no_body"));
  EXPECT_EQ(event.kind, ProxyEventKind::kFunctionUrl);
  EXPECT_EQ(event.body, "");
}

TEST(ProxyEvent, ApiGatewayV2) {
  const ProxyEvent event = parse(fixture("api_gateway_v2"));
  EXPECT_EQ(event.kind, ProxyEventKind::kApiGatewayV2);
  EXPECT_EQ(event.method, "POST");
  EXPECT_EQ(event.path, "/prod/frames");
  EXPECT_EQ(event.source_ip, "198.51.100.24");
  EXPECT_EQ(event.request_id, "0f3c2b1a-7d6e-4c5b-9a88-1122334455ff");
  EXPECT_THAT(event.body, StartsWith(R"({"request_id": "gw2-1")"));
}

TEST(ProxyEvent, ApiGatewayV1) {
  const ProxyEvent event = parse(fixture("api_gateway_v1"));
  EXPECT_EQ(event.kind, ProxyEventKind::kApiGatewayV1);
  EXPECT_EQ(event.method, "POST");
  EXPECT_EQ(event.path, "/frames");
  EXPECT_THAT(event.headers, ElementsAre(Pair("content-type", "application/json; charset=utf-8"),
                                         Pair("host", "k8s1example.execute-api.eu-west-1.amazonaws.com"),
                                         Pair("x-amzn-trace-id", "Root=1-6a1f0c40-77e1d2c3b4a5968778695a4b")));
  EXPECT_TRUE(event.query.empty());
  EXPECT_EQ(event.source_ip, "203.0.113.77");
  EXPECT_EQ(event.request_id, "c6af9ac6-7b61-11e6-9a41-93e8deadbeef");
  EXPECT_THAT(event.body, StartsWith(R"({"request_id": "gw1-1")"));
}

TEST(ProxyEvent, LoadBalancer) {
  for (const char* name : {"load_balancer", "load_balancer_multi_value"}) {
    const ProxyEvent event = parse(fixture(name));
    EXPECT_EQ(event.kind, ProxyEventKind::kLoadBalancer) << name;
    EXPECT_EQ(event.method, "POST");
    EXPECT_EQ(event.path, "/frames");
    EXPECT_EQ(event.source_ip, "72.12.164.125");
    EXPECT_EQ(event.header("content-type"), "image/png");
    EXPECT_EQ(event.header("x-amzn-trace-id"), "Root=1-5c536348-3d683b8b04734faae651f476");
    EXPECT_THAT(event.query, ElementsAre(Pair("camera", "T\xC3\xBCr 1"), Pair("filename", "front door.png"),
                                         Pair("request_id", "alb/1")));
    EXPECT_THAT(event.body, StartsWith("\x89PNG\r\n\x1A\n"));
    EXPECT_TRUE(event.reply.status_description);
    EXPECT_EQ(event.reply.multi_value_headers, std::string_view(name) == "load_balancer_multi_value");
    EXPECT_FALSE(is_health_check(event));
  }
}

TEST(ProxyEvent, HealthChecksOfALoadBalancer) {
  const ProxyEvent check = parse(fixture("load_balancer_health_check"));
  EXPECT_TRUE(is_health_check(check));
  EXPECT_EQ(check.body, "");
  ProxyEvent other = check;
  other.method = "POST";
  EXPECT_FALSE(is_health_check(other));
  other = check;
  other.headers["user-agent"] = "curl/8";
  EXPECT_FALSE(is_health_check(other));
  other = check;
  other.kind = ProxyEventKind::kFunctionUrl;
  EXPECT_FALSE(is_health_check(other));
}

TEST(ProxyEvent, TheFormOfTheAnswerIsKnownOfABadEventToo) {
  ReplyForm reply;
  EXPECT_FALSE(
      parse_proxy_event(R"({"requestContext":{"elb":{}},"multiValueHeaders":{"a":["b"]},"isBase64Encoded":true,)"
                        R"("body":"!"})",
                        &reply));
  EXPECT_TRUE(reply.status_description);
  EXPECT_TRUE(reply.multi_value_headers);
}

// One query, four services: what a client wrote is what the first stage gets.
TEST(ProxyEvent, QueriesAreDecodedOnceWhateverTheService) {
  constexpr std::string_view kDecoded = "a+b c%20";
  const char* const events[] = {
      R"({"version":"2.0","requestContext":{},"rawQueryString":"camera=old&camera=a%2Bb+c%2520",)"
      R"("queryStringParameters":{"camera":"old,a+b c%20"}})",
      R"({"version":"2.0","requestContext":{},"queryStringParameters":{"camera":"a+b c%20"}})",
      R"({"httpMethod":"POST","requestContext":{},"queryStringParameters":{"camera":"a+b c%20"},)"
      R"("multiValueQueryStringParameters":{"camera":["old","a+b c%20"]}})",
      R"({"httpMethod":"POST","requestContext":{},"multiValueQueryStringParameters":{"camera":["old","a+b c%20"]}})",
      R"({"requestContext":{"elb":{}},"queryStringParameters":{"camera":"a%2Bb+c%2520"}})",
      R"({"requestContext":{"elb":{}},"multiValueQueryStringParameters":{"camera":["old","a%2Bb+c%2520",7]}})",
      R"({"queryStringParameters":{"camera":"a+b c%20"}})",
  };
  for (const char* event : events) {
    EXPECT_EQ(parse(event).query_value("camera"), kDecoded) << event;
  }
}

TEST(ProxyEvent, BareBodies) {
  const ProxyEvent object = parse(fixture("bare_object"));
  EXPECT_EQ(object.kind, ProxyEventKind::kBare);
  EXPECT_EQ(object.method, "");
  EXPECT_THAT(object.body, StartsWith(R"({"request_id":"bare-1","filename":"door.png","content":"iVBORw0KGgo)"));
  EXPECT_THAT(parse(fixture("bare_string")).body, StartsWith(R"({"request_id": "bare-2")"));
  EXPECT_EQ(parse(fixture("bare_not_json")).body, R"({"request_id": "x", )");
  EXPECT_EQ(parse(fixture("bare_empty_body")).body, "");
  EXPECT_EQ(parse(fixture("empty_event")).body, "");
  EXPECT_EQ(parse(R"({"body":null})").body, "");
  EXPECT_EQ(parse(R"({"body":[1,2]})").body, "[1,2]");
  EXPECT_EQ(parse(R"({"body":"aGk=","isBase64Encoded":true})").body, "hi");
  EXPECT_EQ(parse(R"({"body":"aGk=","isBase64Encoded":null})").body, "aGk=");
}

TEST(ProxyEvent, HeadersAreFoundWhateverTheirCase) {
  const ProxyEvent event = parse(R"({"body":"x","headers":{"CONTENT-Type":"image/jpeg","X-Odd":null,"X-Count":3}})");
  EXPECT_THAT(event.headers, ElementsAre(Pair("content-type", "image/jpeg")));
  EXPECT_EQ(event.header("x-odd"), "");
}

TEST(ProxyEvent, RefusesWhatIsNoEvent) {
  EXPECT_EQ(parse_error("").code, ErrorCode::kInvalidData);
  EXPECT_THAT(parse_error("{\"body\":").message, StartsWith("event: expected JSON, got 8 bytes that are not: "));
  EXPECT_EQ(parse_error("[1]").message, "event: expected a JSON object, got an array");
  EXPECT_EQ(parse_error("\"secret\"").message, "event: expected a JSON object, got a string");
  EXPECT_EQ(parse_error(R"({"headers":[],"body":"x"})").message, "headers: expected an object, got an array");
  EXPECT_EQ(parse_error(R"({"queryStringParameters":"a=b"})").message,
            "queryStringParameters: expected an object, got a string");
  EXPECT_EQ(parse_error(R"({"requestContext":7})").message, "requestContext: expected an object, got a number");
  EXPECT_EQ(parse_error(R"({"version":"2.0","requestContext":{"http":{"method":true}}})").message,
            "requestContext.http.method: expected a string, got a boolean");
  EXPECT_EQ(parse_error(R"({"body":"aGk=","isBase64Encoded":"yes"})").message,
            "isBase64Encoded: expected a boolean, got a string");
  const Error base64 = parse_error(R"({"body":"!secret!","isBase64Encoded":true})");
  EXPECT_EQ(base64.code, ErrorCode::kInvalidData);
  EXPECT_THAT(base64.message, StartsWith("body: "));
  EXPECT_THAT(base64.message, Not(HasSubstr("secret")));
}

TEST(ProxyEvent, DeepNestingIsRefusedNotFollowed) {
  EXPECT_EQ(parse_error(R"({"body":)" + std::string(100'000, '[')).code, ErrorCode::kInvalidData);
}

TEST(ProxyEvent, TakesABodyOfSixMebibytes) {
  const std::string content(std::size_t{6} << 20U, 'A');
  EXPECT_EQ(parse(R"({"body":{"content":")" + content + R"("}})").body.size(), content.size() + 14);
  EXPECT_EQ(parse(R"({"isBase64Encoded":true,"body":")" + content + R"("})").body.size(), content.size() / 4 * 3);
}

TEST(ToFrameRequest, TakesWhatTheFirstStageNeeds) {
  const frame_http::FrameRequest picture = to_frame_request(parse(fixture("function_url_image")));
  EXPECT_EQ(picture.content_type, "image/png");
  EXPECT_EQ(picture.request_id, "raw-1");
  EXPECT_EQ(picture.filename, "front door.png");
  EXPECT_EQ(picture.camera, "cam-7");
  EXPECT_EQ(picture.trace_header, "Root=1-6a1f0c3e-5d2b9e7f10c4a8b6d3e2f901");
  EXPECT_THAT(picture.body, StartsWith("\x89PNG"));
  const frame_http::FrameRequest bare = to_frame_request(parse(fixture("bare_object")));
  EXPECT_EQ(bare.content_type, "");
  EXPECT_EQ(bare.request_id, "");
  EXPECT_EQ(bare.camera, "");
  EXPECT_EQ(bare.trace_header, "");
}

TEST(ProxyResponse, CarriesTheBodyAsText) {
  EXPECT_EQ(proxy_response(200, R"({"message":"No face detected."})"),
            R"({"statusCode":200,"headers":{"content-type":"application/json"},)"
            R"("body":"{\"message\":\"No face detected.\"}","isBase64Encoded":false})");
}

TEST(ProxyResponse, HasTheFormThatALoadBalancerWants) {
  EXPECT_EQ(proxy_response(415, "{}", {.status_description = true, .multi_value_headers = false}),
            R"({"statusCode":415,"statusDescription":"415 Unsupported Media Type",)"
            R"("headers":{"content-type":"application/json"},"body":"{}","isBase64Encoded":false})");
  EXPECT_EQ(
      proxy_response(200, "{}", {.status_description = true, .multi_value_headers = true}),
      R"({"statusCode":200,"statusDescription":"200 OK","multiValueHeaders":{"content-type":["application/json"]},)"
      R"("body":"{}","isBase64Encoded":false})");
}

TEST(ProxyResponse, SaysWhenToTryAgain) {
  EXPECT_EQ(proxy_response(503, "{}", {}, 1),
            R"({"statusCode":503,"headers":{"content-type":"application/json","retry-after":"1"},)"
            R"("body":"{}","isBase64Encoded":false})");
  EXPECT_EQ(proxy_response(503, "{}", {.status_description = false, .multi_value_headers = true}, 2),
            R"({"statusCode":503,"multiValueHeaders":{"content-type":["application/json"],"retry-after":["2"]},)"
            R"("body":"{}","isBase64Encoded":false})");
}

TEST(ProxyEventKind, Names) {
  EXPECT_EQ(to_string(ProxyEventKind::kFunctionUrl), "function-url");
  EXPECT_EQ(to_string(ProxyEventKind::kApiGatewayV2), "api-gateway-v2");
  EXPECT_EQ(to_string(ProxyEventKind::kApiGatewayV1), "api-gateway-v1");
  EXPECT_EQ(to_string(ProxyEventKind::kLoadBalancer), "load-balancer");
  EXPECT_EQ(to_string(ProxyEventKind::kBare), "bare");
}

}  // namespace
}  // namespace facepipe::lambda
