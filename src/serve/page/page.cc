// Sources: RFC 9110 (content negotiation, conditional requests), Content Security Policy 3. Tested by page_test.cc.
#include "serve/page/page.h"

#include <algorithm>

#include "base/hash.h"
#include "base/hex.h"
#include "base/text.h"

namespace facepipe::serve {
namespace {

constexpr std::string_view kIndex = "index.html";
constexpr std::string_view kFolder = "/assets/";
// blob: and data: are pictures that the page holds itself: one to try, one of the webcam.
constexpr std::string_view kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

std::string_view media_type_of(std::string_view name) {
  if (name.ends_with(".html")) {
    return "text/html; charset=utf-8";
  }
  if (name.ends_with(".js")) {
    return "text/javascript; charset=utf-8";
  }
  if (name.ends_with(".css")) {
    return "text/css; charset=utf-8";
  }
  if (name.ends_with(".txt")) {
    return "text/plain; charset=utf-8";
  }
  return name.ends_with(".svg") ? "image/svg+xml" : "application/octet-stream";
}

// Whether the parameters of a list's member say weight 0: ";q=0", ";q=0.000".
bool refused(std::string_view parameters) {
  const std::size_t at = parameters.find("q=");
  return at != std::string_view::npos && parameters.find_first_of("123456789", at) == std::string_view::npos;
}

}  // namespace

Coding best_coding(std::string_view accept_encoding) {
  bool gzip = false;
  bool brotli = false;
  for (const std::string_view member : split(accept_encoding, ',')) {
    const std::size_t semicolon = member.find(';');
    const std::string coding = lower(trimmed(member.substr(0, semicolon)));
    const bool taken = semicolon == std::string_view::npos || !refused(lower(member.substr(semicolon)));
    gzip = gzip || (taken && (coding == "gzip" || coding == "x-gzip"));
    brotli = brotli || (taken && coding == "br");
  }
  return brotli ? Coding::kBrotli : gzip ? Coding::kGzip : Coding::kIdentity;
}

Page::Page(std::span<const PageAsset> assets) {
  for (const PageAsset& asset : assets) {
    File file{&asset, std::string(media_type_of(asset.name)), {}};
    if (asset.name == kIndex) {
      file.etag = "W/\"" + sha256_hex(as_bytes(asset.identity)).substr(0, 16) + "\"";  // weak: of every coding
    }
    files_.push_back(std::move(file));
  }
}

http::Response Page::answer(const http::Request& request) const {
  const std::string_view path = http::target_path(request.target);
  const std::string_view name = path == "/" ? kIndex : path.substr(std::min(path.size(), kFolder.size()));
  const auto file = std::find_if(files_.begin(), files_.end(), [&](const File& one) {
    return one.asset->name == name && (name == kIndex) == (path == "/");
  });
  if (file == files_.end()) {
    return http::make_response(404, "text/plain; charset=utf-8", "no such file of the page\n");
  }
  http::Response response = http::make_response(200, file->media_type, "");
  response.headers.emplace_back("vary", "accept-encoding");
  if (file->etag.empty()) {
    response.headers.emplace_back("cache-control", "public, max-age=31536000, immutable");
  } else {
    response.headers.emplace_back("cache-control", "no-cache");
    response.headers.emplace_back("etag", file->etag);
    response.headers.emplace_back("content-security-policy", kPolicy);
    if (http::header(request.headers, "if-none-match").find(file->etag) != std::string_view::npos) {
      response.status = 304;
      return response;
    }
  }
  const Coding coding = best_coding(http::header(request.headers, "accept-encoding"));
  const PageAsset& asset = *file->asset;
  if (coding != Coding::kIdentity) {
    response.headers.emplace_back("content-encoding", coding == Coding::kBrotli ? "br" : "gzip");
  }
  response.body = coding == Coding::kBrotli ? asset.brotli : coding == Coding::kGzip ? asset.gzip : asset.identity;
  return response;
}

void Page::add_routes(http::Router& routes, const http::Headers& headers) const {
  if (files_.empty()) {
    return;
  }
  for (const char* path : {"/", "/assets/*"}) {
    routes.add(
        {.method = "GET",
         .path = path,
         .rules = {.guards = {}, .headers = headers, .cors = {}},
         .handler = [this](const http::Request& request, http::Responder responder) { responder(answer(request)); }});
  }
}

}  // namespace facepipe::serve
