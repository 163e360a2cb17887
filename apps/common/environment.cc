#include "environment.h"

#include "base/process.h"
#include "base/text.h"

namespace facepipe::app {
namespace {

constexpr std::string_view kPrefix = "FACEPIPE_";

Result<double> parse_share(std::string_view value) {
  const auto share = parse_number<double>(value);
  if (!share || !(*share > 0 && *share < 1)) {
    return Error{ErrorCode::kInvalidArgument,
                 "FACEPIPE_STRANGERS: expected a number above 0 and below 1, got \"" + std::string(value) + "\""};
  }
  return *share;
}

Status take(std::string_view name, std::string_view value, Environment& into) {
  if (name == "FACEPIPE_PACK") {
    into.pack = value;
    into.options.insert("pack");
  } else if (name == "FACEPIPE_DATA") {
    into.data = value;
    into.options.insert("data");
  } else if (name == "FACEPIPE_KEY_FILE") {
    into.key_file = value;
    into.options.insert("key-file");
  } else if (name == "FACEPIPE_STRANGERS") {
    FACEPIPE_ASSIGN(into.strangers, parse_share(value));
    into.options.insert("strangers");
  } else if (name == "FACEPIPE_LOG_LEVEL") {
    const auto level = log_level_of(value);
    if (!level) {
      return Error{ErrorCode::kInvalidArgument,
                   "FACEPIPE_LOG_LEVEL: expected debug, info, warning or error, got \"" + std::string(value) + "\""};
    }
    into.log_level = *level;
  } else if (name == "FACEPIPE_TOKEN") {
    into.token = value;
  } else if (name == "FACEPIPE_SQS_ACCESS_KEY_ID") {
    into.sqs_access_key_id = value;
  } else if (name == "FACEPIPE_SQS_SECRET_ACCESS_KEY") {
    into.sqs_secret_access_key = value;
  } else {
    return Error{
        ErrorCode::kInvalidArgument,
        std::string(name) +
            ": no such setting; known are FACEPIPE_PACK, FACEPIPE_DATA, FACEPIPE_KEY_FILE, FACEPIPE_STRANGERS, "
            "FACEPIPE_LOG_LEVEL, FACEPIPE_TOKEN, FACEPIPE_SQS_ACCESS_KEY_ID, FACEPIPE_SQS_SECRET_ACCESS_KEY"};
  }
  return {};
}

}  // namespace

Result<Environment> read_environment(const char* const* environ_block) {
  Environment environment;
  for (const auto& [name, value] : facepipe::read_environment(environ_block)) {
    if (name.starts_with(kPrefix) && !value.empty()) {  // set to nothing is the same as not set
      FACEPIPE_TRY(take(name, value, environment));
    }
  }
  if (environment.sqs_access_key_id.empty() != environment.sqs_secret_access_key.empty()) {
    return Error{ErrorCode::kInvalidArgument,
                 "expected FACEPIPE_SQS_ACCESS_KEY_ID and FACEPIPE_SQS_SECRET_ACCESS_KEY together, got one of them"};
  }
  return environment;
}

}  // namespace facepipe::app
