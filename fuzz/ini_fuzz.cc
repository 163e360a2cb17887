// The AWS tools' configuration files.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "aws/credentials/profiles.h"
#include "base/bytes.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = facepipe::as_text(std::as_bytes(std::span(data, size)));
  static_cast<void>(facepipe::aws::parse_ini(text, "the file"));
  return 0;
}
