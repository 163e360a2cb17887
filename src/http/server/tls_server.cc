// Tested by server_tls_test.cc.
#include "http/server/tls_server.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/stat.h>

#include "base/file.h"

namespace facepipe::http {
namespace {

namespace ssl = boost::asio::ssl;

Status check_readable(const std::filesystem::path& file, bool secret) {
  FACEPIPE_TRY(check_is_file(file));  // OpenSSL would wait for what a pipe brings
  if (secret && (version_of(file).mode & S_IRWXO) != 0) {
    return Error{ErrorCode::kPermission,
                 file.string() + ": expected a TLS key that not everybody can read (chmod 600 " + file.string() + ")"};
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<ssl::context>> make_server_context(const TlsFiles& files) {
  FACEPIPE_TRY(check_readable(files.certificate, false));
  FACEPIPE_TRY(check_readable(files.key, true));
  auto context = std::make_unique<ssl::context>(ssl::context::tls_server);
  SSL_CTX* const handle = context->native_handle();
  SSL_CTX_set_min_proto_version(handle, TLS1_2_VERSION);
  SSL_CTX_set_options(handle, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_NO_COMPRESSION);
  boost::system::error_code ec;
  context->use_certificate_chain_file(files.certificate.string(), ec);
  if (ec) {
    return Error{ErrorCode::kInvalidData, files.certificate.string() + ": expected a certificate in PEM"};
  }
  // Asked for without a password: a key that has one is not to be read by a service.
  context->set_password_callback([](std::size_t, ssl::context::password_purpose) { return std::string(); }, ec);
  context->use_private_key_file(files.key.string(), ssl::context::pem, ec);
  const bool is_pem = !ec || ERR_GET_REASON(static_cast<unsigned long>(ec.value())) == X509_R_KEY_VALUES_MISMATCH;
  if (!is_pem) {
    return Error{ErrorCode::kInvalidData, files.key.string() + ": expected a private key in PEM without a password"};
  }
  if (ec || SSL_CTX_check_private_key(handle) != 1) {
    ERR_clear_error();
    return Error{ErrorCode::kInvalidArgument, "the TLS key " + files.key.string() +
                                                  " does not belong to the certificate " + files.certificate.string()};
  }
  return context;
}

}  // namespace facepipe::http
