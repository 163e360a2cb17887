// Who is asking: an AWS access key, and where a signer gets it from.
#pragma once

#include "base/clock.h"
#include "base/process.h"
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
// as its environment lives; complete_credentials of them.
[[nodiscard]] Result<std::optional<Credentials>> credentials_from_environment(const Environment& environment);

// A port, because the credentials of a role expire and are fetched anew. Thread-safe.
class CredentialsProvider {
 public:
  virtual ~CredentialsProvider() = default;
  // Credentials that are valid now. Those that expire are fetched anew before they do, so a call may block as long as
  // its source's own time-outs allow. kNotFound: no source has any, the message lists what was looked at. Any other
  // error is of a source that is configured but broken, and names it. No message holds a secret.
  [[nodiscard]] virtual Result<Credentials> get() = 0;
};

// Fixed credentials: an access key, or those of a Lambda function's environment, which lives no longer than they do.
class StaticCredentials final : public CredentialsProvider {
 public:
  explicit StaticCredentials(Credentials credentials) : credentials_(std::move(credentials)) {}
  [[nodiscard]] Result<Credentials> get() override { return credentials_; }

 private:
  const Credentials credentials_;
};

}  // namespace facepipe::aws
