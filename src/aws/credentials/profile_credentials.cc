// Tested by profile_credentials_test.cc.

#include <algorithm>
#include <vector>

#include "aws/credentials/process.h"
#include "aws/credentials/source.h"
#include "aws/credentials/sts.h"
#include "base/text.h"

namespace facepipe::aws {
namespace {

constexpr int kLeastDurationS = 900;
constexpr int kMostDurationS = 43'200;

Error bad_setting(std::string message) {
  return Error{ErrorCode::kInvalidArgument, std::move(message)};
}

// An access key in the profile itself.
Result<Lookup> access_key(const IniSection& profile) {
  Credentials credentials;
  credentials.access_key_id = value_of(profile, "aws_access_key_id");
  credentials.secret_access_key = value_of(profile, "aws_secret_access_key");
  credentials.session_token = value_of(profile, "aws_session_token");
  if (credentials.access_key_id.empty() && credentials.secret_access_key.empty()) {
    return Lookup::nothing("no access key");
  }
  if (credentials.access_key_id.empty() || credentials.secret_access_key.empty()) {
    return bad_setting(credentials.access_key_id.empty() ? "aws_secret_access_key without aws_access_key_id"
                                                         : "aws_access_key_id without aws_secret_access_key");
  }
  return Lookup::found(std::move(credentials));
}

Result<Lookup> from_process(const SourceContext& context, std::string_view command) {
  FACEPIPE_ASSIGN(const auto words, split_command(command).with_context("credential_process"));
  FACEPIPE_ASSIGN(const auto output, run_program(words, context.environment, {}).with_context("credential_process"));
  FACEPIPE_ASSIGN(auto credentials, parse_credentials(output, CredentialsFormat::kProcess)
                                        .with_context("credential_process: the output of " + words.front()));
  return Lookup::found(std::move(credentials));
}

Result<RoleRequest> role_request(const IniSection& profile) {
  RoleRequest role;
  role.role_arn = value_of(profile, "role_arn");
  role.session_name = value_of(profile, "role_session_name");
  role.external_id = value_of(profile, "external_id");
  if (const std::string_view text = value_of(profile, "duration_seconds"); !text.empty()) {
    role.duration_s = parse_number<int>(text).value_or(0);
    if (role.duration_s < kLeastDurationS || role.duration_s > kMostDurationS) {
      return bad_setting("duration_seconds: expected " + std::to_string(kLeastDurationS) + " to " +
                         std::to_string(kMostDurationS) + ", got '" + first_line(text) + "'");
    }
  }
  if (!value_of(profile, "mfa_serial").empty()) {
    return Error{ErrorCode::kUnsupported,
                 "mfa_serial: nobody can be asked for a code here; let credential_process run `aws configure "
                 "export-credentials`"};
  }
  return role;
}

// Follows a profile to its credentials, through the profiles that it names as its source.
class Resolver {
 public:
  Resolver(const SourceContext& context, const Profiles& profiles) : context_(context), profiles_(profiles) {}

  Result<Lookup> resolve(const std::string& name, bool as_source) {
    const IniSection* const profile = profiles_.find(name);
    if (profile == nullptr) {
      return Lookup::nothing("there is no profile '" + name + "' in " +
                             (profiles_.files.empty() ? "any file" : profiles_.files));
    }
    return look(name, *profile, as_source).with_context("profile " + name);
  }

 private:
  Result<Lookup> look(const std::string& name, const IniSection& profile, bool as_source) {
    FACEPIPE_ASSIGN(Lookup key, access_key(profile));
    if (as_source && key.credentials) {
      return key;
    }
    if (std::find(visited_.begin(), visited_.end(), name) != visited_.end()) {
      return bad_setting("source_profile leads back to it");
    }
    visited_.push_back(name);
    if (!value_of(profile, "role_arn").empty()) {
      return role(profile);
    }
    for (const std::string_view lonely : {"source_profile", "credential_source", "web_identity_token_file"}) {
      if (!value_of(profile, lonely).empty()) {
        return bad_setting(std::string(lonely) + " without role_arn");
      }
    }
    if (const std::string_view command = value_of(profile, "credential_process"); !command.empty()) {
      return from_process(context_, command);
    }
    if (key.credentials) {
      return key;
    }
    for (const std::string_view other : {"sso_session", "sso_start_url", "login_session"}) {
      if (!value_of(profile, other).empty()) {
        return Error{ErrorCode::kUnsupported,
                     std::string(other) +
                         ": not signed in here; let another profile's credential_process run `aws configure "
                         "export-credentials --profile " +
                         name + "`"};
      }
    }
    return Lookup::nothing("the profile '" + name + "' has no credentials");
  }

  Result<Lookup> role(const IniSection& profile) {
    FACEPIPE_ASSIGN(const RoleRequest request, role_request(profile));
    const std::string token_file(value_of(profile, "web_identity_token_file"));
    const std::string source(value_of(profile, "source_profile"));
    const std::string kind(value_of(profile, "credential_source"));
    const int given = (token_file.empty() ? 0 : 1) + (source.empty() ? 0 : 1) + (kind.empty() ? 0 : 1);
    if (given != 1) {
      return bad_setting(
          "role_arn: expected one of source_profile, credential_source and web_identity_token_file beside it, got " +
          std::to_string(given));
    }
    FACEPIPE_ASSIGN(const StsEndpoint endpoint, sts_endpoint(context_, profiles_));
    if (!token_file.empty()) {
      FACEPIPE_ASSIGN(const std::string token, read_token_file(token_file, "web_identity_token_file"));
      FACEPIPE_ASSIGN(Credentials credentials, assume_role_with_web_identity(context_, endpoint, request, token));
      return Lookup::found(std::move(credentials));
    }
    FACEPIPE_ASSIGN(const Lookup caller, source.empty() ? named_source(kind) : resolve(source, true));
    if (!caller.credentials) {
      return bad_setting((source.empty() ? "credential_source " + first_line(kind) : "source_profile") +
                         ": expected credentials, but " + caller.nothing_because);
    }
    FACEPIPE_ASSIGN(Credentials credentials, assume_role(context_, endpoint, request, *caller.credentials));
    return Lookup::found(std::move(credentials));
  }

  Result<Lookup> named_source(const std::string& kind) const {
    if (kind == "Environment") {
      return environment_credentials(context_);
    }
    if (kind == "EcsContainer") {
      return container_credentials(context_);
    }
    if (kind == "Ec2InstanceMetadata") {
      return instance_credentials(context_);
    }
    return bad_setting("credential_source: expected Environment, EcsContainer or Ec2InstanceMetadata, got '" +
                       first_line(kind) + "'");
  }

  const SourceContext& context_;
  const Profiles& profiles_;
  std::vector<std::string> visited_;
};

}  // namespace

Result<Lookup> profile_credentials(const SourceContext& context, const Profiles& profiles) {
  return Resolver(context, profiles).resolve(profiles.selected, false);
}

}  // namespace facepipe::aws
