// AWS JSON 1.0: the action in the header X-Amz-Target, parameters and result as JSON objects.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/message.h"
#include "serve/sqs/node.h"
#include "serve/sqs/wire_error.h"

namespace facepipe::serve::sqs {

// "SendMessage" of "AmazonSQS.SendMessage"; empty if the request has no such header.
[[nodiscard]] std::string_view json_action(const http::Request& request);

// A request is read up to this size: a batch of 1 MiB of which every byte is written as \uXXXX, and the rest.
inline constexpr std::size_t kMaxJsonBytes = (std::size_t{6} << 20U) + (std::size_t{256} << 10U);

// An empty text is an empty object. kMalformedRequest for what is no JSON object, is nested deeper than 16, or is past
// kMaxJsonBytes or 20,000 signs outside its strings.
[[nodiscard]] Result<Node> parse_json(std::string_view text);

[[nodiscard]] http::Response json_response(const Node& result, const std::string& request_id);
[[nodiscard]] http::Response json_error(const WireError& error, const std::string& request_id);

}  // namespace facepipe::serve::sqs
