// Tested by environment_credentials_test.cc.

#include "aws/credentials/source.h"
#include "aws/credentials/sts.h"
#include "base/time_text.h"

namespace facepipe::aws {

Result<Lookup> environment_credentials(const SourceContext& context) {
  FACEPIPE_ASSIGN(std::optional<Credentials> credentials, credentials_from_environment(context.environment));
  if (!credentials) {
    return Lookup::nothing("AWS_ACCESS_KEY_ID is not set");
  }
  if (const std::string_view text = value_of(context.environment, "AWS_CREDENTIAL_EXPIRATION"); !text.empty()) {
    const auto time = parse_iso_time(text);
    if (!time) {
      return Error{ErrorCode::kInvalidArgument, time.error().message}.with_context("AWS_CREDENTIAL_EXPIRATION");
    }
    credentials->expires_at = *time;
  }
  return Lookup::found(*std::move(credentials));
}

Result<Lookup> web_identity_credentials(const SourceContext& context, const Profiles& profiles) {
  constexpr std::string_view kIdentityTokenFile = "AWS_WEB_IDENTITY_TOKEN_FILE";
  const std::string_view file = value_of(context.environment, kIdentityTokenFile);
  if (file.empty()) {
    return Lookup::nothing("AWS_WEB_IDENTITY_TOKEN_FILE is not set");
  }
  RoleRequest role;
  role.role_arn = value_of(context.environment, "AWS_ROLE_ARN");
  role.session_name = value_of(context.environment, "AWS_ROLE_SESSION_NAME");
  if (role.role_arn.empty()) {
    return Error{ErrorCode::kInvalidArgument, "AWS_ROLE_ARN is not set, but AWS_WEB_IDENTITY_TOKEN_FILE is"};
  }
  FACEPIPE_ASSIGN(const std::string token, read_token_file(file, kIdentityTokenFile));
  FACEPIPE_ASSIGN(const StsEndpoint endpoint, sts_endpoint(context, profiles));
  FACEPIPE_ASSIGN(Credentials credentials, assume_role_with_web_identity(context, endpoint, role, token));
  return Lookup::found(std::move(credentials));
}

}  // namespace facepipe::aws
