// Tested by credentials_json_test.cc. Sources: AWS SDKs and Tools Reference Guide, "Container credential provider" and
// "Process credential provider"; Amazon EC2 User Guide, "Retrieve security credentials from instance metadata".
#include "aws/credentials/credentials_json.h"

#include <string>

#include "aws/signing/text.h"
#include "base/json_reader.h"
#include "base/time_text.h"

namespace facepipe::aws {
namespace {

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
    const auto time = parse_iso_time(expiration);
    if (!time) {
      return time.error().with_context("the field Expiration");
    }
    credentials.expires_at = *time;
  }
  return credentials;
}

}  // namespace facepipe::aws
