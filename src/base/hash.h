// Digests, by OpenSSL's libcrypto.
#pragma once

#include <string>

#include "base/bytes.h"

namespace facepipe {

// Lower-case hexadecimal, 64 characters.
[[nodiscard]] std::string sha256_hex(ByteView bytes);
// Lower-case hexadecimal, 32 characters. SQS returns MD5 digests of message bodies; never used for security.
[[nodiscard]] std::string md5_hex(ByteView bytes);

}  // namespace facepipe
