// Lists of pairs and of boxes.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/bytes.h"
#include "evaluate/boxes_file.h"
#include "evaluate/pairs_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = facepipe::as_text(std::as_bytes(std::span(data, size)));
  static_cast<void>(facepipe::evaluate::parse_pairs(text, "the list", 10));
  static_cast<void>(facepipe::evaluate::parse_boxes(text, "the boxes"));
  return 0;
}
