// Tested by gallery_test.cc.
#include "gallery/names.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace facepipe::gallery {
namespace {

Error no_name(std::string message) {
  return Error{ErrorCode::kInvalidArgument, std::move(message)};
}

// Of valid UTF-8: C0, DEL, and C1, which UTF-8 spells C2 80 to C2 9F.
bool has_control_character(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool c1 = byte == 0xC2 && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    if (byte < 0x20 || byte == 0x7F || c1) {
      return true;
    }
  }
  return false;
}

}  // namespace

Status check_name(std::string_view name) {
  if (name.empty() || name.size() > kMaxNameBytes) {
    return no_name("a name has 1 to " + std::to_string(kMaxNameBytes) + " bytes; this one has " +
                   std::to_string(name.size()));
  }
  if (!is_utf8(name)) {
    return no_name("a name is UTF-8; this one is not");
  }
  if (has_control_character(name)) {
    return no_name("a name has no control characters; this one has");
  }
  return {};
}

Status check_new_name(std::string_view name) {
  FACEPIPE_TRY(check_name(name));
  constexpr std::array<std::string_view, 3> kResultWords = {"unknown", "no-face", "error"};
  if (std::find(kResultWords.begin(), kResultWords.end(), lower(name)) != kResultWords.end()) {
    return no_name("\"" + std::string(name) +
                   "\" stands in answers for a face without a name and cannot be a person's: choose another name");
  }
  return {};
}

}  // namespace facepipe::gallery
