// AWS Lambda Function URLs, told by their host.
// Source: AWS Lambda Developer Guide, "Creating and managing Lambda function URLs".
#pragma once

#include <string>

#include "http/client.h"

namespace facepipe::client {

// The region of https://ID.lambda-url.REGION.on.aws/...; empty for any other URL, one by plain http included.
[[nodiscard]] std::string function_url_region(const http::Url& url);

}  // namespace facepipe::client
