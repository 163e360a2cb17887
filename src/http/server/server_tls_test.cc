// The server's TLS with this project's own client; foreign clients are tried by tests/e2e/test_access.py.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "base/temporary_folder.h"
#include "http/client.h"
#include "http/connection.h"
#include "http/server/server.h"
#include "http/server/server_core.h"
#include "http/server/test_server.h"
#include "http/test_identity.h"
#include "http/test_socket.h"

namespace facepipe::http {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;
using testing::Identity;
using testing::make_identity;
using testing::TestSocket;
using testing::write_identity;

ClientOptions unhurried() {
  ClientOptions options;
  options.connect_timeout = options.request_timeout = testing::kPatience;
  return options;
}

class ServerTls : public ::testing::Test {
 protected:
  ServerTls() {
    write_identity(make_identity("DNS:localhost,IP:127.0.0.1", 3'600), certificate(), key());
    ::setenv("SSL_CERT_FILE", certificate().c_str(), 1);
  }
  ~ServerTls() override { ::unsetenv("SSL_CERT_FILE"); }
  [[nodiscard]] std::filesystem::path certificate() const { return folder_ / "a.pem"; }
  [[nodiscard]] std::filesystem::path key() const { return folder_ / "a.key"; }
  [[nodiscard]] ServerOptions options() const {
    ServerOptions options;
    options.tls = TlsFiles{certificate(), key()};
    return options;
  }
  static Result<std::unique_ptr<Server>> start(const ServerOptions& options) {
    return Server::start(
        options,
        [](const Request& request, Responder respond) {
          respond(make_response(200, "text/plain", std::to_string(request.body.size()) + std::string(100'000, 'y')));
        },
        null_logger());
  }
  static std::string refusal(const ServerOptions& options) {
    const auto started = start(options);
    EXPECT_FALSE(started);
    return started ? "" : started.error().message;
  }
  const TemporaryFolder folder_;
};

TEST_F(ServerTls, ManyRequestsOnOneConnection) {
  const auto server = start(options());
  ASSERT_TRUE(server) << server.error().message;
  Client client({true, "localhost", (*server)->port(), "/"}, unhurried());
  for (const std::size_t size : {0U, 1U, 16'383U, 16'384U, 16'385U, 1'000'000U}) {
    Request request;
    request.method = "POST";
    request.body = std::string(size, 'x');
    const auto response = client.send(request);
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(response->status, 200);
    EXPECT_EQ(response->body, std::to_string(size) + std::string(100'000, 'y'));
  }
  (*server)->stop(milliseconds(1'000));
}

TEST_F(ServerTls, ItsCertificateIsKnownByItsDigest) {
  write_identity(make_identity("DNS:camera.example", 3'600), folder_ / "c.pem", folder_ / "c.key");
  ServerOptions elsewhere = options();
  elsewhere.tls = TlsFiles{folder_ / "c.pem", folder_ / "c.key"};
  const auto server = start(elsewhere);
  ASSERT_TRUE(server) << server.error().message;
  ClientOptions client = unhurried();
  client.certificate_sha256 = (*server)->certificate_sha256();
  EXPECT_EQ(client.certificate_sha256.size(), 64U);
  EXPECT_TRUE(Client({true, "127.0.0.1", (*server)->port(), "/"}, client).send({}));
  const auto other = start(options());
  ASSERT_TRUE(other);
  EXPECT_EQ(Client({true, "127.0.0.1", (*other)->port(), "/"}, client).send({}).error().code, ErrorCode::kPermission);
  const auto plain = start({});
  ASSERT_TRUE(plain);
  EXPECT_EQ((*plain)->certificate_sha256(), "");
}

TEST_F(ServerTls, AStreamedAnswer) {
  const auto server = Server::start(
      options(),
      [](const Request&, Responder respond) {
        StreamWriter out = std::move(respond).stream(make_response(200, "text/plain", ""), {});
        for (int i = 0; i < 100; ++i) {
          EXPECT_EQ(out.write(std::string(500, 'z')), Written::kTaken) << i;
        }
      },
      null_logger());
  ASSERT_TRUE(server) << server.error().message;
  Client client({true, "127.0.0.1", (*server)->port(), "/"}, unhurried());
  for (int i = 0; i < 2; ++i) {
    const auto response = client.send({});
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(response->body, std::string(50'000, 'z'));
  }
}

TEST_F(ServerTls, WhatIsNoHandshakeIsClosedAndCountsMeanwhile) {
  ServerOptions limited = options();
  limited.header_timeout = milliseconds(200);
  limited.max_connections = 1;
  const auto server = start(limited);
  ASSERT_TRUE(server);
  const TestSocket plain = TestSocket::connect((*server)->port());
  ASSERT_TRUE(plain.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
  EXPECT_THAT(plain.read_to_end(), Not(HasSubstr("HTTP/1.1 200")));
  const TestSocket silent = TestSocket::connect((*server)->port());
  ASSERT_TRUE(silent.send("\x16\x03"));
  EXPECT_EQ(silent.read_to_end(), "");  // after header_timeout
}

TEST_F(ServerTls, WhatIsNoFileIsRefusedAtOnce) {
  const std::filesystem::path pipe = certificate().parent_path() / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  const std::string expected = "expected a file, found a named pipe: " + pipe.string();
  EXPECT_EQ(make_server_context({pipe, key()}).error().message, expected);
  EXPECT_EQ(make_server_context({certificate(), pipe}).error().message, expected);
  ::setenv("SSL_CERT_FILE", pipe.c_str(), 1);
  const auto client = make_client_context();
  ASSERT_FALSE(client);
  EXPECT_EQ(client.error().message, "SSL_CERT_FILE: " + expected);
}

TEST_F(ServerTls, FilesThatDoNotFitAreNamed) {
  const std::filesystem::path other_key = folder_ / "b.key";
  write_identity(make_identity("DNS:localhost", 3'600), folder_ / "b.pem", other_key);
  ServerOptions wrong = options();
  wrong.tls->key = other_key;
  EXPECT_THAT(refusal(wrong), HasSubstr("does not belong to the certificate"));
  wrong.tls->key = folder_ / "nothing.key";
  EXPECT_THAT(refusal(wrong), HasSubstr("nothing.key"));
  const std::filesystem::path text = folder_ / "text.key";
  std::ofstream(text) << "no key";
  std::filesystem::permissions(text, std::filesystem::perms::owner_read);
  wrong.tls->key = text;
  EXPECT_THAT(refusal(wrong), HasSubstr("expected a private key in PEM"));
  wrong = options();
  wrong.tls->certificate = text;
  EXPECT_THAT(refusal(wrong), HasSubstr("expected a certificate in PEM"));
  std::filesystem::permissions(key(), std::filesystem::perms::others_read, std::filesystem::perm_options::add);
  EXPECT_THAT(refusal(options()), HasSubstr("chmod 600"));
}

}  // namespace
}  // namespace facepipe::http
