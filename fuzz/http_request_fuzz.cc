// Whole HTTP requests through the server's parser, its own rules, and what looks at a head before anything else does.
// The first byte says in pieces of how many bytes they come.
#define BOOST_DISABLE_ASSERTS  // as src/http has it

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/text.h"
#include "http/server/request_parser.h"
#include "http/wire.h"
#include "serve/door/browser_rules.h"

namespace facepipe {
namespace {

constexpr std::size_t kMaxBody = 4'096;
constexpr std::size_t kMaxHeader = 8'192;

void check(bool condition) {
  if (!condition) {
    std::abort();
  }
}

// What everything after the parser relies on.
void check_request(const http::Request& request) {
  check(http::is_token(request.method));
  check(request.body.size() <= kMaxBody);
  for (const auto& [name, value] : request.headers) {
    check(http::is_token(name) && http::is_field_value(value) && name == lower(name));
  }
  static_cast<void>(http::target_path(request.target));
  static_cast<void>(http::query_pairs(request.target));
  const serve::BrowserRules rules{.check_host = true, .hosts = {"cam.local"}, .allowed_origins = {"https://a.example"}};
  if (!serve::refuse_of_browser(rules, request) && !http::header(request.headers, "origin").empty() &&
      !serve::is_allowed_origin(rules, request)) {
    check(http::header(request.headers, "origin").find("://") != std::string_view::npos);
  }
}

void read_requests(std::string_view input, std::size_t piece) {
  http::ServerOptions options;
  options.max_header_bytes = kMaxHeader;
  options.max_body_bytes = kMaxBody;
  std::string buffer;
  while (!input.empty() || !buffer.empty()) {  // pipelined requests, one after the other
    http::RequestParser parser;
    http::set_limits(parser, options);
    bool head_checked = false;
    while (!parser.is_done()) {
      boost::system::error_code ec;
      const std::size_t used = parser.put(boost::asio::buffer(buffer), ec);
      buffer.erase(0, used);
      if (ec == boost::beast::http::error::need_more || (!ec && used == 0)) {
        if (input.empty()) {
          return;
        }
        buffer.append(input.substr(0, piece));
        input.remove_prefix(std::min(piece, input.size()));
        continue;
      }
      if (ec) {
        const http::Refusal refusal = http::refusal_of(ec, options);
        check(refusal.status >= 400 && http::response_of(refusal).body.size() > 2);
        return;
      }
      if (parser.is_header_done() && !head_checked) {
        head_checked = true;
        if (const auto refusal = http::check_header(parser, options)) {
          check(refusal->status >= 400);
          return;
        }
        check_request(http::request_of(parser));
      }
    }
    http::Request request = http::request_of(parser);
    request.body = parser.get().body();
    check_request(request);
  }
}

}  // namespace
}  // namespace facepipe

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 0) {
    const std::size_t piece = data[0] == 0 ? size : data[0];
    facepipe::read_requests({reinterpret_cast<const char*>(data) + 1, size - 1}, piece);
  }
  return 0;
}
