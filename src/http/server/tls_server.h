// The server's certificate and key: internal to the module, shows Boost.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <memory>

#include "base/result.h"
#include "http/server/server.h"

namespace facepipe::http {

// TLS 1.2 or later. kNotFound, kInvalidData naming the file that is not there or holds no PEM; kPermission for a key
// file that everybody may read; kInvalidArgument for a key that does not fit the certificate.
[[nodiscard]] Result<std::unique_ptr<boost::asio::ssl::context>> make_server_context(const TlsFiles& files);

}  // namespace facepipe::http
