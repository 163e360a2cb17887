// The events that a function is invoked with: HTTP in all its forms, and batches of queue messages.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "lambda/events/proxy_event.h"
#include "lambda/events/sqs_event.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view json = facepipe::as_text(std::as_bytes(std::span(data, size)));
  if (auto event = facepipe::lambda::parse_proxy_event(json)) {
    static_cast<void>(facepipe::lambda::to_frame_request(std::move(event).value()));
  }
  static_cast<void>(facepipe::lambda::parse_sqs_event(json));
  return 0;
}
