// Tested by server_test.cc, server_limits_test.cc and fuzz/http_request_fuzz.cc.
#include "http/server/request_parser.h"

#include <cstddef>
#include <iterator>

#include "base/json_writer.h"
#include "base/text.h"
#include "http/wire.h"

namespace facepipe::http {
namespace {

namespace beast_http = boost::beast::http;

// "http://host/path" -> "/path": what a proxy's client sends.
std::string origin_form(std::string_view target) {
  const std::size_t scheme = target.find("://");
  if (target.starts_with('/') || scheme == std::string_view::npos) {
    return std::string(target);
  }
  const std::size_t path = target.find_first_of("/?", scheme + 3);
  if (path == std::string_view::npos) {
    return "/";
  }
  return target[path] == '/' ? std::string(target.substr(path)) : "/" + std::string(target.substr(path));
}

}  // namespace

Refusal refusal_of(boost::system::error_code ec, const ServerOptions& options) {
  if (ec == beast_http::error::header_limit) {
    return {431, "expected a header of at most " + std::to_string(options.max_header_bytes) + " bytes"};
  }
  if (ec == beast_http::error::body_limit) {
    return too_large(options.max_body_bytes);
  }
  if (ec == beast_http::error::bad_version) {
    return {505, "expected HTTP/1.0 or HTTP/1.1"};
  }
  return {400, "expected a well-formed HTTP/1.1 request: " + ec.message()};
}

Refusal too_large(std::size_t max_body_bytes) {
  return {413, "expected a body of at most " + std::to_string(max_body_bytes) + " bytes"};
}

Refusal too_slow(bool told_to_end) {
  return told_to_end ? Refusal{503, "the server is full and the request came too slowly"}
                     : Refusal{408, "the request took too long to arrive"};
}

Response response_of(const Refusal& refusal) {
  Response response = make_response(refusal.status, "application/json", json_error_body(refusal.message));
  if (refusal.status == 503) {
    response.headers.emplace_back("retry-after", "1");
  }
  return response;
}

std::optional<Refusal> check_header(const RequestParser& parser, const ServerOptions& options) {
  const auto& message = parser.get();
  // A field of four bytes takes a hundred and more of memory.
  if (const auto fields = std::distance(message.begin(), message.end());
      static_cast<std::size_t>(fields) > options.max_header_fields) {
    return Refusal{431, "expected at most " + std::to_string(options.max_header_fields) + " header fields, got " +
                            std::to_string(fields)};
  }
  const auto hosts = message.count(beast_http::field::host);
  if (hosts > 1 || (hosts == 0 && message.version() >= 11)) {
    return Refusal{400, "expected one Host header, got " + std::to_string(hosts)};
  }
  if (has_too_many_pairs(target_query(message.target()))) {
    return Refusal{400, "expected at most " + std::to_string(kMaxPairs) + " parameters in the query"};
  }
  const auto codings = message.count(beast_http::field::transfer_encoding);
  if (codings > 0 && (codings > 1 || lower(message[beast_http::field::transfer_encoding]) != "chunked")) {
    return Refusal{501, "expected no transfer coding but chunked"};
  }
  if (codings > 0 && (message.version() < 11 || message.count(beast_http::field::content_length) > 0)) {
    return Refusal{400, "expected either Content-Length or Transfer-Encoding of HTTP/1.1"};
  }
  if (const auto expect = message.find(beast_http::field::expect);
      expect != message.end() && message.version() >= 11 && lower(expect->value()) != "100-continue") {
    return Refusal{417, "expected no expectation but 100-continue"};
  }
  return std::nullopt;
}

Request request_of(const RequestParser& parser) {
  const auto& message = parser.get();
  Request request;
  request.method = std::string(message.method_string());
  request.target = origin_form(message.target());
  for (const auto& field : message) {
    request.headers.emplace_back(lower(field.name_string()), std::string(field.value()));
  }
  return request;
}

void set_limits(RequestParser& parser, const ServerOptions& options) {
  parser.header_limit(static_cast<std::uint32_t>(options.max_header_bytes));
  parser.body_limit(options.max_body_bytes);
}

}  // namespace facepipe::http
