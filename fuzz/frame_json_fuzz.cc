// The reader of a client's frame. What is read is written and read again.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "wire/messages.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace facepipe::wire;
  const std::string_view json(reinterpret_cast<const char*>(data), size);
  if (const auto frame = parse_frame(json)) {
    FACEPIPE_CHECK(check_request_id(frame->request_id).has_value() && !frame->filename.empty());
    if (!frame->image.empty()) {  // base64 of white space alone
      const std::string written = to_json(*frame);
      const auto again = parse_frame(written);
      FACEPIPE_CHECK(again.has_value());
      FACEPIPE_CHECK(to_json(*again) == written);
    }
  }
  return 0;
}
