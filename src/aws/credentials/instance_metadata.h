// Credentials of an EC2 instance's role, by the Instance Metadata Service version 2.
// Source: Amazon EC2 User Guide, "Retrieve security credentials from instance metadata".
#pragma once

#include "aws/credentials/source.h"

namespace facepipe::aws {

// Asks AWS_EC2_METADATA_SERVICE_ENDPOINT, else the fixed address (the IPv6 one where
// AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE is IPv6), within about 1 s to connect and 2 s a request. Nothing: switched off
// by AWS_EC2_METADATA_DISABLED, no role is attached, or nobody at the fixed address speaks the protocol. At an endpoint
// that was named, that is an error. Version 1, without a token, is never tried.
[[nodiscard]] Result<Lookup> instance_credentials(const SourceContext& context);

}  // namespace facepipe::aws
