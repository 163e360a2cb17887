// TLS against a server whose certificates are made here, by OpenSSL.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>

#include "http/certificate.h"
#include "http/client.h"
#include "http/test_identity.h"
#include "http/test_socket.h"

namespace facepipe::http {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;
using testing::Identity;
using testing::make_identity;
using testing::ScriptedPeer;
using testing::TestSocket;

constexpr std::chrono::minutes kPatience{1};

// One TLS connection of the test server: reads requests and answers "HTTP/1.1 200" until the client is gone.
struct TlsScript {
  const Identity& identity;
  int max_version = TLS1_3_VERSION;
  std::size_t body_bytes = 0;  // of each request
  bool cut = false;            // ends the TCP connection without ending TLS, within the answer

  void operator()(int /*index*/, TestSocket& socket) const {
    const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free);
    SSL_CTX_set_security_level(context.get(), 0);
    SSL_CTX_set_min_proto_version(context.get(), TLS1_VERSION);
    SSL_CTX_set_max_proto_version(context.get(), max_version);
    SSL_CTX_use_certificate(context.get(), identity.certificate.get());
    SSL_CTX_use_PrivateKey(context.get(), identity.key.get());
    const std::unique_ptr<SSL, decltype(&SSL_free)> ssl(SSL_new(context.get()), &SSL_free);
    SSL_set_fd(ssl.get(), socket.descriptor());
    if (SSL_accept(ssl.get()) == 1) {
      while (answer(ssl.get())) {
      }
      if (!cut) {
        SSL_shutdown(ssl.get());
      }
    }
    ERR_clear_error();
  }
  bool answer(SSL* ssl) const {
    std::string request;
    std::array<char, 16'384> buffer{};
    std::size_t end = std::string::npos;
    while ((end = request.find("\r\n\r\n")) == std::string::npos || request.size() < end + 4 + body_bytes) {
      const int count = SSL_read(ssl, buffer.data(), static_cast<int>(buffer.size()));
      if (count <= 0) {
        return false;
      }
      request.append(buffer.data(), static_cast<std::size_t>(count));
    }
    const std::string body = std::string(50'000, 'y') + std::to_string(request.size() - end - 4);
    const std::string text =
        cut ? "HTTP/1.1 200 OK\r\n\r\nhalf"
            : "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    return SSL_write(ssl, text.data(), static_cast<int>(text.size())) > 0 && !cut;
  }
};

class ClientTls : public ::testing::Test {
 protected:
  void trust(const Identity& identity) {
    file_ = std::filesystem::path(::testing::TempDir()) / ("client_tls_test." + std::to_string(::getpid()) + ".pem");
    const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new_file(file_.c_str(), "w"), &BIO_free);
    ASSERT_EQ(PEM_write_bio_X509(out.get(), identity.certificate.get()), 1);
    ::setenv("SSL_CERT_FILE", file_.c_str(), 1);
  }
  void SetUp() override { std::signal(SIGPIPE, SIG_IGN); }  // the peer's, which may write while the client closes
  void TearDown() override {
    ::unsetenv("SSL_CERT_FILE");
    std::filesystem::remove(file_);
  }
  static Client client(std::uint16_t port, const std::string& host = "localhost") {
    return {Url{true, host, port, "/"}, ClientOptions{kPatience, kPatience, 1'000'000}};
  }
  std::filesystem::path file_;
};

