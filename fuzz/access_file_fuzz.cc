// access.json: what is read must be written and read again the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>

#include "access/access_file.h"
#include "base/bytes.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = facepipe::as_text(std::as_bytes(std::span(data, size)));
  if (const auto access = facepipe::access::parse_access(text)) {
    const std::string written = facepipe::access::to_json(*access);
    const auto again = facepipe::access::parse_access(written);
    if (!again || facepipe::access::to_json(*again) != written) {
      std::abort();
    }
  }
  return 0;
}
