// The two protocols of the API between HTTP and nodes.
#pragma once

#include <cstddef>
#include <vector>

#include "base/result.h"
#include "http/message.h"
#include "serve/sqs/node.h"
#include "serve/sqs/wire_error.h"

namespace facepipe::serve::sqs {

// --- AWS JSON 1.0: the action in the header X-Amz-Target, parameters and result as JSON objects.
// "SendMessage" of "AmazonSQS.SendMessage"; empty if the request has no such header.
[[nodiscard]] std::string_view json_action(const http::Request& request);

// A request is read up to this size: a batch of 1 MiB of which every byte is written as \uXXXX, and the rest.
inline constexpr std::size_t kMaxJsonBytes = (std::size_t{6} << 20U) + (std::size_t{256} << 10U);

// An empty text is an empty object. kMalformedRequest for what is no JSON object, is nested deeper than 16, or is past
// kMaxJsonBytes or 20,000 signs outside its strings.
[[nodiscard]] Result<Node> parse_json(std::string_view text);

[[nodiscard]] http::Response json_response(const Node& result, const std::string& request_id);
[[nodiscard]] http::Response json_error(const WireError& error, const std::string& request_id);

// --- The AWS query protocol: parameters as a form (Action=SendMessage&MessageAttribute.1.Name=...), results as XML.
using FormPairs = std::vector<std::pair<std::string, std::string>>;

// A body of the query protocol is read up to this size: a batch of 1 MiB whose every byte is percent-encoded, and the
// rest of its parameters.
inline constexpr std::size_t kMaxFormBytes = (std::size_t{3} << 20U) + (std::size_t{256} << 10U);

// The pairs of the body and of the target's query together. kMalformedRequest past kMaxFormBytes or http::kMaxPairs.
[[nodiscard]] Result<FormPairs> form_of(const http::Request& request);

// Value of the pair "Action"; empty if there is none.
[[nodiscard]] std::string query_action(const FormPairs& form);

// The tree that the JSON protocol would have for the same call: numbered and flattened names become lists and maps
// under the JSON model's names. kMalformedRequest past http::kMaxPairs or 8 parts in a name.
[[nodiscard]] Result<Node> parse_form(const FormPairs& form);

[[nodiscard]] http::Response xml_response(std::string_view action, const Node& result, const std::string& request_id);
[[nodiscard]] http::Response xml_error(const WireError& error, const std::string& request_id);

}  // namespace facepipe::serve::sqs
