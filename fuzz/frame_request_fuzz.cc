// A frame as it comes over HTTP, in all its forms: pictures, forms, JSON. The first line is the Content-Type, the
// second the query's camera, request id and name of the file, between tabs; the rest is the body.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/check.h"
#include "frame_http/frame_reader.h"
#include "queue/message.h"
#include "queue/validation.h"
#include "wire/messages.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

// What stands before `end`, taken off `text` with it.
std::string take(std::string_view& text, char end) {
  const std::size_t length = std::min(text.find(end), text.size());
  std::string taken(text.substr(0, length));
  text.remove_prefix(std::min(length + 1, text.size()));
  return taken;
}

bool is_within(facepipe::ByteView view, facepipe::ByteView whole) {
  return std::greater_equal<>{}(view.data(), whole.data()) &&
         std::less_equal<>{}(view.data() + view.size(), whole.data() + whole.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace facepipe;
  std::string_view text = as_text(std::as_bytes(std::span(data, size)));
  frame_http::FrameRequest request;
  request.content_type = take(text, '\n');
  request.trace_header = request.content_type;
  request.camera = take(text, '\t');
  request.request_id = take(text, '\t');
  request.filename = take(text, '\n');
  request.body = text;
  const auto head = frame_http::read_frame(request, {});
  if (!head) {
    FACEPIPE_CHECK(!head.error().message.empty());
    return 0;
  }
  FACEPIPE_CHECK(wire::check_request_id(head->info.request_id).has_value());
  FACEPIPE_CHECK(is_within(head->picture, head->decoded) || is_within(head->picture, as_bytes(request.body)));
  queue::OutgoingMessage message;
  wire::FaceMessage face;
  face.request_id = head->info.request_id;
  message.body = wire::to_json(face);
  message.group_id = head->info.camera;
  message.trace_header = head->info.trace_header;
  FACEPIPE_CHECK(queue::validate_message(message).has_value());
  return 0;
}
