// The events that carry an HTTP request to a function, as pure data, and the response that goes back.
// Source: AWS Lambda Developer Guide, "Invoking Lambda function URLs" (payload format 2.0); Amazon API Gateway
// Developer Guide, "Working with AWS Lambda proxy integrations" (1.0 and 2.0); Application Load Balancers guide, "Use
// Lambda functions as targets of an Application Load Balancer".
#pragma once

#include <map>

#include "base/result.h"
#include "frame_http/frame_reader.h"

namespace facepipe::lambda {

enum class ProxyEventKind {
  kFunctionUrl,   // payload format 2.0 from a Function URL
  kApiGatewayV2,  // payload format 2.0 from an HTTP API
  kApiGatewayV1,  // payload format 1.0: a REST API, or an HTTP API that asks for it
  kLoadBalancer,  // an Application Load Balancer's target group
  kBare,          // {"body": ...}: an invocation by hand, as the Python original's tests do
};
[[nodiscard]] std::string_view to_string(ProxyEventKind kind);

// How a service wants its answer.
struct ReplyForm {
  bool status_description = false;   // a load balancer: "200 OK" beside the number
  bool multi_value_headers = false;  // of one that sent its headers so: it looks at no others
};

struct ProxyEvent {
  ProxyEventKind kind = ProxyEventKind::kBare;
  std::string method;                          // "POST"; empty in a bare event
  std::string path;                            // as the service decoded it; empty in a bare event
  std::map<std::string, std::string> headers;  // names lower-case; of a repeated one the last value
  // Decoded, a plus sign too, whatever the service left encoded; of a repeated name the last value, but for a REST API
  // what the service chose.
  std::map<std::string, std::string> query;
  std::string source_ip;  // may be empty
  ReplyForm reply;
  std::string request_id;  // the service's own for this request; may be empty
  // Decoded where isBase64Encoded says so. A body that is a JSON object or array (bare events) is its JSON text. Empty:
  // there was none.
  std::string body;

  // Empty if absent.
  [[nodiscard]] std::string_view header(std::string_view lower_case_name) const;
  [[nodiscard]] std::string_view query_value(std::string_view name) const;
};

// kInvalidData names the field and what was expected; a field of no interest may hold anything. Unknown fields, null
// headers and null query strings are fine. Nothing of the payload is quoted. `reply`, if given, is set even on error as
// far as the event could be read.
[[nodiscard]] Result<ProxyEvent> parse_proxy_event(std::string_view json, ReplyForm* reply = nullptr);

// A load balancer that asks whether the function is well: to be answered 200 without any work.
[[nodiscard]] bool is_health_check(const ProxyEvent& event);

// What the first stage needs of it. The camera for fair queues is the query's `camera`; the trace is the header's.
[[nodiscard]] frame_http::FrameRequest to_frame_request(ProxyEvent event);

// {"statusCode":...,"headers":{"content-type":"application/json"},"body":"...","isBase64Encoded":false}; for a load
// balancer with "statusDescription", and "multiValueHeaders" in place of "headers" where it sent those. With a header
// retry-after where `retry_after_s` is not 0.
[[nodiscard]] std::string proxy_response(int status, std::string_view json_body, const ReplyForm& reply = {},
                                         int retry_after_s = 0);

}  // namespace facepipe::lambda
