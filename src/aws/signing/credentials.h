// Who is asking: an AWS access key.
#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"

namespace facepipe::aws {

struct Credentials {
  std::string access_key_id;
  std::string secret_access_key;
  std::string session_token;  // of temporary credentials, as a function's role has; empty for a user's key
  std::optional<Clock::TimePoint> expires_at;  // absent: not known to expire
};

// Those that were read from the environment, if there are any: nullopt when neither key nor secret is set (to
// anything), kInvalidArgument naming the variable that is missing when only the other is.
[[nodiscard]] Result<std::optional<Credentials>> complete_credentials(const Credentials& credentials);

// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN: what Lambda gives a function for its role, for as long
// as its environment lives; complete_credentials of them. `environ_block`: as the C library's environ.
[[nodiscard]] Result<std::optional<Credentials>> credentials_from_environment(const char* const* environ_block);

}  // namespace facepipe::aws
