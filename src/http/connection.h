// A connection to a server, plain or TLS: internal to the module.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "base/result.h"
#include "http/client.h"
#include "http/socket.h"

namespace facepipe::http {

// Not thread-safe. Errors: kUnavailable (reset), kTimeout.
class Connection {
 public:
  virtual ~Connection() = default;
  // Sets what push() sends; `data` stays alive meanwhile.
  virtual void begin(std::string_view data) = 0;
  // True: all is sent. False: with `stop_for_input`, the peer has sent something or closed before that.
  [[nodiscard]] virtual Result<bool> push(bool stop_for_input, Deadline deadline) = 0;
  // 1 to buffer.size() bytes, or 0 when the peer has closed in order.
  [[nodiscard]] virtual Result<std::size_t> receive(std::span<char> buffer, Deadline deadline) = 0;
  // Whether a kept connection can take a request: the peer has neither closed it nor sent anything unasked.
  [[nodiscard]] virtual bool reusable() = 0;
};

// What TLS connections share: the trusted certificates and the protocol's limits.
class TlsContext {
 public:
  // kInternal if OpenSSL cannot be set up.
  [[nodiscard]] static Result<std::unique_ptr<TlsContext>> create();
  virtual ~TlsContext() = default;
  // Shakes hands as a client. kPermission: the certificate is not trusted or is another host's, said why.
  // kInvalidData: the peer does not speak TLS 1.2 or later.
  [[nodiscard]] virtual Result<std::unique_ptr<Connection>> connect(Socket socket, const std::string& host,
                                                                    Deadline deadline) = 0;
};

[[nodiscard]] std::unique_ptr<Connection> make_plain_connection(Socket socket);

}  // namespace facepipe::http
