// The JSON schemas of the API's answers (OpenAPI 3.1, components.schemas), by name.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace facepipe::serve {

[[nodiscard]] const std::map<std::string_view, std::string>& schemas();

}  // namespace facepipe::serve
