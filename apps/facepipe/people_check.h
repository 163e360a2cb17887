// What `facepipe people check` prints.
#pragma once

#include <optional>

#include "base/result.h"
#include "gallery/gallery.h"
#include "recognize/naming.h"

namespace facepipe::app {

// A line a doubtful picture (recognize/gallery_check.h), on standard output, or a JSON object. The exit status:
// kExitFailure if there is any.
[[nodiscard]] Result<int> print_doubts(const gallery::Gallery& gallery,
                                       const std::optional<recognize::NamingRule>& rule, bool json);

}  // namespace facepipe::app
