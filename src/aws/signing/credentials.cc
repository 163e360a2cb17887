// Tested by credentials_test.cc.
#include "aws/signing/credentials.h"

namespace facepipe::aws {

Result<std::optional<Credentials>> complete_credentials(const Credentials& credentials) {
  const bool has_key = !credentials.access_key_id.empty();
  const bool has_secret = !credentials.secret_access_key.empty();
  if (has_key != has_secret) {
    return Error{ErrorCode::kInvalidArgument, has_key ? "AWS_SECRET_ACCESS_KEY is not set, but AWS_ACCESS_KEY_ID is"
                                                      : "AWS_ACCESS_KEY_ID is not set, but AWS_SECRET_ACCESS_KEY is"};
  }
  return has_key ? std::optional(credentials) : std::nullopt;
}

Result<std::optional<Credentials>> credentials_from_environment(const Environment& environment) {
  return complete_credentials({std::string(value_of(environment, "AWS_ACCESS_KEY_ID")),
                               std::string(value_of(environment, "AWS_SECRET_ACCESS_KEY")),
                               std::string(value_of(environment, "AWS_SESSION_TOKEN")), std::nullopt});
}

}  // namespace facepipe::aws
