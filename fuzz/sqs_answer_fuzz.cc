// Answers of an SQS server to this project's client.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "aws/sqs/sqs_protocol.h"
#include "base/bytes.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = facepipe::as_text(std::as_bytes(std::span(data, size)));
  constexpr std::size_t kEntries = 3;
  static_cast<void>(facepipe::aws::parse_sent(text));
  static_cast<void>(facepipe::aws::parse_received(text));
  static_cast<void>(facepipe::aws::parse_batch(text, kEntries));
  facepipe::http::Response response;
  response.status = 400;
  response.body = text;
  static_cast<void>(facepipe::aws::error_of(response, "SendMessage"));
  return 0;
}
