// Where a signer gets its credentials from: a port, because those of a role expire and are fetched anew.
#pragma once

#include <utility>

#include "aws/signing/credentials.h"
#include "base/result.h"

namespace facepipe::aws {

// Thread-safe.
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
