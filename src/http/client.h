// A blocking HTTP/1.1 client with kept-alive connections, http and https.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>

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
// kInvalidArgument saying what was expected ("http://HOST[:PORT]/..."). The message names the URL, without what stands
// behind "?" or before "@". A fragment is dropped; user information is refused.
[[nodiscard]] Result<Url> parse_url(std::string_view text);

struct ClientOptions {
  std::chrono::milliseconds connect_timeout{3'000};   // name, TCP and TLS together
  std::chrono::milliseconds request_timeout{30'000};  // connect, send and receive together
  std::size_t max_response_bytes = std::size_t{64} << 20U;
  // Of every request, however long the others are; absent: none.
  std::optional<std::chrono::steady_clock::time_point> deadline = std::nullopt;
  // The SHA-256 (hexadecimal) of the one certificate that is taken, whatever it says of names, times and authorities;
  // empty: any that is trusted for the host. Of a peer that told it in private.
  std::string certificate_sha256 = {};
};

// One origin (scheme, host, port), one connection kept between requests. Not thread-safe: one a thread. TLS (1.2 or
// later) verifies the certificate and its host name against the system's store, or SSL_CERT_FILE where that is set, or
// takes the one certificate that the options name.
// Redirects are not followed, bodies not decompressed.
class Client {
 public:
  Client(const Url& origin, const ClientOptions& options);
  Client(Client&&) noexcept;
  Client& operator=(Client&&) noexcept;
  ~Client();
  // Opens the connection that the next request takes, where none is kept: a program that starts does it beside other
  // work. Errors as send()'s; that tries again by itself.
  [[nodiscard]] Status connect();
  // Sends request.method, target, headers and body; `host` and `content-length` are added. `at_least`: the time that
  // it has where request_timeout is shorter, of a request whose answer comes late in good order. Any status is a
  // Response (1xx are skipped). kUnavailable (refused, reset, closed too early, no such host), kTimeout, kTooLarge,
  // kInvalidData (not HTTP), kPermission (certificate not trusted), kInvalidArgument (a method, target or header that
  // HTTP does not allow). Messages name the origin, never the target. A kept connection that turns out closed before
  // any byte of the answer is opened again once: the peer may then have seen the request twice.
  [[nodiscard]] Result<Response> send(const Request& request, std::chrono::milliseconds at_least = {});

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace facepipe::http
