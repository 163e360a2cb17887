// Who gets in: what every request of a port is asked before its body is read.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/live_access.h"
#include "base/log.h"
#include "http/server/server.h"
#include "serve/door/browser_rules.h"

namespace facepipe::serve {

// What a client is told while access.json has changed and cannot be loaded.
inline constexpr std::string_view kAccessNotKnown =
    "who may use this server has changed and cannot be read at the moment (its log says why): try again in a second";

struct FrontDoorOptions {
  std::string port_name;  // "frames" or "sqs", for the log
  BrowserRules browser;
  access::LiveAccess* tokens = nullptr;  // demands its tokens; null: the port has keys of its own. Outlives the door
  std::vector<std::string> open_paths;   // for which no token is needed
};

// Thread-safe. The logger outlives it. Refusals are logged with a request id that the client gets too ("x-request-id"),
// at most once a second, with the number of those that were not.
class FrontDoor {
 public:
  FrontDoor(FrontDoorOptions options, Logger& logger);

  // The answer of a request that stays out: 403 for a page of another site or a foreign Host, 401 without a valid
  // "Authorization: Bearer TOKEN", 503 with Retry-After while it is not known which tokens are valid, and 204 for an
  // allowed page's preflight. Nullopt: come in.
  [[nodiscard]] std::optional<http::Response> admit(const http::Request& head);
  // The responder, which adds what an allowed page's browser wants to see.
  [[nodiscard]] http::Responder readable_by_origin(const http::Request& request, http::Responder responder) const;
  // One line, if none was written in this second. `reason` names no secret and holds nothing of a payload.
  void log_refusal(const http::Request& request, int status, std::string_view reason, std::string_view request_id);

 private:
  [[nodiscard]] bool is_open(const http::Request& head) const;
  [[nodiscard]] bool has_token(const http::Request& head) const;
  [[nodiscard]] http::Response refuse(const http::Request& head, int status, std::string_view reason);

  const FrontDoorOptions options_;
  Logger& logger_;
  const std::string instance_;  // the first half of request ids
  std::atomic<std::uint64_t> refused_ = 0;
  std::mutex log_mutex_;
  std::chrono::steady_clock::time_point last_line_;
  std::int64_t not_logged_ = 0;
};

}  // namespace facepipe::serve
