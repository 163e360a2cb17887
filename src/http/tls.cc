// TLS by OpenSSL over memory BIOs: OpenSSL never touches the socket, so that every wait has our deadline and no write
// raises SIGPIPE. Tested by client_tls_test.cc.
#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>
#include <cstdlib>
#include <string>

#include "base/file.h"
#include "http/connection.h"

namespace facepipe::http {
namespace {

constexpr std::size_t kRecordBytes = 16'384;  // the most that one TLS record holds

struct FreeContext {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
struct FreeSsl {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};
using SslPtr = std::unique_ptr<SSL, FreeSsl>;

// The first reason in OpenSSL's queue, which is emptied.
std::string take_reason() {
  const unsigned long code = ERR_get_error();  // NOLINT(google-runtime-int): OpenSSL's type
  ERR_clear_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason == nullptr ? "unknown reason" : reason;
}

class TlsConnection final : public Connection {
 public:
  TlsConnection(SslPtr ssl, Socket socket) : ssl_(std::move(ssl)), socket_(std::move(socket)) {}
  TlsConnection(const TlsConnection&) = delete;
  TlsConnection& operator=(const TlsConnection&) = delete;
  ~TlsConnection() override {
    if (shaken_) {
      SSL_shutdown(ssl_.get());
      take_outgoing();
      [[maybe_unused]] const auto sent = socket_.send_some(outgoing_);  // a courtesy
    }
    ERR_clear_error();
  }

  Status shake_hands(Deadline deadline) {
    while (true) {
      ERR_clear_error();
      const int code = SSL_do_handshake(ssl_.get());
      const int reason = SSL_get_error(ssl_.get(), code);
      FACEPIPE_TRY(flush(deadline));
      if (code == 1) {
        shaken_ = true;
        return {};
      }
      if (reason != SSL_ERROR_WANT_READ) {
        return handshake_error();
      }
      FACEPIPE_ASSIGN(const std::size_t count, feed(deadline));
      if (count == 0) {
        return Error{ErrorCode::kUnavailable, "the peer closed the connection during the TLS handshake"};
      }
    }
  }

  void begin(std::string_view data) override { rest_ = data; }

  Result<bool> push(bool stop_for_input, Deadline deadline) override {
    while (true) {
      if (outgoing_.empty()) {
        if (rest_.empty()) {
          return true;
        }
        FACEPIPE_TRY(encrypt_some());
      }
      FACEPIPE_ASSIGN(const Socket::Ready ready, socket_.wait(stop_for_input, true, deadline));
      if (stop_for_input && ready.readable) {
        FACEPIPE_ASSIGN(const std::size_t count, feed(deadline));
        if (count == 0 || has_input()) {
          return false;
        }
        continue;
      }
      FACEPIPE_ASSIGN(const std::size_t sent, socket_.send_some(outgoing_));
      outgoing_.erase(0, sent);
    }
  }

  Result<std::size_t> receive(std::span<char> buffer, Deadline deadline) override {
    while (true) {
      std::size_t count = 0;
      ERR_clear_error();
      const int code = SSL_read_ex(ssl_.get(), buffer.data(), buffer.size(), &count);
      if (code == 1) {
        return count;
      }
      const int reason = SSL_get_error(ssl_.get(), code);
      if (reason == SSL_ERROR_ZERO_RETURN) {
        return std::size_t{0};
      }
      if (reason != SSL_ERROR_WANT_READ) {
        return Error{ErrorCode::kUnavailable, "TLS failed: " + take_reason()};
      }
      FACEPIPE_TRY(flush(deadline));
      FACEPIPE_ASSIGN(const std::size_t fed, feed(deadline));
      if (fed == 0) {  // not in order: anyone on the way could have cut the answer short
        return Error{ErrorCode::kUnavailable, "the peer closed the connection without ending TLS"};
      }
    }
  }

  bool reusable() override {
    while (!socket_.silent()) {
      // Waiting bytes may be a session ticket, which is no answer to anything.
      const auto fed = feed(std::chrono::steady_clock::now());
      if (!fed || *fed == 0 || has_input() || SSL_get_shutdown(ssl_.get()) != 0) {
        return false;
      }
    }
    return true;
  }

