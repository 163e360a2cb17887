// A picture's id as CompreFace's clients have them: a UUID.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "faces/records.h"

namespace facepipe::serve {

// "0123abcd-4567-4000-8000-000089abcdef" of 0123abcd456789abcdef... : the 64 bits around the parts that are the same in
// every one.
[[nodiscard]] std::string image_id(faces::PictureId id);
// Nothing for any other text.
[[nodiscard]] std::optional<faces::PictureId> parse_image_id(std::string_view text);

// 8-4-4-4-12 hexadecimal digits.
[[nodiscard]] bool is_uuid(std::string_view text);

}  // namespace facepipe::serve
