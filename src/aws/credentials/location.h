// Where requests to AWS go: regions and endpoints.
// Source: AWS SDKs and Tools Reference Guide, "AWS Region", "Service-specific endpoints".
#pragma once

#include "aws/credentials/profiles.h"
#include "base/process.h"
#include "base/result.h"
#include "http/client.h"

namespace facepipe::aws {

// AWS_REGION, REGION, AWS_DEFAULT_REGION, the profile's `region`; empty: none of them. kInvalidArgument naming the one
// that is no region ("eu-west-1": letters, digits and hyphens), for it becomes part of a host's name.
[[nodiscard]] Result<std::string> configured_region(const Environment& environment, const Profiles& profiles);

// The configured region, else the queue URL's. kInvalidArgument naming all five places where there is none.
[[nodiscard]] Result<std::string> find_region(const Environment& environment, const Profiles& profiles,
                                              std::string_view queue_url);

// The endpoint that takes the place of a service's own; empty: none. `service` is "sqs" or "sts". In this order:
// AWS_ENDPOINT_URL_SQS, AWS_ENDPOINT_URL, the profile's `services` section, its `endpoint_url`. All are passed over
// where AWS_IGNORE_CONFIGURED_ENDPOINT_URLS, or the profile's ignore_configured_endpoint_urls, is true.
[[nodiscard]] std::string find_endpoint(const Environment& environment, const Profiles& profiles,
                                        std::string_view service);

}  // namespace facepipe::aws
