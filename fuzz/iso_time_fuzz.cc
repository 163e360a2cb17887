// Times in ISO 8601, as answers with credentials have them, and lengths of time.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/bytes.h"
#include "base/time_text.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = facepipe::as_text(std::as_bytes(std::span(data, size)));
  static_cast<void>(facepipe::parse_iso_time(text));
  static_cast<void>(facepipe::parse_duration(text));
  return 0;
}
