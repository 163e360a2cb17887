// The page of `facepipe serve`: GET / and GET /assets/NAME.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"
#include "http/server/router.h"
#include "serve/page/page_assets.h"

namespace facepipe::serve {

enum class Coding { kIdentity, kGzip, kBrotli };
// The smallest that an Accept-Encoding header takes; a coding of weight 0 is not taken, what cannot be read is left
// out. Source: RFC 9110, section 12.5.3.
[[nodiscard]] Coding best_coding(std::string_view accept_encoding);

// Thread-safe. The assets' bytes outlive it.
class Page {
 public:
  explicit Page(std::span<const PageAsset> assets);

  // For everybody: there is nothing of the data folder in it, and what it asks for comes through the door. `headers`:
  // of every answer that does not set them itself. The page outlives the router.
  void add_routes(http::Router& routes, const http::Headers& headers) const;

  // The whole of a route. HTML has an ETag and is asked for again every time, with a policy by which a browser runs and
  // loads what this server sends and nothing else; what has a hash in its name may be kept forever. 404 for another
  // name.
  [[nodiscard]] http::Response answer(const http::Request& request) const;

 private:
  struct File {
    const PageAsset* asset;
    std::string media_type;
    std::string etag;  // of HTML alone
  };
  std::vector<File> files_;
};

}  // namespace facepipe::serve
