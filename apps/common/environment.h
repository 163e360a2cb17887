// The FACEPIPE_ variables, read once at start. An unknown name is an error that names it: a misspelt setting must not
// be silently without effect.
#pragma once

#include <filesystem>
#include <set>

#include "base/log.h"
#include "base/result.h"

namespace facepipe::app {

struct Environment {
  std::optional<std::filesystem::path> pack;     // FACEPIPE_PACK: model pack folder
  std::filesystem::path data = "facepipe-data";  // FACEPIPE_DATA: people and queues
  std::filesystem::path key_file;                // FACEPIPE_KEY_FILE: opens the gallery and the queues; empty: no key
  LogLevel log_level = LogLevel::kInfo;          // FACEPIPE_LOG_LEVEL: debug, info, warning, error
  std::string token;                             // FACEPIPE_TOKEN: of the server that frames are sent to
  std::string sqs_access_key_id;                 // FACEPIPE_SQS_ACCESS_KEY_ID: one that serve's SQS port takes
  std::string sqs_secret_access_key;             // FACEPIPE_SQS_SECRET_ACCESS_KEY: set if and only if the id is
  std::set<std::string> options;                 // names, without dashes, of the options that a variable gave a value
};

// `environ_block`: as the C library's environ, ended by a null pointer.
[[nodiscard]] Result<Environment> read_environment(const char* const* environ_block);

}  // namespace facepipe::app
