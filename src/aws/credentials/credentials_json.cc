// Tested by credentials_json_test.cc. Sources: AWS SDKs and Tools Reference Guide, "Container credential provider" and
// "Process credential provider"; Amazon EC2 User Guide, "Retrieve security credentials from instance metadata".
#include "aws/credentials/credentials_json.h"

#include <simdjson.h>

#include <cstdint>
#include <string>

#include "aws/signing/text.h"
#include "base/time_text.h"

namespace facepipe::aws {
namespace {

constexpr std::size_t kMaxJsonBytes = std::size_t{64} << 10U;

Error expected(std::string_view what) {
  return Error{ErrorCode::kInvalidData, "expected " + std::string(what)};
}

// Absent or null: empty.
Result<std::string> string_in(simdjson::dom::object object, std::string_view name) {
  simdjson::dom::element value;
  if (object.at_key(name).get(value) != simdjson::SUCCESS || value.is_null()) {
    return std::string();
  }
  std::string_view text;
  if (value.get(text) != simdjson::SUCCESS) {
    return expected("a string in the field " + std::string(name));
  }
  return std::string(text);
}

Result<std::string> required_string(simdjson::dom::object object, std::string_view name) {
  FACEPIPE_ASSIGN(std::string text, string_in(object, name));
  if (text.empty()) {
    return expected("a field " + std::string(name));
  }
  return text;
}

Status check_kind(simdjson::dom::object object, CredentialsFormat format) {
  if (format == CredentialsFormat::kProcess) {
    std::int64_t version = 0;
    if (object.at_key("Version").get(version) != simdjson::SUCCESS || version != 1) {
      return expected("the field Version to be 1");
    }
    return {};
  }
  FACEPIPE_ASSIGN(const std::string code, string_in(object, "Code"));
  if (!code.empty() && code != "Success") {
    return expected("the field Code to be Success, got " + first_line(code));
  }
  return {};
}

}  // namespace

Result<Credentials> parse_credentials(std::string_view json, CredentialsFormat format) {
  if (json.size() > kMaxJsonBytes) {
    return expected("at most " + std::to_string(kMaxJsonBytes) + " bytes of JSON, got " + std::to_string(json.size()));
  }
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (parser.parse(json.data(), json.size()).get(object) != simdjson::SUCCESS) {
    return expected("a JSON object");
  }
  FACEPIPE_TRY(check_kind(object, format));
  const bool process = format == CredentialsFormat::kProcess;
  Credentials credentials;
  FACEPIPE_ASSIGN(credentials.access_key_id, required_string(object, "AccessKeyId"));
  FACEPIPE_ASSIGN(credentials.secret_access_key, required_string(object, "SecretAccessKey"));
  FACEPIPE_ASSIGN(credentials.session_token, string_in(object, process ? "SessionToken" : "Token"));
  FACEPIPE_ASSIGN(const std::string expiration, string_in(object, "Expiration"));
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
