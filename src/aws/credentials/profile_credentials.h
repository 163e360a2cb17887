// Credentials that a profile of the shared files leads to.
// Source: AWS SDKs and Tools Reference Guide, "Assume role credential provider" and its neighbours.
#pragma once

#include "aws/credentials/profiles.h"
#include "aws/credentials/source.h"

namespace facepipe::aws {

// Of the selected profile, the first of: role_arn with web_identity_token_file, or with source_profile or
// credential_source (Environment, EcsContainer, Ec2InstanceMetadata); credential_process; an access key. A source
// profile gives its access key first. Roles may be chained; a profile that is its own source, without an access key, or
// a ring of them is kInvalidArgument, as is any half of a setting. kUnsupported, saying what to do instead: single
// sign-on and `aws login` sessions, mfa_serial. Nothing: no such profile, or none of these settings in it.
[[nodiscard]] Result<Lookup> profile_credentials(const SourceContext& context, const Profiles& profiles);

}  // namespace facepipe::aws
