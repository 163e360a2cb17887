// The JSON 1.0 protocol of Amazon SQS as its client sees it: request bodies out, response bodies in. Pure.
#pragma once

#include <span>
#include <vector>

#include "base/result.h"
#include "http/message.h"
#include "queue/message.h"

namespace facepipe::aws {

[[nodiscard]] std::string send_body(const std::string& queue_url, const queue::OutgoingMessage& message);
// Entries named "0", "1", ...
[[nodiscard]] std::string send_batch_body(const std::string& queue_url,
                                          std::span<const queue::OutgoingMessage> messages);
[[nodiscard]] std::string receive_body(const std::string& queue_url, const queue::ReceiveOptions& options);
[[nodiscard]] std::string delete_body(const std::string& queue_url, const std::string& receipt_handle);
[[nodiscard]] std::string delete_batch_body(const std::string& queue_url, std::span<const std::string> receipt_handles);
[[nodiscard]] std::string change_visibility_body(const std::string& queue_url, const std::string& receipt_handle,
                                                 std::chrono::seconds timeout);

// What SQS says of a message that it took.
struct SentReply {
  queue::SentMessage sent;
  std::string body_md5;  // of the body that came, lower-case hex
};

// Of a 200 response. kInvalidData naming the missing field.
[[nodiscard]] Result<SentReply> parse_sent(std::string_view json);
[[nodiscard]] Result<std::vector<queue::ReceivedMessage>> parse_received(std::string_view json);

// One entry of a batch response.
struct BatchEntry {
  std::size_t index = 0;
  std::optional<SentReply> sent;  // of a send that succeeded
  std::optional<Error> error;
};
// kInvalidData for an entry outside [0, count) or named twice, or one that is missing.
[[nodiscard]] Result<std::vector<BatchEntry>> parse_batch(std::string_view json, std::size_t count);

// An error of SQS: the queue_error of the kind that its code names (in either protocol), if `status` is below 500; else
// an Error with the ErrorCode of the code, or of the status. `text` becomes the message.
[[nodiscard]] Error sqs_error(std::string_view code, int status, std::string_view text);
// Of any other response than 200, "ACTION: SQS answered 400 (CODE): ...", by sqs_error. Of what SQS says the first line
// is kept: a refused signature is followed by the request that should have been signed, token included.
[[nodiscard]] Error error_of(const http::Response& response, std::string_view action);

}  // namespace facepipe::aws
