// A certificate by its digest: internal to http and http/server, shows OpenSSL.
#pragma once

#include <openssl/types.h>

#include <string>

namespace facepipe::http {

// The SHA-256 of its DER form, lower-case hexadecimal: `openssl x509 -fingerprint -sha256`. Empty without memory.
[[nodiscard]] std::string sha256_of(const X509& certificate);

}  // namespace facepipe::http
