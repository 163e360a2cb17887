// The API's description.
#pragma once

#include <string>
#include <string_view>

#include "serve/api/operation.h"

namespace facepipe::serve {

// OpenAPI 3.1, JSON: every operation with what it takes, its answer and its errors.
[[nodiscard]] std::string openapi(const Operations& operations, std::string_view version);

}  // namespace facepipe::serve
