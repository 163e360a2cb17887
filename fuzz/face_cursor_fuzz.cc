// Where a page of faces or visits goes on, as a client sends it back.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "base/bytes.h"
#include "faces/store/cursor.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(facepipe::as_text(std::as_bytes(std::span(data, size))));
  static_cast<void>(facepipe::faces::parse_cursor(facepipe::faces::Question("faces"), text));
  return 0;
}
