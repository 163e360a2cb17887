// Tested by router_test.cc.
#include "http/server/router.h"

#include <algorithm>

#include "base/hex.h"
#include "http/server/request_parser.h"

namespace facepipe::http {
namespace {

// Up to the next '/', which is taken off with it; nothing behind the last.
std::optional<std::string_view> next_segment(std::optional<std::string_view>& path) {
  if (!path) {
    return std::nullopt;
  }
  const std::size_t slash = path->find('/');
  const std::string_view segment = path->substr(0, slash);
  path = slash == std::string_view::npos ? std::nullopt : std::optional(path->substr(slash + 1));
  return segment;
}

bool is_parameter(std::string_view segment) {
  return segment.starts_with('{') && segment.ends_with('}');
}

bool fits(std::optional<std::string_view> own, std::optional<std::string_view> path) {
  while (own && path) {
    const std::string_view expected = *next_segment(own);
    const std::string_view segment = *next_segment(path);
    if (is_parameter(expected) ? segment.empty() : segment != expected) {
      return false;
    }
  }
  return !own && !path;
}

bool has_path(const Route& route, const Request& head) {
  const std::string_view path = target_path(head.target);
  const std::string_view own = route.path;
  if (own.find('{') != std::string_view::npos) {
    return fits(own, path);
  }
  return own.ends_with('*') ? path.starts_with(own.substr(0, own.size() - 1)) : path == own;
}

bool has_method(const Route& route, std::string_view method) {
  return route.method.empty() || route.method == method || (route.method == "GET" && method == "HEAD");
}

}  // namespace

std::vector<std::string> path_parameters(std::string_view path, std::string_view target) {
  std::vector<std::string> found;
  std::optional<std::string_view> own = path;
  std::optional<std::string_view> given = target_path(target);
  while (own && given) {
    const std::string_view expected = *next_segment(own);
    const std::string_view segment = *next_segment(given);
    if (is_parameter(expected)) {
      found.push_back(percent_decode(segment, false));
    }
  }
  return found;
}

void Router::add_headers(const Headers& headers) {
  const auto complete = [&headers](RouteRules& rules) {
    for (const auto& [name, value] : headers) {
      if (header(rules.headers, name).empty()) {
        rules.headers.emplace_back(name, value);
      }
    }
  };
  complete(others_);
  for (Route& route : routes_) {
    complete(route.rules);
  }
}

const Route* Router::find(const Request& head) const {
  const auto found = std::find_if(routes_.begin(), routes_.end(), [&head](const Route& route) {
    return has_method(route, head.method) && has_path(route, head);
  });
  return found == routes_.end() ? nullptr : &*found;
}

const RouteRules& Router::rules_of(const Request& head) const {
  if (const Route* route = find(head)) {
    return route->rules;
  }
  const auto found =
      std::find_if(routes_.begin(), routes_.end(), [&head](const Route& route) { return has_path(route, head); });
  return found == routes_.end() ? others_ : found->rules;
}

std::optional<Response> Router::admit(const Request& head) const {
  for (const Guard& guard : rules_of(head).guards) {
    if (auto refused = guard(head)) {
      return refused;
    }
  }
  const Route* const route = find(head);
  return route != nullptr && route->rate ? route->rate(head) : std::nullopt;
}

void Router::handle(Request request, Responder responder) const {
  if (const Route* route = find(request)) {
    route->handler(std::move(request), std::move(responder));
  } else {
    responder(missing(request));
  }
}

Response Router::missing(const Request& request) const {
  std::string expected;
  std::string allow;
  for (const Route& route : routes_) {
    if (has_path(route, request)) {
      expected += (expected.empty() ? "" : " or ") + route.method;
      allow += (allow.empty() ? "" : ", ") + route.method + (route.method == "GET" ? ", HEAD" : "");
    }
  }
  if (allow.empty()) {
    return response_of({404, not_found_});
  }
  Response response = response_of({405, "expected " + expected + ", got " + request.method});
  response.headers.emplace_back("allow", allow);
  return response;
}

}  // namespace facepipe::http
