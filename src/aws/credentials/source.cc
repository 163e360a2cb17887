// Tested through the sources.
#include "aws/credentials/source.h"

#include <utility>

#include "aws/signing/text.h"
#include "base/file.h"

namespace facepipe::aws {
namespace {

constexpr std::size_t kMaxResponseBytes = std::size_t{64} << 10U;
constexpr std::size_t kMaxTokenFileBytes = std::size_t{64} << 10U;

}  // namespace

Result<http::Response> fetch(const http::Url& origin, const http::Request& request,
                             std::chrono::milliseconds connect_timeout, std::chrono::milliseconds request_timeout) {
  http::ClientOptions options;
  options.connect_timeout = connect_timeout;
  options.request_timeout = request_timeout;
  options.max_response_bytes = kMaxResponseBytes;
  return http::Client(origin, options).send(request);
}

Error unexpected_status(const http::Url& url, int status, std::string_view what) {
  return Error{status >= 500 || status == 429 ? ErrorCode::kUnavailable : ErrorCode::kPermission,
               "expected 200 from " + url.authority() + (what.empty() ? "" : " for " + std::string(what)) + ", got " +
                   std::to_string(status)};
}

Result<std::string> read_token_file(std::string_view path, std::string_view variable) {
  auto content = read_file(std::string(path), kMaxTokenFileBytes);
  if (!content) {
    Error error = std::move(content).error().with_context(variable);
    error.code = error.code == ErrorCode::kNotFound ? ErrorCode::kInvalidArgument : error.code;
    return error;
  }
  const std::string_view token = trimmed(as_text(*content));
  if (token.empty() || token.find_first_of("\r\n") != std::string_view::npos) {
    return Error{ErrorCode::kInvalidArgument, std::string(variable) + ": expected one line in " + std::string(path) +
                                                  ", got " + (token.empty() ? "nothing" : "more")};
  }
  return std::string(token);
}

}  // namespace facepipe::aws
