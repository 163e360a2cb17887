// Tested by wire_test.cc.
#include "http/wire.h"

#include <algorithm>

#include "base/clock.h"
#include "base/text.h"
#include "base/time_text.h"

namespace facepipe::http {
namespace {

void append_header(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

bool is_framing(std::string_view name) {
  return name == "content-length" || name == "transfer-encoding" || name == "connection";
}

}  // namespace

std::string_view reason_phrase(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 411:
      return "Length Required";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 422:
      return "Unprocessable Content";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Status";
  }
}

bool is_token(std::string_view text) {
  constexpr std::string_view kSymbols = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kSymbols.find(c) != std::string_view::npos;
  });
}

bool is_field_value(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte >= 0x20 && byte != 0x7F) || c == '\t';
  });
}

bool has_token(std::string_view value, std::string_view token) {
  while (!value.empty()) {
    std::string_view item = value.substr(0, value.find(','));
    value.remove_prefix(item.size() < value.size() ? item.size() + 1 : item.size());
    const std::size_t first = item.find_first_not_of(" \t");
    if (first == std::string_view::npos) {
      continue;
    }
    item = item.substr(first, item.find_last_not_of(" \t") - first + 1);
    if (lower(item) == token) {
      return true;
    }
  }
  return false;
}

bool status_has_body(int status) {
  return status >= 200 && status != 204 && status != 304;
}

std::string response_head(const Response& response, ResponseFraming framing, const Headers& defaults) {
  const int status = response.status >= 100 && response.status <= 999 ? response.status : 500;
  std::string out = "HTTP/1.1 " + std::to_string(status) + " ";
  out.append(reason_phrase(status)).append("\r\n");
  for (const auto& [name, value] : response.headers) {
    if (!is_framing(name) && is_token(name) && is_field_value(value)) {
      append_header(out, name, value);
    }
  }
  for (const auto& [name, value] : defaults) {
    if (header(response.headers, name).empty()) {
      append_header(out, name, value);
    }
  }
  if (header(response.headers, "date").empty()) {
    append_header(out, "date", to_http_date(system_clock().now()));
  }
  if (status_has_body(status) && framing.stream && !framing.http_1_0) {
    append_header(out, "transfer-encoding", "chunked");
  } else if (status_has_body(status) && !framing.stream) {
    append_header(out, "content-length", std::to_string(response.body.size()));
  }
  if (!framing.keep_alive) {
    append_header(out, "connection", "close");
  } else if (framing.http_1_0) {
    append_header(out, "connection", "keep-alive");
  }
  return out.append("\r\n");
}

Result<std::string> request_head(const Request& request, std::string_view authority) {
  if (!is_token(request.method)) {
    return Error{ErrorCode::kInvalidArgument, "expected an HTTP method, a token of RFC 9110"};
  }
  if (!request.target.starts_with('/') || request.target.find(' ') != std::string::npos ||
      !is_field_value(request.target)) {
    return Error{ErrorCode::kInvalidArgument, "expected a request target that begins with '/' and has no blanks"};
  }
  std::string out = request.method + " " + request.target + " HTTP/1.1\r\n";
  if (header(request.headers, "host").empty()) {
    append_header(out, "host", authority);
  }
  for (const auto& [name, value] : request.headers) {
    if (!is_token(name) || !is_field_value(value)) {
      return Error{ErrorCode::kInvalidArgument, "a request header's name is no token or its value has a line break"};
    }
    if (!is_framing(name)) {
      append_header(out, name, value);
    }
  }
  if (!request.body.empty() || (request.method != "GET" && request.method != "HEAD")) {
    append_header(out, "content-length", std::to_string(request.body.size()));
  }
  return out.append("\r\n");
}

}  // namespace facepipe::http
