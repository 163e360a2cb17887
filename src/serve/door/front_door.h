// Who gets in: what the requests of a port's routes are asked before their bodies are read.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>

#include "access/live_access.h"
#include "base/log.h"
#include "base/result.h"
#include "http/server/router.h"
#include "serve/door/browser_rules.h"
#include "serve/door/rate_limiter.h"
#include "serve/door/sessions.h"

namespace facepipe::serve {

// What a client is told while access.json has changed and cannot be loaded.
inline constexpr std::string_view kAccessNotKnown =
    "who may use this server has changed and cannot be read at the moment (its log says why): try again in a second";

struct FrontDoorOptions {
  std::string port_name;  // "frames" or "sqs", for the log
  BrowserRules browser;
  bool tls = false;                      // cookies are Secure
  access::LiveAccess* tokens = nullptr;  // whose tokens are demanded; null: the port has keys of its own. Outlives the
                                         // door
};

// Thread-safe. The logger outlives it. Refusals are logged with a request id that the client gets too ("x-request-id"),
// at most once a second, with the number of those that were not.
class FrontDoor {
 public:
  FrontDoor(FrontDoorOptions options, Logger& logger);

  // Of a route that everybody may use, or who has a token: any, or one of a role; the door outlives the router. The
  // answer of a request that stays out: 403 for a page of another site or a foreign Host, 401 without a valid
  // "Authorization: Bearer TOKEN", 403 with one of another role, 503 with Retry-After while it is not known which
  // tokens are valid, and 204 for an allowed page's preflight. Handlers' answers get what an allowed page's browser
  // wants to see.
  enum class For { kEverybody, kTokens, kFrames, kRead, kManage };
  [[nodiscard]] http::RouteRules rules(For whom);
  // Who sent a request that may come in: the holder of the token in its Authorization header, or of the session that
  // its cookie is of; where none is demanded and none that is known is shown, somebody without an id who may do
  // everything. Nothing: a token is demanded, and the request has none that is valid.
  [[nodiscard]] std::optional<access::TokenHolder> visitor(const http::Request& head);

  // --- Sign-in for a browser: a token against a cookie, HttpOnly and SameSite=Strict. A write that a cookie stands
  // for must come from a page of this server (is_same_origin), else 403.
  [[nodiscard]] bool sign_in_needed();
  // Adds Set-Cookie to `headers`. kPermission: not a token of this server; kExhausted: that came too often from this
  // address, try again in a second or so (429); kUnavailable.
  [[nodiscard]] Result<access::TokenHolder> sign_in(const http::Request& head, std::string_view token,
                                                    http::Headers& headers);
  // Ends the session, if there is one, and takes the cookie back.
  void sign_out(const http::Request& head, http::Headers& headers);

  // One line, if none was written in this second. `reason` names no secret and holds nothing of a payload.
  void log_refusal(const http::Request& request, int status, std::string_view reason, std::string_view request_id);

 private:
  [[nodiscard]] std::optional<http::Response> check_page(const http::Request& head);
  [[nodiscard]] std::optional<http::Response> check_token(const http::Request& head, std::optional<access::Role> role);
  [[nodiscard]] std::string set_cookie(std::string_view value, std::chrono::seconds age) const;
  [[nodiscard]] http::Response refuse(const http::Request& head, int status, std::string_view reason);

  const FrontDoorOptions options_;
  Logger& logger_;
  const std::string instance_;  // the first half of request ids
  std::atomic<std::uint64_t> refused_ = 0;
  Sessions sessions_;
  RateLimiter failures_;  // of sign-ins, by address
  std::mutex log_mutex_;
  std::chrono::steady_clock::time_point last_line_;
  std::int64_t not_logged_ = 0;
};

// --- Whether a server may listen where it is told to.
struct Exposure {
  std::string address;
  bool insecure = false;  // --insecure
};

// Loopback needs nothing. Elsewhere kInvalidArgument, naming the ways out, unless both a token and an SQS key are
// demanded; with `insecure` a warning in the log instead.
[[nodiscard]] Status check_exposure(const Exposure& exposure, access::LiveAccess& access, Logger& logger);

}  // namespace facepipe::serve
