// A blocking HTTP/1.1 client with kept-alive connections, http and https.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "http/message.h"

namespace facepipe::http {

struct Url {
  bool tls = false;
  std::string host;
  std::uint16_t port = 80;
  std::string target = "/";  // path and query
  // "host" or "host:port" where it is not the scheme's own.
  [[nodiscard]] std::string authority() const;
};
// kInvalidArgument naming the URL and what was expected ("http://HOST[:PORT]/...").
[[nodiscard]] Result<Url> parse_url(std::string_view text);

struct ClientOptions {
  std::chrono::milliseconds connect_timeout{3'000};
  std::chrono::milliseconds request_timeout{30'000};  // connect, send and receive together
  std::size_t max_response_bytes = std::size_t{64} << 20U;
};

// One origin (scheme, host, port), one connection kept between requests. Not thread-safe: one a thread.
class Client {
 public:
  Client(const Url& origin, const ClientOptions& options);
  Client(Client&&) noexcept;
  Client& operator=(Client&&) noexcept;
  ~Client();
  // Any status is a Response. kUnavailable (refused, reset, no such host), kTimeout, kTooLarge, kInvalidData (not
  // HTTP). A kept connection that turns out closed before any byte of the answer is opened again once.
  [[nodiscard]] Result<Response> send(const Request& request);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace facepipe::http
