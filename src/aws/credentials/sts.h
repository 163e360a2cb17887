// AWS Security Token Service: temporary credentials of a role.
// Source: AWS Security Token Service API Reference, 2011-06-15, AssumeRole and AssumeRoleWithWebIdentity.
#pragma once

#include "aws/credentials/profiles.h"
#include "aws/credentials/source.h"
#include "aws/signing/credentials.h"
#include "base/result.h"
#include "base/retry.h"
#include "http/client.h"

namespace facepipe::aws {

struct StsEndpoint {
  http::Url url;
  std::string region;  // to sign for
};

// The endpoint of find_endpoint, else the region's own (the region of the settings, else `context.region`, else the
// global endpoint, which signs for us-east-1). kInvalidArgument for an endpoint that is no URL.
[[nodiscard]] Result<StsEndpoint> sts_endpoint(const SourceContext& context, const Profiles& profiles);

struct RoleRequest {
  std::string role_arn;
  std::string session_name;  // empty: "facepipe-" and the time
  std::string external_id;   // empty: none
  int duration_s = 0;        // 0: the service's own, an hour
};

// Throttling, 5xx and connection errors are tried again, three times in all; 1 to connect, 10 s a try at most.
// kPermission: the service refused, with its code and the first line of its message. kInvalidData: an answer that is
// none. Errors never hold a token or a key.
[[nodiscard]] Result<Credentials> assume_role(const SourceContext& context, const StsEndpoint& endpoint,
                                              const RoleRequest& role, const Credentials& caller);
// Unsigned: the token proves who asks.
[[nodiscard]] Result<Credentials> assume_role_with_web_identity(const SourceContext& context,
                                                                const StsEndpoint& endpoint, const RoleRequest& role,
                                                                std::string_view token);

}  // namespace facepipe::aws
