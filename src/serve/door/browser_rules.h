// What keeps web pages of other sites from using a server through the browser of somebody who can reach it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "http/message.h"

namespace facepipe::serve {

struct BrowserRules {
  // Whether the Host header must be one of this machine's own names (localhost, any 127.x.x.x, [::1], and `hosts`): a
  // page whose name an attacker has pointed at 127.0.0.1 sends its own (DNS rebinding). On other addresses there are
  // tokens.
  bool check_host = true;
  std::vector<std::string> hosts;            // more names, without a port
  std::vector<std::string> allowed_origins;  // "https://cameras.example": pages that may use the server
};

// Why a request is not to be taken, for the client; nullopt if it may. Refused are, whatever the method: a Host that is
// not ours; an Origin that is neither the request's own Host nor allowed; and, without an Origin, a Sec-Fetch-Site that
// says that another site's page sent it. Programs that are no browser send neither header.
[[nodiscard]] std::optional<std::string> refuse_of_browser(const BrowserRules& rules, const http::Request& head);

// Whether it is a browser that says so: a page of this very server sent it (its Origin is the request's own Host, or
// Sec-Fetch-Site is same-origin).
[[nodiscard]] bool is_same_origin(const http::Request& head);

// Whether the request's Origin is among the allowed ones: then its answer needs cors_headers to be readable there.
[[nodiscard]] bool is_allowed_origin(const BrowserRules& rules, const http::Request& head);
// For that origin alone; with what its preflight asks, if `preflight`.
[[nodiscard]] http::Headers cors_headers(const http::Request& head, bool preflight);

// Headers of every answer: no page may sniff its type, keep it, run anything of it, or show it in a frame.
[[nodiscard]] http::Headers safe_headers();

}  // namespace facepipe::serve
