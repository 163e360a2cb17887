// Tested by router_test.cc.
#include "http/server/router.h"

#include <algorithm>

#include "http/server/request_parser.h"

namespace facepipe::http {
namespace {

bool has_path(const Route& route, const Request& head) {
  const std::string_view path = target_path(head.target);
  const std::string_view own = route.path;
  return own.ends_with('*') ? path.starts_with(own.substr(0, own.size() - 1)) : path == own;
}

bool has_method(const Route& route, std::string_view method) {
  return route.method.empty() || route.method == method || (route.method == "GET" && method == "HEAD");
}

}  // namespace

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
