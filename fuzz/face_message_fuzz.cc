// The readers of the queues' messages. What is read is written and read again.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "wire/messages.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace facepipe::wire;
  const std::string_view json(reinterpret_cast<const char*>(data), size);
  std::string request_id;
  if (const auto message = parse_face_message(json, &request_id)) {
    FACEPIPE_CHECK(message->request_id == request_id && !message->face.empty());
    FACEPIPE_CHECK(0 <= message->face_index && message->face_index < message->face_count);
    const std::string written = to_json(*message);
    const auto again = parse_face_message(written);
    FACEPIPE_CHECK(again.has_value());
    FACEPIPE_CHECK(to_json(*again) == written);
  }
  if (const auto answer = parse_answer(json)) {
    const std::string written = to_json(*answer);
    const auto again = parse_answer(written);
    FACEPIPE_CHECK(again.has_value());
    FACEPIPE_CHECK(to_json(*again) == written);
  }
  return 0;
}
