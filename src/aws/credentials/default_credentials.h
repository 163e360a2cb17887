// The chain of places where AWS's own SDKs look for credentials. docs/credentials.md is its user's side.
#pragma once

#include <memory>
#include <string>

#include "aws/credentials/environment.h"
#include "aws/signing/credentials_provider.h"
#include "base/clock.h"

namespace facepipe::aws {

struct CredentialsOptions {
  Environment environment;               // read_environment(environ)
  std::string region = {};               // of STS where neither the environment nor the profile names one: the queue's
  bool instance_metadata = true;         // false: not asked unless AWS_EC2_METADATA_SERVICE_ENDPOINT names it
  const Clock* clock = &system_clock();  // outlives the provider
};

// Looks, in this order, at the environment's access key, its web identity, the selected profile of the shared files,
// the container's agent and the instance's metadata, and keeps what it found (cached_credentials.h). Nothing is looked
// at before the first get(). The first source that is configured counts: if it is broken, that is the error.
[[nodiscard]] std::unique_ptr<CredentialsProvider> make_default_credentials(CredentialsOptions options);

}  // namespace facepipe::aws
