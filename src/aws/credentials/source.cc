// Tested through the sources.
#include "aws/credentials/source.h"

#include "base/file.h"
#include "base/json_reader.h"
#include "base/text.h"
#include "base/time_text.h"

namespace facepipe::aws {
namespace {

constexpr std::size_t kMaxResponseBytes = std::size_t{64} << 10U;
constexpr std::size_t kMaxTokenFileBytes = std::size_t{64} << 10U;

constexpr std::size_t kMaxJsonBytes = std::size_t{64} << 10U;

Error expected(std::string_view what) {
  return Error{ErrorCode::kInvalidData, "expected " + std::string(what)};
}

// Absent or null: empty.
Result<std::string> string_in(const JsonDocument& json, std::string_view name) {
  const auto text = json[name].string_or_empty();
  return text ? Result<std::string>(std::string(*text)) : expected("a string in the field " + std::string(name));
}

Result<std::string> required_string(const JsonDocument& json, std::string_view name) {
  FACEPIPE_ASSIGN(std::string text, string_in(json, name));
  return text.empty() ? expected("a field " + std::string(name)) : Result<std::string>(std::move(text));
}

Status check_kind(const JsonDocument& json, CredentialsFormat format) {
  if (format == CredentialsFormat::kProcess) {
    return json["Version"].as_integer() == 1 ? Status() : expected("the field Version to be 1");
  }
  FACEPIPE_ASSIGN(const std::string code, string_in(json, "Code"));
  if (!code.empty() && code != "Success") {
    return expected("the field Code to be Success, got " + first_line(code));
  }
  return {};
}

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

Result<Credentials> parse_credentials(std::string_view text, CredentialsFormat format) {
  const auto parsed = JsonDocument::parse_object(text, {.max_bytes = kMaxJsonBytes});
  if (!parsed) {
    return parsed.error().code == ErrorCode::kInvalidData ? expected("a JSON object") : parsed.error();
  }
  const JsonDocument& json = *parsed;
  FACEPIPE_TRY(check_kind(json, format));
  const bool process = format == CredentialsFormat::kProcess;
  Credentials credentials;
  FACEPIPE_ASSIGN(credentials.access_key_id, required_string(json, "AccessKeyId"));
  FACEPIPE_ASSIGN(credentials.secret_access_key, required_string(json, "SecretAccessKey"));
  FACEPIPE_ASSIGN(credentials.session_token, string_in(json, process ? "SessionToken" : "Token"));
  FACEPIPE_ASSIGN(const std::string expiration, string_in(json, "Expiration"));
  if (!expiration.empty()) {
    FACEPIPE_ASSIGN(credentials.expires_at, parse_iso_time(expiration).with_context("the field Expiration"));
  }
  return credentials;
}

}  // namespace facepipe::aws