 private:
  // Encrypted bytes from the socket to OpenSSL; 0 when the peer has closed.
  Result<std::size_t> feed(Deadline deadline) {
    std::array<char, kRecordBytes> buffer{};
    FACEPIPE_ASSIGN(const std::size_t count, socket_.receive(buffer, deadline));
    if (count > 0 && BIO_write(SSL_get_rbio(ssl_.get()), buffer.data(), static_cast<int>(count)) <= 0) {
      return Error{ErrorCode::kExhausted, "no memory for TLS"};
    }
    return count;
  }
  // Whether there is an answer's byte; processes what else has been fed.
  bool has_input() {
    char byte = 0;
    std::size_t count = 0;
    ERR_clear_error();
    const bool some = SSL_peek_ex(ssl_.get(), &byte, 1, &count) == 1;
    take_outgoing();
    return some;
  }
  Status encrypt_some() {
    const std::string_view part = rest_.substr(0, kRecordBytes);
    std::size_t written = 0;
    ERR_clear_error();
    if (SSL_write_ex(ssl_.get(), part.data(), part.size(), &written) != 1) {
      return Error{ErrorCode::kUnavailable, "TLS failed: " + take_reason()};
    }
    rest_.remove_prefix(written);
    take_outgoing();
    return {};
  }
  // What OpenSSL wants sent, to `outgoing_`.
  void take_outgoing() {
    std::array<char, kRecordBytes> buffer{};
    int count = 0;
    while ((count = BIO_read(SSL_get_wbio(ssl_.get()), buffer.data(), static_cast<int>(buffer.size()))) > 0) {
      outgoing_.append(buffer.data(), static_cast<std::size_t>(count));
    }
  }
  Status flush(Deadline deadline) {
    take_outgoing();
    while (!outgoing_.empty()) {
      FACEPIPE_TRY(socket_.wait(false, true, deadline));
      FACEPIPE_ASSIGN(const std::size_t sent, socket_.send_some(outgoing_));
      outgoing_.erase(0, sent);
    }
    return {};
  }
  [[nodiscard]] Error handshake_error() const {
    if (const auto verified = SSL_get_verify_result(ssl_.get()); verified != X509_V_OK) {
      ERR_clear_error();
      return Error{ErrorCode::kPermission,
                   "the server's certificate is not accepted: " + std::string(X509_verify_cert_error_string(verified))};
    }
    return Error{ErrorCode::kInvalidData, "the TLS handshake failed: " + take_reason()};
  }

  SslPtr ssl_;
  Socket socket_;
  std::string_view rest_;  // not yet encrypted
  std::string outgoing_;   // encrypted, not yet sent
  bool shaken_ = false;
};

bool is_ip_address(const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  return ::inet_pton(AF_INET, host.c_str(), bytes.data()) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), bytes.data()) == 1;
}

class OpensslContext final : public TlsContext {
 public:
  explicit OpensslContext(std::unique_ptr<SSL_CTX, FreeContext> context) : context_(std::move(context)) {}

  Result<std::unique_ptr<Connection>> connect(Socket socket, const std::string& host, Deadline deadline) override {
    SslPtr ssl(SSL_new(context_.get()));
    BIO* const in = BIO_new(BIO_s_mem());
    BIO* const out = BIO_new(BIO_s_mem());
    if (ssl == nullptr || in == nullptr || out == nullptr) {
      BIO_free(in);
      BIO_free(out);
      return Error{ErrorCode::kExhausted, "no memory for TLS"};
    }
    BIO_set_mem_eof_return(in, -1);
    BIO_set_mem_eof_return(out, -1);
    SSL_set_bio(ssl.get(), in, out);
    SSL_set_connect_state(ssl.get());
    X509_VERIFY_PARAM* const rules = SSL_get0_param(ssl.get());
    bool named = false;
    if (is_ip_address(host)) {
      named = X509_VERIFY_PARAM_set1_ip_asc(rules, host.c_str()) == 1;
    } else {
      X509_VERIFY_PARAM_set_hostflags(rules, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
      named = X509_VERIFY_PARAM_set1_host(rules, host.c_str(), host.size()) == 1 &&
              // SSL_set_tlsext_host_name without its macro's C cast.
              SSL_ctrl(ssl.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                       const_cast<char*>(host.c_str())) == 1;  // NOLINT(cppcoreguidelines-pro-type-const-cast)
    }
    if (!named) {
      return Error{ErrorCode::kInvalidArgument, "not a host name that TLS can verify"};
    }
    auto connection = std::make_unique<TlsConnection>(std::move(ssl), std::move(socket));
    FACEPIPE_TRY(connection->shake_hands(deadline));
    return std::unique_ptr<Connection>(std::move(connection));
  }

 private:
  std::unique_ptr<SSL_CTX, FreeContext> context_;
};

// The file of authorities that the user named for OpenSSL, which opens it itself and would wait for what a pipe brings.
Status check_authorities() {
  const char* const file = std::getenv(X509_get_default_cert_file_env());  // NOLINT(concurrency-mt-unsafe): as OpenSSL
  if (file == nullptr) {
    return {};
  }
  const Status kind = check_is_file(file);
  // One that is not there is none, for OpenSSL.
  return !kind && kind.error().code == ErrorCode::kInvalidArgument
             ? Status(kind.error().with_context(X509_get_default_cert_file_env()))
             : Status();
}

}  // namespace

Result<std::unique_ptr<TlsContext>> TlsContext::create() {
  FACEPIPE_TRY(check_authorities());
  std::unique_ptr<SSL_CTX, FreeContext> context(SSL_CTX_new(TLS_client_method()));
  // SSL_CTX_set_default_verify_paths honours SSL_CERT_FILE and SSL_CERT_DIR.
  if (context == nullptr || SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) != 1 ||
      SSL_CTX_set_default_verify_paths(context.get()) != 1) {
    return Error{ErrorCode::kInternal, "cannot set up TLS: " + take_reason()};
  }
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  return std::unique_ptr<TlsContext>(std::make_unique<OpensslContext>(std::move(context)));
}

}  // namespace facepipe::http
