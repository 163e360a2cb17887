// A request from its bytes: internal to the module, and of its headers one of the three that show Boost (with session.h
// and stream.h). Boost.Beast parses; framing that could be read in two ways is refused (RFC 9112, sections 6.1
// and 11.2).
#pragma once

#include <boost/beast/http/parser.hpp>
#include <boost/system/error_code.hpp>

#include "http/body.h"
#include "http/message.h"
#include "http/server/server.h"

namespace facepipe::http {

using RequestParser = boost::beast::http::request_parser<GrowingBody>;

// Why a request was not taken.
struct Refusal {
  int status = 400;
  std::string message;
};

[[nodiscard]] Refusal too_large(std::size_t max_body_bytes);
// Of a parser's error.
[[nodiscard]] Refusal refusal_of(boost::system::error_code ec, const ServerOptions& options);

// Of a request that took too long, or was told to make room for others.
[[nodiscard]] Refusal too_slow(bool told_to_end);
// {"error": message}; with Retry-After where the server is full.
[[nodiscard]] Response response_of(const Refusal& refusal);

// The rules that the parser leaves open. The parser has read the head.
[[nodiscard]] std::optional<Refusal> check_header(const RequestParser& parser, const ServerOptions& options);

// Method, target (an absolute one in origin form) and headers of a parser that has read the head.
[[nodiscard]] Request request_of(const RequestParser& parser);

// Sets the limits of `options` on a parser that has read nothing.
void set_limits(RequestParser& parser, const ServerOptions& options);

}  // namespace facepipe::http
