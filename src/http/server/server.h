// An HTTP/1.1 server with bounds on everything: connections, header and body sizes, idle and read times.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>

#include "base/log.h"
#include "base/result.h"
#include "http/message.h"
#include "http/server/router.h"

namespace facepipe::http {

// PEM files: the certificate with its chain, and its key, which may not be readable by everybody.
struct TlsFiles {
  std::filesystem::path certificate;
  std::filesystem::path key;
};

// What the servers of a process share: the memory of bodies, and who makes room when that or descriptors run out.
// Thread-safe.
class SharedLimits;
[[nodiscard]] std::shared_ptr<SharedLimits> make_shared_limits(std::size_t max_total_body_bytes);

struct ServerOptions {
  std::string address = "127.0.0.1";  // loopback unless the user says otherwise
  std::uint16_t port = 0;             // 0: any free one
  std::optional<TlsFiles> tls;        // TLS 1.2 or later in place of plain HTTP
  // Past it the connection that has been idle longest, or whose request comes slowest, makes room for the new one;
  // where none has been so for slow_after, the new one gets 503. Where half of them have never sent a whole head, the
  // oldest of those makes room at once. When descriptors run out before that, the same is done without that time.
  std::size_t max_connections = 1024;
  std::size_t max_refused_connections = 64;            // past max_connections, told so; more are closed only
  std::size_t max_connections_per_address = 256;       // 503 past it; of IPv6 a /64 counts as one address
  bool loopback_counts = false;                        // whether that holds for loopback too
  std::size_t max_header_bytes = 16 * 1024;            // request line and headers; 431 past it
  std::size_t max_header_fields = 128;                 // 431 past it
  std::size_t max_body_bytes = std::size_t{8} << 20U;  // 413 past it, before it is read
  // Bodies of all the requests being read or answered and of large answers being sent, by the memory that they take: a
  // body's grows with what has come of it, whatever its head declares. A quarter is kept for bodies of at most 1 MiB.
  // Past it the slowest body makes room, else the one that began last, or the new request gets 503.
  std::size_t max_total_body_bytes = std::size_t{256} << 20U;
  std::shared_ptr<SharedLimits> shared_limits;  // of several servers, in place of max_total_body_bytes; may be null
  std::size_t min_bytes_per_second = std::size_t{16} << 10U;  // of a body, over 5 s at a time; below it 408
  std::chrono::milliseconds slow_after{1'000};                // of a connection, before it has to make room for others
  std::chrono::milliseconds idle_timeout{60'000};             // between requests; then closed without a word
  std::chrono::milliseconds header_timeout{10'000};  // TLS handshake; a request's first byte to its headers' end
  std::chrono::milliseconds read_timeout{20'000};    // from a request's first byte to its last; then 408
  std::chrono::milliseconds write_timeout{20'000};   // for one whole response; then closed
  int io_threads = 1;
  Headers response_headers;  // added to every response that has none of that name, the server's own refusals and those
                             // of every route too
};

// Pipelined requests of a connection are answered one after the other, in order. `Expect: 100-continue` is answered.
// Of a response's headers, content-length and transfer-encoding are the server's own and are not taken from the
// handler; `connection: close` is honoured; a header with a line break in it is left out. HEAD gets the headers alone.
class Server {
 public:
  // Listens at once; the logger outlives the server. kInvalidArgument for an address that is no IP address, an option
  // out of range, or a TLS key that does not fit its certificate; load errors of TLS files name the file; kUnavailable
  // naming address and port when they are taken, kPermission when the port is privileged.
  [[nodiscard]] static Result<std::unique_ptr<Server>> start(const ServerOptions& options, Router router,
                                                             Logger& logger);
  // Every request to one handler.
  [[nodiscard]] static Result<std::unique_ptr<Server>> start(const ServerOptions& options, Handler handler,
                                                             Logger& logger);
  virtual ~Server() = default;  // stop(0 ms) if not stopped
  [[nodiscard]] virtual std::uint16_t port() const = 0;
  // Of the certificate that clients are shown, as ClientOptions take it; empty without TLS.
  [[nodiscard]] virtual std::string certificate_sha256() const = 0;
  // Accepts no more, answers the requests under way for at most `grace`, then closes and returns. From then on the
  // handler is not called, and a Responder that is still about does nothing. Not to be called by the handler.
  virtual void stop(std::chrono::milliseconds grace) = 0;
};

}  // namespace facepipe::http
