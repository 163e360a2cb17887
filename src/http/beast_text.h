// Boost.Beast's texts as the standard's: internal to the module.
#pragma once

#include <boost/beast/core/string_type.hpp>
#include <string_view>

namespace facepipe::http {

[[nodiscard]] inline std::string_view view(boost::beast::string_view text) {
  return {text.data(), text.size()};
}

}  // namespace facepipe::http
