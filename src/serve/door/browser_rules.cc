// Sources: Fetch standard (Origin, CORS), Fetch Metadata Request Headers. Tested by browser_rules_test.cc.
#include "serve/door/browser_rules.h"

#include <algorithm>
#include <string_view>

#include "base/text.h"

namespace facepipe::serve {
namespace {

// "name:8080" -> "name", "[::1]:8080" -> "::1".
std::string host_name(std::string_view authority) {
  if (authority.starts_with('[')) {
    return lower(authority.substr(1, authority.find(']') - 1));
  }
  return lower(authority.substr(0, authority.find(':')));
}

bool contains(const std::vector<std::string>& list, std::string_view text) {
  return std::any_of(list.begin(), list.end(), [text](const std::string& item) { return lower(item) == text; });
}

bool is_own_host(const BrowserRules& rules, std::string_view authority) {
  const std::string name = host_name(authority);
  return is_loopback_host(name) || contains(rules.hosts, name);
}

// Of "https://name:8080"; "null" and other opaque origins have none.
std::string origin_authority(std::string_view origin) {
  const std::size_t scheme = origin.find("://");
  return scheme == std::string_view::npos ? std::string() : lower(origin.substr(scheme + 3));
}

}  // namespace

bool is_allowed_origin(const BrowserRules& rules, const http::Request& head) {
  const std::string_view origin = http::header(head.headers, "origin");
  return !origin.empty() && contains(rules.allowed_origins, lower(origin));
}

bool is_same_origin(const http::Request& head) {
  const std::string_view origin = http::header(head.headers, "origin");
  const std::string_view host = http::header(head.headers, "host");
  if (!origin.empty()) {
    return !host.empty() && origin_authority(origin) == lower(host);
  }
  return http::header(head.headers, "sec-fetch-site") == "same-origin";
}

std::optional<std::string> refuse_of_browser(const BrowserRules& rules, const http::Request& head) {
  const std::string_view host = http::header(head.headers, "host");
  if (rules.check_host && !is_own_host(rules, host)) {
    return "expected a Host header that names this machine (localhost, 127.0.0.1, [::1]); others are named with --host";
  }
  if (is_allowed_origin(rules, head)) {
    return std::nullopt;
  }
  const std::string_view origin = http::header(head.headers, "origin");
  if (!origin.empty()) {
    if (is_same_origin(head)) {
      return std::nullopt;
    }
    return "requests of other sites' pages are not taken; a page's origin can be allowed with --allow-origin";
  }
  const std::string_view site = http::header(head.headers, "sec-fetch-site");
  if (site == "cross-site" || site == "same-site") {
    return "requests of other sites' pages are not taken";
  }
  return std::nullopt;
}

http::Headers cors_headers(const http::Request& head, bool preflight) {
  http::Headers headers = {{"access-control-allow-origin", std::string(http::header(head.headers, "origin"))},
                           {"vary", "origin"}};
  if (preflight) {
    headers.emplace_back("access-control-allow-methods", "GET, POST, PUT, PATCH, DELETE");
    headers.emplace_back("access-control-allow-headers", "authorization, content-type");
    headers.emplace_back("access-control-max-age", "600");
  }
  return headers;
}

http::Headers safe_headers() {
  return {{"x-content-type-options", "nosniff"},
          {"cache-control", "no-store"},
          {"referrer-policy", "no-referrer"},
          {"content-security-policy", "default-src 'none'; frame-ancestors 'none'"}};
}

}  // namespace facepipe::serve
