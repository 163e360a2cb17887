// The events that carry an HTTP request to a function, as pure data, and the response that goes back.
// Source: AWS Lambda Developer Guide, "Invoking Lambda function URLs" (payload format 2.0); Amazon API Gateway
// Developer Guide, "Working with AWS Lambda proxy integrations" (1.0 and 2.0).
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "pipeline/frame_handler.h"

namespace facepipe::aws {

enum class ProxyEventKind {
  kFunctionUrl,   // payload format 2.0 from a Function URL
  kApiGatewayV2,  // payload format 2.0 from an HTTP API
  kApiGatewayV1,  // payload format 1.0: a REST API, or an HTTP API that asks for it
  kBare,          // {"body": ...}: an invocation by hand, as the Python original's tests do
};
[[nodiscard]] std::string_view to_string(ProxyEventKind kind);

struct ProxyEvent {
  ProxyEventKind kind = ProxyEventKind::kBare;
  std::string method;                          // "POST"; empty in a bare event
  std::string path;                            // as the service decoded it; empty in a bare event
  std::map<std::string, std::string> headers;  // names lower-case
  std::map<std::string, std::string> query;    // decoded; of a repeated name what the service chose
  std::string source_ip;                       // may be empty
  std::string request_id;                      // the service's own for this request; may be empty
  // Decoded where isBase64Encoded says so. A body that is a JSON object or array (bare events) is its JSON text. Empty:
  // there was none.
  std::string body;

  // Empty if absent.
  [[nodiscard]] std::string_view header(std::string_view lower_case_name) const;
  [[nodiscard]] std::string_view query_value(std::string_view name) const;
};

// kInvalidData names the field and what was expected; a field of no interest may hold anything. Unknown fields, null
// headers and null query strings are fine. Nothing of the payload is quoted.
[[nodiscard]] Result<ProxyEvent> parse_proxy_event(std::string_view json);

// What the first stage needs of it. The camera for fair queues is the query's `camera`; the trace is the header's.
[[nodiscard]] pipeline::FrameRequest to_frame_request(ProxyEvent event);

// {"statusCode":...,"headers":{"content-type":"application/json"},"body":"...","isBase64Encoded":false}
[[nodiscard]] std::string proxy_response(int status, std::string_view json_body);

}  // namespace facepipe::aws
