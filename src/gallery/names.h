// What a person may be called.
#pragma once

#include <cstddef>

#include "base/result.h"

namespace facepipe::gallery {

inline constexpr std::size_t kMaxNameBytes = 256;

// kInvalidArgument saying what a name must be: UTF-8, 1..kMaxNameBytes bytes, no control characters (U+0000..U+001F,
// U+007F..U+009F). Names are kept as they come: not trimmed, not case-folded, not normalised.
[[nodiscard]] Status check_name(std::string_view name);

// check_name, and not one of the words that stand in an answer for a face without a name: "unknown", "No-Face", "error"
// (docs/formats/messages.md), in any case of their letters. Of whoever is enrolled.
[[nodiscard]] Status check_new_name(std::string_view name);

}  // namespace facepipe::gallery
