// The page's files, as page/build.mjs made them; cmake/FacepipePage.cmake.
#pragma once

#include <span>
#include <string_view>

namespace facepipe::serve {

struct PageAsset {
  std::string_view name;  // "app-HASH.js"; index.html alone has no hash of what is in it
  std::string_view identity;
  std::string_view gzip;
  std::string_view brotli;
};

// Empty in a build without the page (FACEPIPE_PAGE=OFF).
[[nodiscard]] std::span<const PageAsset> page_assets();

}  // namespace facepipe::serve
