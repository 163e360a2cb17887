// Lambda's errorType of our errors.
#pragma once

#include <string_view>

#include "base/result.h"

namespace facepipe::lambda {

// "Facepipe.InvalidData": one of its own for every code.
[[nodiscard]] std::string_view error_type(ErrorCode code);

}  // namespace facepipe::lambda
