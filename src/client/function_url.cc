// Tested by function_url_test.cc.
#include "client/function_url.h"

#include <algorithm>
#include <string_view>

namespace facepipe::client {
namespace {

bool is_label(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

}  // namespace

std::string function_url_region(const http::Url& url) {
  constexpr std::string_view kService = ".lambda-url.";
  constexpr std::string_view kDomain = ".on.aws";
  const std::string_view host = url.host;
  const std::size_t service = host.find(kService);
  if (!url.tls || service == std::string_view::npos || !host.ends_with(kDomain)) {
    return {};
  }
  const std::string_view id = host.substr(0, service);
  std::string_view region = host.substr(service + kService.size());
  if (region.size() <= kDomain.size()) {
    return {};
  }
  region.remove_suffix(kDomain.size());
  return is_label(id) && is_label(region) ? std::string(region) : std::string();
}

}  // namespace facepipe::client
