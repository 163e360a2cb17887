// Forms and queries: bounded in what they become.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string_view>

#include "base/bytes.h"
#include "http/message.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = facepipe::as_text(std::as_bytes(std::span(data, size)));
  const auto pairs = facepipe::http::form_pairs(text);
  static_cast<void>(facepipe::http::query_pairs(text));
  const bool full = pairs.size() == facepipe::http::kMaxPairs;
  if (pairs.size() > facepipe::http::kMaxPairs || (facepipe::http::has_too_many_pairs(text) && !full)) {
    std::abort();
  }
  return 0;
}
