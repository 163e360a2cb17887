// Tested by default_credentials_test.cc.
#include "aws/credentials/default_credentials.h"

#include <array>
#include <functional>
#include <string_view>
#include <utility>

#include "aws/credentials/cached_credentials.h"
#include "aws/credentials/container.h"
#include "aws/credentials/environment_credentials.h"
#include "aws/credentials/instance_metadata.h"
#include "aws/credentials/profile_credentials.h"

namespace facepipe::aws {
namespace {

// kNotFound is kept for "no source has any".
Error broken(Error error, std::string_view source) {
  error.code = error.code == ErrorCode::kNotFound ? ErrorCode::kInvalidArgument : error.code;
  return error.with_context("AWS credentials of the " + std::string(source));
}

Result<Credentials> look_everywhere(const CredentialsOptions& options) {
  const SourceContext context{options.environment, *options.clock, options.region};
  // The environment's own key needs no file; everything after it may.
  std::optional<Profiles> profiles;
  const auto read_once = [&]() -> Status {
    if (!profiles) {
      FACEPIPE_ASSIGN(profiles, read_profiles(options.environment));
    }
    return {};
  };
  struct Source {
    std::string_view name;
    std::function<Result<Lookup>()> look;
  };
  const bool ask_instance =
      options.instance_metadata || !value_of(options.environment, "AWS_EC2_METADATA_SERVICE_ENDPOINT").empty();
  const std::array<Source, 5> sources = {{
      {"environment", [&] { return environment_credentials(context); }},
      {"web identity",
       [&]() -> Result<Lookup> {
         FACEPIPE_TRY(read_once());
         return web_identity_credentials(context, *profiles);
       }},
      {"shared files",
       [&]() -> Result<Lookup> {
         FACEPIPE_TRY(read_once());
         return profile_credentials(context, *profiles);
       }},
      {"container", [&] { return container_credentials(context); }},
      {"EC2 instance metadata",
       [&] {
         return ask_instance ? instance_credentials(context)
                             : Result<Lookup>(Lookup::nothing("not asked for a server on loopback"));
       }},
  }};
  std::string looked_at;
  for (const Source& source : sources) {
    auto lookup = source.look();
    if (!lookup) {
      return broken(std::move(lookup).error(), source.name);
    }
    if (lookup->credentials) {
      return *std::move(lookup->credentials);
    }
    looked_at.append(looked_at.empty() ? "" : "; ").append(source.name).append(": ").append(lookup->nothing_because);
  }
  return Error{ErrorCode::kNotFound, "no AWS credentials found; looked at " + looked_at};
}

}  // namespace

std::unique_ptr<CredentialsProvider> make_default_credentials(CredentialsOptions options) {
  const Clock& clock = *options.clock;
  return std::make_unique<CachedCredentials>([options = std::move(options)] { return look_everywhere(options); },
                                             clock);
}

}  // namespace facepipe::aws
