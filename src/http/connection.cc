// Sources: RFC 9110, section 4.3.4 (whose certificate is accepted). Tested through client_test.cc, client_tls_test.cc.
#include "http/connection.h"

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cstdlib>
#include <future>
#include <system_error>
#include <thread>

#include "base/file.h"
#include "http/certificate.h"

namespace facepipe::http {
namespace {

namespace net = boost::asio;
using boost::system::error_code;
using net::ip::tcp;
using std::chrono::steady_clock;
using Endpoints = std::vector<tcp::endpoint>;

Error unavailable(const char* what, error_code ec) {
  return Error{ErrorCode::kUnavailable, std::string(what) + ": " + ec.message()};
}

Result<Endpoints> look_up(const std::string& host, std::uint16_t port) try {
  net::io_context io;
  error_code ec;
  const auto found = tcp::resolver(io).resolve(host, std::to_string(port), tcp::resolver::numeric_service, ec);
  return ec ? Result<Endpoints>(unavailable("no such host", ec)) : Endpoints(found.begin(), found.end());
} catch (const std::exception&) {
  return Error{ErrorCode::kExhausted, "no memory or descriptor to look up the host name"};
}

// A look-up cannot be interrupted, so it runs on a thread that is left alone when time is up.
Result<Endpoints> resolve(const std::string& host, std::uint16_t port, Deadline deadline) {
  error_code ec;
  if (const auto address = net::ip::make_address(host, ec); !ec) {
    return Endpoints{tcp::endpoint(address, port)};
  }
  const auto promise = std::make_shared<std::promise<Result<Endpoints>>>();
  std::future<Result<Endpoints>> answer = promise->get_future();
  try {
    std::thread([promise, host, port] { promise->set_value(look_up(host, port)); }).detach();
  } catch (const std::system_error&) {
    return Error{ErrorCode::kExhausted, "no thread to look up the host name on"};
  }
  if (answer.wait_until(deadline) != std::future_status::ready) {
    return Error{ErrorCode::kTimeout, "looking up the host name took too long"};
  }
  return answer.get();
}

// Whose certificate is expected, and which one is asked for.
bool expect_host(SSL* ssl, const std::string& host) {
  X509_VERIFY_PARAM* const rules = SSL_get0_param(ssl);
  error_code ec;
  if (net::ip::make_address(host, ec); !ec) {
    return X509_VERIFY_PARAM_set1_ip_asc(rules, host.c_str()) == 1;
  }
  X509_VERIFY_PARAM_set_hostflags(rules, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return X509_VERIFY_PARAM_set1_host(rules, host.c_str(), host.size()) == 1 &&
         // SSL_set_tlsext_host_name without its macro's C cast.
         SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                  const_cast<char*>(host.c_str())) == 1;  // NOLINT(cppcoreguidelines-pro-type-const-cast)
}

std::string peer_certificate_sha256(const SSL* ssl) {
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(SSL_get1_peer_certificate(ssl), &X509_free);
  return certificate == nullptr ? std::string() : sha256_of(*certificate);
}

}  // namespace

Result<std::unique_ptr<net::ssl::context>> make_client_context() try {
  // The file of authorities that the user named for OpenSSL, which opens it itself and would wait for what a pipe
  // brings. One that is not there is none, for OpenSSL.
  const char* const file = std::getenv(X509_get_default_cert_file_env());  // NOLINT(concurrency-mt-unsafe): as OpenSSL
  if (const Status kind = file == nullptr ? Status() : check_is_file(file);
      !kind && kind.error().code == ErrorCode::kInvalidArgument) {
    return kind.error().with_context(X509_get_default_cert_file_env());
  }
  auto context = std::make_unique<net::ssl::context>(net::ssl::context::tls_client);
  context->set_default_verify_paths();  // honours SSL_CERT_FILE and SSL_CERT_DIR
  context->set_verify_mode(net::ssl::verify_peer);
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
  SSL_CTX_set_options(context->native_handle(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  return context;
} catch (const boost::system::system_error& error) {
  return Error{ErrorCode::kInternal, "cannot set up TLS: " + error.code().message()};
}

Result<std::unique_ptr<Connection>> Connection::open(const Url& origin, net::ssl::context* tls, Deadline deadline,
                                                     std::string_view certificate_sha256) try {
  FACEPIPE_ASSIGN(const Endpoints endpoints, resolve(origin.host, origin.port, deadline));
  std::unique_ptr<Connection> connection(new Connection(tls));
  FACEPIPE_TRY(connection->connect(endpoints, deadline));
  if (tls != nullptr) {
    FACEPIPE_TRY(connection->shake_hands(origin.host, deadline, certificate_sha256));
  }
  return connection;
} catch (const boost::system::system_error& error) {  // no descriptor to wait with, or no memory for TLS
  return Error{ErrorCode::kExhausted, "cannot open a connection: " + error.code().message()};
}

Connection::~Connection() {
  if (shaken_ && rest_.empty()) {  // a courtesy: it goes out at once or not at all
    stream_.async_shutdown([](error_code) {});
    io_.restart();
    io_.poll();
  }
}

Status Connection::connect(const std::vector<Endpoint>& endpoints, Deadline deadline) {
  Error last{ErrorCode::kTimeout, "connecting took too long"};
  for (std::size_t i = 0; i < endpoints.size(); ++i) {
    const auto now = steady_clock::now();
    const auto share = std::max(deadline - now, steady_clock::duration{}) / static_cast<int>(endpoints.size() - i);
    error_code ec;
    bool done = false;
    stream_.socket().async_connect(endpoints[i], [&ec, &done](error_code result) {
      ec = result;
      done = true;
    });
    const bool in_time = run_until(done, now + share);
    if (in_time && !ec) {
      stream_.socket().set_option(tcp::no_delay(true), ec);
      return {};
    }
    last = in_time ? unavailable("cannot connect", ec) : Error{ErrorCode::kTimeout, "connecting took too long"};
    stream_.socket().close(ec);
    io_.restart();
    io_.poll();  // the handler refers to this turn's variables
  }
  return last;
}

Status Connection::shake_hands(const std::string& host, Deadline deadline, std::string_view certificate_sha256) {
  if (!expect_host(stream_.tls(), host)) {
    return Error{ErrorCode::kInvalidArgument, "not a host name that TLS can verify"};
  }
  if (!certificate_sha256.empty()) {
    SSL_set_verify(stream_.tls(), SSL_VERIFY_NONE, nullptr);  // by what is asked below alone
  }
  error_code ec;
  stream_.async_handshake(net::ssl::stream_base::client, [this, &ec](error_code result) {
    ec = result;
    shaken_ = true;
  });
  const bool in_time = run_until(shaken_, deadline);
  shaken_ = in_time && !ec;
  if (shaken_ && !certificate_sha256.empty() && peer_certificate_sha256(stream_.tls()) != certificate_sha256) {
    return Error{ErrorCode::kPermission, "the server's certificate is not the one that was expected"};
  }
  if (shaken_) {
    return {};
  }
  if (!in_time) {
    return Error{ErrorCode::kTimeout, "the TLS handshake took too long"};
  }
  if (const auto verified = SSL_get_verify_result(stream_.tls()); verified != X509_V_OK) {
    return Error{ErrorCode::kPermission,
                 "the server's certificate is not accepted: " + std::string(X509_verify_cert_error_string(verified))};
  }
  if (ec == net::error::eof || ec == net::ssl::error::stream_truncated) {
    return Error{ErrorCode::kUnavailable, "the peer closed the connection during the TLS handshake"};
  }
  const bool is_tls = ec.category() == net::error::get_ssl_category();
  return Error{is_tls ? ErrorCode::kInvalidData : ErrorCode::kUnavailable, "the TLS handshake failed: " + ec.message()};
}

bool Connection::run_until(const bool& done, Deadline deadline) {
  io_.restart();
  while (!done && io_.run_one_until(deadline) > 0) {
  }
  return done;
}

void Connection::begin(std::string_view wire) {
  rest_ = wire;
  write_some();
}

void Connection::write_some() {
  stream_.async_write_some(net::buffer(rest_), [this](error_code ec, std::size_t size) {
    rest_.remove_prefix(size);
    if (!ec && !rest_.empty()) {  // whether it failed, the next read tells, after an answer that had come before
      write_some();
    }
  });
}

void Connection::read_some() {
  reading_ = true;
  stream_.async_read_some(net::buffer(buffer_), [this](error_code ec, std::size_t size) {
    reading_ = false;
    received_ = true;
    read_error_ = ec;
    read_size_ = size;
  });
}

Result<std::string_view> Connection::receive(Deadline deadline) {
  if (!reading_ && !received_) {
    read_some();
  }
  if (!run_until(received_, deadline)) {
    return Error{ErrorCode::kTimeout, "the answer took too long"};
  }
  received_ = false;
  if (read_error_ == net::ssl::error::stream_truncated) {  // anyone on the way could have cut the answer short
    return Error{ErrorCode::kUnavailable, "the peer closed the connection without ending TLS"};
  }
  if (read_error_ && read_error_ != net::error::eof) {
    return unavailable("cannot receive", read_error_);
  }
  return std::string_view(buffer_.data(), read_error_ ? 0 : read_size_);
}

bool Connection::reusable() {
  if (!reading_ && !received_) {
    read_some();  // which goes on if nothing is there, and takes in what is no answer: TLS's session tickets
  }
  io_.restart();
  io_.poll();
  return reading_;
}

}  // namespace facepipe::http
