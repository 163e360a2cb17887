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

// Called on an I/O thread: must not block. Long work goes elsewhere and answers through the Responder.
using Handler = std::function<void(Request, Responder)>;

struct ServerOptions {
  std::string address = "127.0.0.1";   // loopback unless the user says otherwise
  std::uint16_t port = 0;              // 0: any free one
  std::size_t max_connections = 1024;  // past it: 503 and close
  std::size_t max_header_bytes = 16 * 1024;
  std::size_t max_body_bytes = std::size_t{8} << 20U;  // 413 past it, before it is read
  std::chrono::milliseconds idle_timeout{60'000};      // between requests
  std::chrono::milliseconds read_timeout{20'000};      // from a request's first byte to its last
  std::chrono::milliseconds write_timeout{20'000};
  int io_threads = 1;
};

class Server {
 public:
  // Listens at once. kUnavailable naming address and port when they are taken.
  [[nodiscard]] static Result<std::unique_ptr<Server>> start(const ServerOptions& options, Handler handler,
                                                             Logger& logger);
  virtual ~Server() = default;  // stop(), then waits
  [[nodiscard]] virtual std::uint16_t port() const = 0;
  // Accepts no more, answers the requests under way for at most `grace`, then closes.
  virtual void stop(std::chrono::milliseconds grace) = 0;
};

}  // namespace facepipe::http