TEST_F(ClientTls, SendsLargeRequestsOverOneConnectionInBothVersions) {
  const Identity identity = make_identity("DNS:localhost,IP:127.0.0.1", 86'400);
  trust(identity);
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    for (const char* host : {"localhost", "127.0.0.1"}) {
      const ScriptedPeer peer(1, TlsScript{identity, version, 3'000'000, false});
      Client tls = client(peer.port(), host);
      for (int i = 0; i < 3; ++i) {
        const auto response = tls.send({"POST", "/", {}, std::string(3'000'000, 'x'), {}});
        ASSERT_TRUE(response) << response.error().message;
        EXPECT_EQ(response->body, std::string(50'000, 'y') + "3000000");
      }
    }
  }
}

TEST_F(ClientTls, RefusesCertificatesItCannotTrust) {
  const Identity trusted = make_identity("DNS:localhost", 86'400);
  const Identity unknown = make_identity("DNS:localhost", 86'400);
  const Identity other_host = make_identity("DNS:example.com,IP:10.0.0.1", 86'400);
  const Identity expired = make_identity("DNS:localhost", -3'600);
  const struct {
    const Identity& served;
    const Identity& trusted;
    const char* host;
    const char* why;
  } cases[] = {{unknown, trusted, "localhost", "self-signed"},
               {other_host, other_host, "localhost", "hostname mismatch"},
               {other_host, other_host, "127.0.0.1", "IP address mismatch"},
               {expired, expired, "localhost", "expired"}};
  for (const auto& test : cases) {
    trust(test.trusted);
    const ScriptedPeer peer(1, TlsScript{test.served});
    const auto response = client(peer.port(), test.host).send({});
    ASSERT_FALSE(response) << test.why;
    EXPECT_EQ(response.error().code, ErrorCode::kPermission);
    EXPECT_THAT(response.error().message, HasSubstr("the server's certificate is not accepted"));
    EXPECT_THAT(response.error().message, HasSubstr(test.why));
  }
}

TEST_F(ClientTls, TakesTheOneCertificateThatIsNamedWhateverItSays) {
  const Identity trusted = make_identity("DNS:localhost,IP:127.0.0.1", 86'400);
  const Identity named = make_identity("DNS:camera.example", -3'600);
  trust(trusted);
  ClientOptions options{kPatience, kPatience, 1'000'000};
  options.certificate_sha256 = sha256_of(*named.certificate);
  {
    const ScriptedPeer peer(1, TlsScript{named});
    const auto response = Client(Url{true, "127.0.0.1", peer.port(), "/"}, options).send({});
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(response->status, 200);
  }
  const ScriptedPeer peer(1, TlsScript{trusted});
  const auto response = Client(Url{true, "127.0.0.1", peer.port(), "/"}, options).send({});
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, ErrorCode::kPermission);
  EXPECT_THAT(response.error().message, HasSubstr("not the one that was expected"));
}

TEST_F(ClientTls, RefusesOldProtocolsAndPlainHttp) {
  const Identity identity = make_identity("DNS:localhost", 86'400);
  trust(identity);
  {
    const ScriptedPeer peer(1, TlsScript{identity, TLS1_1_VERSION});
    const auto response = client(peer.port()).send({});
    ASSERT_FALSE(response);
    EXPECT_EQ(response.error().code, ErrorCode::kInvalidData) << response.error().message;
  }
  const ScriptedPeer peer(1, [](int, TestSocket& socket) {
    socket.send("HTTP/1.1 400 Bad Request\r\n\r\n");
    (void)socket.read_to_end();  // closing with unread bytes would reset the connection
  });
  const auto response = client(peer.port()).send({});
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, ErrorCode::kInvalidData) << response.error().message;
  EXPECT_THAT(response.error().message, HasSubstr("the TLS handshake failed"));
}

TEST_F(ClientTls, NoticesAnAnswerThatIsCutShort) {
  const Identity identity = make_identity("DNS:localhost", 86'400);
  trust(identity);
  const ScriptedPeer peer(1, TlsScript{identity, TLS1_3_VERSION, 0, true});
  const auto response = client(peer.port()).send({});
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(response.error().message, HasSubstr("without ending TLS"));
}

TEST_F(ClientTls, TimesOutOnAPeerThatSaysNothing) {
  const ScriptedPeer peer(1, [](int, TestSocket& socket) { (void)socket.read_to_end(); });
  Client tls(Url{true, "localhost", peer.port(), "/"}, ClientOptions{milliseconds(150), kPatience, 1'000});
  const auto response = tls.send({});
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, ErrorCode::kTimeout);
}

}  // namespace
}  // namespace facepipe::http
