// Tested by proxy_event_test.cc on the fixtures of tests/lambda/fixtures.
#include "lambda/events/proxy_event.h"

#include <algorithm>

#include "base/base64.h"
#include "base/hex.h"
#include "base/json_writer.h"
#include "base/text.h"
#include "http/message.h"
#include "http/wire.h"
#include "lambda/events/json_fields.h"

namespace facepipe::lambda {
namespace {

using StringMap = std::map<std::string, std::string>;

// A text, or the last one of a list; nothing for anything else.
std::optional<std::string_view> last_text(const JsonValue& value) {
  std::optional<std::string_view> last = value.as_string();
  if (value.type() == JsonType::kArray) {
    static_cast<void>(value.each_item([&last](const JsonValue& item) {
      last = item.as_string() ? item.as_string() : last;
      return Status();
    }));
  }
  return last;
}

// An object of strings, or of lists of strings: then the last one counts. A value that is none is left out, as null
// values are. False: there is no such object.
Result<bool> read_map(const JsonValue& fields, StringMap& map) {
  FACEPIPE_ASSIGN(const bool present, is_object(fields));
  if (present) {
    FACEPIPE_TRY(fields.each_field([&map](std::string_view name, const JsonValue& value) {
      if (const auto text = last_text(value)) {
        map.insert_or_assign(std::string(name), std::string(*text));
      }
      return Status();
    }));
  }
  return present;
}

// From `headers`, or `multiValueHeaders` where a load balancer sends those in their place.
Status read_headers(const JsonValue& root, ProxyEvent& event) {
  StringMap headers;
  FACEPIPE_ASSIGN(const bool single, read_map(root["headers"], headers));
  if (!single) {
    FACEPIPE_ASSIGN(const bool multiple, read_map(root["multiValueHeaders"], headers));
    event.reply.multi_value_headers = multiple && event.kind == ProxyEventKind::kLoadBalancer;
  }
  for (auto& [name, value] : headers) {
    event.headers.insert_or_assign(lower(name), std::move(value));
  }
  return {};
}

Status read_query(const JsonValue& root, ProxyEvent& event) {
  StringMap query;
  FACEPIPE_ASSIGN(const bool single, read_map(root["queryStringParameters"], query));
  if (!single) {
    FACEPIPE_TRY(read_map(root["multiValueQueryStringParameters"], query));
  }
  if (event.kind == ProxyEventKind::kLoadBalancer) {  // which hands over what came, still encoded
    for (const auto& [name, value] : query) {
      event.query.insert_or_assign(percent_decode(name, true), percent_decode(value, true));
    }
    return {};
  }
  event.query = std::move(query);
  // Format 2.0 joins the values of a repeated name by commas; the text that it had them from tells them apart.
  FACEPIPE_ASSIGN(const std::string_view raw, root["rawQueryString"].string_or_empty());
  for (auto& [name, value] : http::query_pairs("?" + std::string(raw))) {
    event.query.insert_or_assign(std::move(name), std::move(value));
  }
  return {};
}

// Of a Function URL or HTTP API: {"http":{"method","path","sourceIp"},"requestId","domainName"}
Status read_context_v2(const JsonValue& context, ProxyEvent& event) {
  FACEPIPE_ASSIGN(event.request_id, context["requestId"].string_or_empty());
  FACEPIPE_ASSIGN(const std::string_view domain, context["domainName"].string_or_empty());
  event.kind = domain.find(".lambda-url.") != std::string_view::npos ? ProxyEventKind::kFunctionUrl
                                                                     : ProxyEventKind::kApiGatewayV2;
  const JsonValue http = context["http"];
  FACEPIPE_ASSIGN(const bool present, is_object(http));
  if (present) {
    FACEPIPE_ASSIGN(event.method, http["method"].string_or_empty());
    FACEPIPE_ASSIGN(event.source_ip, http["sourceIp"].string_or_empty());
  }
  return {};
}

// Of a REST API: {"requestId","identity":{"sourceIp"}}
Status read_context_v1(const JsonValue& context, ProxyEvent& event) {
  FACEPIPE_ASSIGN(event.request_id, context["requestId"].string_or_empty());
  const JsonValue identity = context["identity"];
  FACEPIPE_ASSIGN(const bool present, is_object(identity));
  if (present) {
    FACEPIPE_ASSIGN(event.source_ip, identity["sourceIp"].string_or_empty());
  }
  return {};
}

// Kind, method, path and context: where the formats differ.
Status read_request_line(const JsonValue& root, ProxyEvent& event) {
  const JsonValue context = root["requestContext"];
  FACEPIPE_ASSIGN(const bool has_context, is_object(context));
  if (!has_context) {
    return {};
  }
  FACEPIPE_ASSIGN(const std::string_view version, root["version"].string_or_empty());
  if (version == "2.0") {
    FACEPIPE_ASSIGN(event.path, root["rawPath"].string_or_empty());
    return read_context_v2(context, event);
  }
  const JsonValue balancer = context["elb"];
  FACEPIPE_ASSIGN(const bool balanced, is_object(balancer));
  event.kind = balanced ? ProxyEventKind::kLoadBalancer : ProxyEventKind::kApiGatewayV1;
  event.reply.status_description = balanced;
  FACEPIPE_ASSIGN(event.method, root["httpMethod"].string_or_empty());
  FACEPIPE_ASSIGN(event.path, root["path"].string_or_empty());
  return read_context_v1(context, event);
}

Result<std::string> read_body(const JsonValue& root) {
  const JsonValue body = root["body"];
  if (!body) {
    return std::string();
  }
  const auto text = body.as_string();
  if (!text) {
    return body.to_json();
  }
  const JsonValue flag = root["isBase64Encoded"];
  const bool base64 = flag.as_boolean().value_or(false);
  if (flag && !flag.as_boolean()) {
    return flag.must_be("a boolean");
  }
  if (!base64) {
    return std::string(*text);
  }
  FACEPIPE_ASSIGN(const auto decoded, base64_decode(*text).with_context("body"));
  return std::string(as_text(decoded));
}

// The address that the balancer itself saw: it appends it.
std::string_view last_hop(std::string_view forwarded_for) {
  const std::string_view last = split(forwarded_for, ',').back();
  return last.substr(std::min(last.find_first_not_of(' '), last.size()));
}

std::string_view find_or_empty(const std::map<std::string, std::string>& map, std::string_view name) {
  const auto found = map.find(std::string(name));
  return found == map.end() ? std::string_view{} : std::string_view(found->second);
}

}  // namespace

std::string_view to_string(ProxyEventKind kind) {
  switch (kind) {
    case ProxyEventKind::kFunctionUrl:
      return "function-url";
    case ProxyEventKind::kApiGatewayV2:
      return "api-gateway-v2";
    case ProxyEventKind::kApiGatewayV1:
      return "api-gateway-v1";
    case ProxyEventKind::kLoadBalancer:
      return "load-balancer";
    case ProxyEventKind::kBare:
      return "bare";
  }
  return "bare";
}

std::string_view ProxyEvent::header(std::string_view lower_case_name) const {
  return find_or_empty(headers, lower_case_name);
}

std::string_view ProxyEvent::query_value(std::string_view name) const {
  return find_or_empty(query, name);
}

Result<ProxyEvent> parse_proxy_event(std::string_view json, ReplyForm* reply) {
  FACEPIPE_ASSIGN(const JsonDocument document, parse_event(json));
  const JsonValue& root = document.root();
  ProxyEvent event;
  FACEPIPE_TRY(read_request_line(root, event));
  const Status headers = read_headers(root, event);
  if (reply != nullptr) {
    *reply = event.reply;
  }
  if (!headers) {
    return headers.error();
  }
  FACEPIPE_TRY(read_query(root, event));
  if (event.kind == ProxyEventKind::kLoadBalancer) {
    event.source_ip = last_hop(event.header("x-forwarded-for"));
  }
  FACEPIPE_ASSIGN(event.body, read_body(root));
  return event;
}

bool is_health_check(const ProxyEvent& event) {
  return event.kind == ProxyEventKind::kLoadBalancer && (event.method == "GET" || event.method == "HEAD") &&
         event.header("user-agent").starts_with("ELB-HealthChecker/");
}

frame_http::FrameRequest to_frame_request(ProxyEvent event) {
  frame_http::FrameRequest request;
  request.body = std::move(event.body);
  request.content_type = event.header("content-type");
  request.request_id = event.query_value("request_id");
  request.filename = event.query_value("filename");
  request.camera = event.query_value("camera");
  request.trace_header = event.header("x-amzn-trace-id");
  return request;
}

std::string proxy_response(int status, std::string_view json_body, const ReplyForm& reply, int retry_after_s) {
  JsonWriter json;
  json.begin_object().key("statusCode").integer(status);
  if (reply.status_description) {
    json.key("statusDescription").string(std::to_string(status) + " " + std::string(http::reason_phrase(status)));
  }
  const auto add_header = [&](std::string_view name, std::string_view value) {
    json.key(name);
    if (reply.multi_value_headers) {
      json.begin_array().string(value).end_array();
    } else {
      json.string(value);
    }
  };
  json.key(reply.multi_value_headers ? "multiValueHeaders" : "headers").begin_object();
  add_header("content-type", "application/json");
  if (retry_after_s != 0) {
    add_header("retry-after", std::to_string(retry_after_s));
  }
  json.end_object();
  json.key("body").string(json_body).key("isBase64Encoded").boolean(false).end_object();
  return std::move(json).text();
}

}  // namespace facepipe::lambda
