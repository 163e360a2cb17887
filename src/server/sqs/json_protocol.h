// AWS JSON 1.0: the action in the header X-Amz-Target, parameters and result as JSON objects.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "http/message.h"
#include "server/sqs/node.h"
#include "server/sqs/wire_error.h"

namespace facepipe::server::sqs {

// "SendMessage" of "AmazonSQS.SendMessage"; empty if the request has no such header.
[[nodiscard]] std::string_view json_action(const http::Request& request);

// An empty text is an empty object. kMalformedRequest for what is no JSON object or is nested deeper than 16.
[[nodiscard]] Result<Node> parse_json(std::string_view text);

[[nodiscard]] http::Response json_response(const Node& result, const std::string& request_id);
[[nodiscard]] http::Response json_error(const WireError& error, const std::string& request_id);

}  // namespace facepipe::server::sqs
