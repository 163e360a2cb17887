// An HTTP/1.1 server with bounds on everything: connections, header and body sizes, idle and read times.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/log.h"
#include "base/result.h"
#include "http/message.h"

namespace facepipe::http {

// Sends the response of one request. May be called from any thread, once; if it is destroyed uncalled the client gets
// 500.
class Responder {
 public:
  explicit Responder(std::function<void(Response)> send) : send_(std::move(send)) {}
  Responder(Responder&& other) noexcept : send_(std::exchange(other.send_, nullptr)) {}
  Responder& operator=(Responder&&) = delete;
  Responder(const Responder&) = delete;
  Responder& operator=(const Responder&) = delete;
  ~Responder();
  void operator()(Response response);

 private:
  std::function<void(Response)> send_;
};

// Called on an I/O thread: must not block, and must be thread-safe where io_threads > 1. Long work goes elsewhere and
// answers through the Responder. Gets every well-formed request, whatever its method; the body is complete, chunks are
// joined, and an absolute-form target has lost its scheme and host.
using Handler = std::function<void(Request, Responder)>;

struct ServerOptions {
  std::string address = "127.0.0.1";                   // loopback unless the user says otherwise
  std::uint16_t port = 0;                              // 0: any free one
  std::size_t max_connections = 1024;                  // past it: 503 and close
  std::size_t max_header_bytes = 16 * 1024;            // request line and headers; 431 past it
  std::size_t max_body_bytes = std::size_t{8} << 20U;  // 413 past it, before it is read
  // Bodies of all the requests being read or answered; 503 past it. A chunked body counts as max_body_bytes.
  std::size_t max_total_body_bytes = std::size_t{256} << 20U;
  std::chrono::milliseconds idle_timeout{60'000};   // between requests; then closed without a word
  std::chrono::milliseconds read_timeout{20'000};   // from a request's first byte to its last; then 408
  std::chrono::milliseconds write_timeout{20'000};  // for one whole response; then closed
  int io_threads = 1;
};

// Pipelined requests of a connection are answered one after the other, in order. `Expect: 100-continue` is answered.
// Of a response's headers, content-length and transfer-encoding are the server's own and are not taken from the
// handler; `connection: close` is honoured; a header with a line break in it is left out. HEAD gets the headers alone.
class Server {
 public:
  // Listens at once; the logger outlives the server. kInvalidArgument for an address that is no IP address or an option
  // out of range, kUnavailable naming address and port when they are taken, kPermission when the port is privileged.
  [[nodiscard]] static Result<std::unique_ptr<Server>> start(const ServerOptions& options, Handler handler,
                                                             Logger& logger);
  virtual ~Server() = default;  // stop(0 ms) if not stopped
  [[nodiscard]] virtual std::uint16_t port() const = 0;
  // Accepts no more, answers the requests under way for at most `grace`, then closes and returns. From then on the
  // handler is not called, and a Responder that is still about does nothing. Not to be called by the handler.
  virtual void stop(std::chrono::milliseconds grace) = 0;
};

}  // namespace facepipe::http
