// The events that a function is invoked with: HTTP in all its forms, and batches of queue messages.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include "aws/events/proxy_event.h"
#include "aws/events/sqs_event.h"
#include "base/bytes.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view json = facepipe::as_text(std::as_bytes(std::span(data, size)));
  if (auto event = facepipe::aws::parse_proxy_event(json)) {
    static_cast<void>(facepipe::aws::to_frame_request(std::move(event).value()));
  }
  static_cast<void>(facepipe::aws::parse_sqs_event(json));
  return 0;
}
