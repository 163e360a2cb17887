// Tested by image_id_test.cc.
#include "serve/compreface/image_id.h"

#include <algorithm>

#include "base/text.h"
#include "faces/ids.h"

namespace facepipe::serve {
namespace {

// Version 4, variant 1; and zeros before the last eight digits.
constexpr std::string_view kMiddle = "-4000-8000-0000";
constexpr std::size_t kFirst = 8;
constexpr std::size_t kSecond = 4;

bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

}  // namespace

std::string image_id(faces::PictureId id) {
  const std::string hex = faces::to_text(id);
  // 8 - 4 -4000-8000-0000 4 digits, and 4 more: 12 in all
  return hex.substr(0, kFirst) + "-" + hex.substr(kFirst, kSecond) + std::string(kMiddle) + "0000" +
         hex.substr(kFirst + kSecond);
}

std::optional<faces::PictureId> parse_image_id(std::string_view text) {
  if (!is_uuid(text)) {
    return std::nullopt;
  }
  const std::string id = lower(text);
  const std::string hex = id.substr(0, kFirst) + id.substr(kFirst + 1, kSecond) + id.substr(id.size() - kSecond);
  const auto picture = faces::parse<faces::PictureId>(hex);
  return picture && image_id(*picture) == id ? picture : std::nullopt;
}

bool is_uuid(std::string_view text) {
  constexpr std::string_view kForm = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  return text.size() == kForm.size() && std::equal(text.begin(), text.end(), kForm.begin(), [](char c, char form) {
           return form == '-' ? c == '-' : is_hex(c);
         });
}

}  // namespace facepipe::serve
