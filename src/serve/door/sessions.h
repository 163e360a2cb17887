// Who is signed in with a browser: sessions, each of one token.
#pragma once

#include <chrono>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/result.h"

namespace facepipe::serve {

// Thread-safe; kept in memory alone, so a restart ends all. A session's id is 256 random bits, of which the SHA-256 is
// kept. Past kMaxSessions the one that was unused longest ends.
class Sessions {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::size_t kMaxSessions = 1'000;
  static constexpr std::chrono::hours kUnused{24};       // a session ends after so long without a request,
  static constexpr std::chrono::hours kLongest{7 * 24};  // or so long after the sign-in

  // The id, for the browser's cookie. `token_digest` (access::token_digest): the session is worth what that token is,
  // and nothing once it is revoked.
  [[nodiscard]] std::string open(std::string token_digest, Clock::time_point now);
  // The token's digest; nothing for what is no session, or none any more.
  [[nodiscard]] std::optional<std::string> token_digest(std::string_view id, Clock::time_point now);
  void close(std::string_view id);
  [[nodiscard]] std::size_t size() const;

 private:
  struct Session {
    std::string token_digest;
    Clock::time_point opened;
    Clock::time_point used;
  };
  [[nodiscard]] static bool is_over(const Session& session, Clock::time_point now);
  void make_room(Clock::time_point now);

  mutable std::mutex mutex_;
  std::unordered_map<std::string, Session> sessions_;  // by the id's digest
};

// The value of the cookie of that name in a Cookie header; empty: there is none.
[[nodiscard]] std::string_view cookie(std::string_view header, std::string_view name);

}  // namespace facepipe::serve
