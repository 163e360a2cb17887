// A client's connection, plain or TLS, whose every wait has a deadline: internal to the module, shows Boost.
#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <vector>

#include "base/result.h"
#include "http/client.h"
#include "http/stream.h"

namespace facepipe::http {

using Deadline = std::chrono::steady_clock::time_point;

// What a client's TLS connections share: the trusted certificates and the protocol's limits. kInternal if OpenSSL
// cannot be set up; kInvalidArgument for an SSL_CERT_FILE that is no file.
[[nodiscard]] Result<std::unique_ptr<boost::asio::ssl::context>> make_client_context();

// Not thread-safe. Nothing runs but in its calls. Errors: kUnavailable with the system's words, kTimeout.
class Connection {
 public:
  // Looks the name up and tries its addresses in turn, each with its share of the time that is left; with `tls`, which
  // outlives the connection, shakes hands as well. kPermission: the certificate is not trusted or is another host's,
  // said why; or not the one of `certificate_sha256`, where that is not empty. kInvalidData: the peer does not speak
  // TLS 1.2 or later.
  [[nodiscard]] static Result<std::unique_ptr<Connection>> open(const Url& origin, boost::asio::ssl::context* tls,
                                                                Deadline deadline,
                                                                std::string_view certificate_sha256 = {});
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  // `wire` goes out during the calls of receive(), and stays alive until it has or the connection ends.
  void begin(std::string_view wire);
  [[nodiscard]] bool sent() const { return rest_.empty(); }
  // What comes next, valid until the next call; empty when the peer has closed in order.
  [[nodiscard]] Result<std::string_view> receive(Deadline deadline);
  // Whether a kept connection can take a request: the peer has neither closed it nor sent anything unasked.
  [[nodiscard]] bool reusable();

 private:
  using Endpoint = boost::asio::ip::tcp::endpoint;
  using ClientStream = Stream<boost::asio::io_context::executor_type>;
  explicit Connection(boost::asio::ssl::context* tls) : stream_(ClientStream::Socket(io_), tls) {}
  [[nodiscard]] Status connect(const std::vector<Endpoint>& endpoints, Deadline deadline);
  [[nodiscard]] Status shake_hands(const std::string& host, Deadline deadline, std::string_view certificate_sha256);
  [[nodiscard]] bool run_until(const bool& done, Deadline deadline);
  void write_some();
  void read_some();

  boost::asio::io_context io_{1};
  ClientStream stream_;
  std::string_view rest_;  // not yet sent
  bool shaken_ = false;
  bool reading_ = false;
  bool received_ = false;  // a read is done, and receive() has not told
  boost::system::error_code read_error_;
  std::size_t read_size_ = 0;
  std::array<char, 16'384> buffer_{};  // one TLS record
};

}  // namespace facepipe::http
