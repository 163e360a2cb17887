// Credentials of a container's task or pod role: Amazon ECS, EKS Pod Identity, and anything that speaks their protocol.
// Source: AWS SDKs and Tools Reference Guide, "Container credential provider".
#pragma once

#include "aws/credentials/source.h"

namespace facepipe::aws {

// Where AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is relative to.
inline constexpr std::string_view kEcsAgent = "http://169.254.170.2";

// AWS_CONTAINER_CREDENTIALS_RELATIVE_URI, else ..._FULL_URI, asked with the token of
// AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE, else of AWS_CONTAINER_AUTHORIZATION_TOKEN. A full URI without TLS may name
// only loopback and the agents of ECS and EKS, so that the token and what it buys cross no network: kInvalidArgument.
// Without either variable: nothing. Any other error is of the agent.
[[nodiscard]] Result<Lookup> container_credentials(const SourceContext& context, std::string_view agent = kEcsAgent);

}  // namespace facepipe::aws
