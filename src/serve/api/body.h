// The body of a request, read as its operation says.
#pragma once

#include "base/result.h"
#include "serve/api/operation.h"

namespace facepipe::serve {

// Characters of a picture in base64.
inline constexpr std::int64_t kMaxPictureText = std::int64_t{48} << 20U;

// Sets body, pictures and decoded of `request`. kInvalidData: not in the form that is described (400); kUnsupported:
// of another media type (415); kTooLarge (413); kInvalidArgument: in that form, and of no use (422). Quotes nothing.
[[nodiscard]] Status read_body(const Operation& operation, ApiRequest& request);

}  // namespace facepipe::serve
