// Which handler takes a request, and what holds for it: the routes of a server as data.
#pragma once

#include <cstddef>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "http/message.h"
#include "http/server/responder.h"

namespace facepipe::http {

// Looks at a request whose head has come and whose body has not: an answer refuses it, and not a byte of the body is
// kept. Called on an I/O thread as the handler is; must not block.
using Guard = std::function<std::optional<Response>(const Request& head)>;

// When a connection makes room for others, while the answer of its route is written. A stream, which may be silent for
// a good reason, is not slow: it makes room last.
enum class Shed { kWhenSlow, kLast, kNever };

// What holds for a path, whatever the method.
struct RouteRules {
  std::vector<Guard> guards;  // browser rules, authentication: asked in turn, the first answer is sent
  Headers headers;            // CSP and the like: added to every answer that has none of that name, the guards' too
  std::function<Headers(const Request& head)> cors;  // of the handler's answers; may be empty
};

struct Route {
  std::string method;  // "GET" takes HEAD as well; empty: every method
  // As it stands in a target, percent-encoded. One that ends in '*' is a prefix; a segment in braces, as in
  // "/people/{id}/pictures", is any one segment that is not empty.
  std::string path;
  RouteRules rules;
  Handler handler;
  Guard rate = nullptr;  // asked after the guards, of what the handler would take; may be empty
  std::size_t max_body_bytes = std::numeric_limits<std::size_t>::max();  // 413 past it; or the server's own, if smaller
  Shed shed = Shed::kWhenSlow;
};

// What stands in `target` in the place of each segment in braces of `path` (Route::path), in order, decoded. Of a
// target that the route takes.
[[nodiscard]] std::vector<std::string> path_parameters(std::string_view path, std::string_view target);

// Built, then read by all threads of a server. The first route that fits is taken.
class Router {
 public:
  // `rules`: of paths without a route, which are 404 with `not_found` as the error's message.
  Router(RouteRules rules, std::string not_found) : others_(std::move(rules)), not_found_(std::move(not_found)) {}
  // Everything to one handler, without rules.
  explicit Router(Handler handler) { add({.method = "", .path = "*", .rules = {}, .handler = std::move(handler)}); }

  void add(Route route) { routes_.push_back(std::move(route)); }
  [[nodiscard]] const std::vector<Route>& routes() const { return routes_; }  // in their order
  // Of every route that has none of that name.
  void add_headers(const Headers& headers);

  // Null: none takes it.
  [[nodiscard]] const Route* find(const Request& head) const;
  // Of the route, else of one with that path: who asks with a wrong method is asked the same.
  [[nodiscard]] const RouteRules& rules_of(const Request& head) const;
  // The refusal of a guard.
  [[nodiscard]] std::optional<Response> admit(const Request& head) const;
  // Calls the handler, or answers 404, or 405 with Allow.
  void handle(Request request, Responder responder) const;

 private:
  [[nodiscard]] Response missing(const Request& request) const;

  std::vector<Route> routes_;
  RouteRules others_;
  std::string not_found_;
};

}  // namespace facepipe::http
