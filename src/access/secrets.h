// Random secrets and how they are compared. Random numbers are the operating system's, by OpenSSL.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace facepipe::access {

// What a client of the frame port shows: "fpt_" and 43 characters of base64url, 256 random bits. kUnavailable if the
// system has no randomness to give.
[[nodiscard]] Result<std::string> new_token();
// What is kept of a token: its SHA-256 in hexadecimal. A plain digest is enough because a token is 256 random bits:
// unlike a password it cannot be found by trying likely ones, which is what slow, salted hashes are for.
[[nodiscard]] std::string token_digest(std::string_view token);
// 8 hexadecimal characters, random: the name by which a token is listed and revoked. Tells nothing of the token.
[[nodiscard]] Result<std::string> new_token_id();

// An access key of the SQS port in the form of Amazon's: "FPKA" and 16 of A-Z and 2-7; a secret of 256 random bits as
// 43 characters of base64url.
struct KeyPair {
  std::string id;
  std::string secret;
};
[[nodiscard]] Result<KeyPair> new_key_pair();

// Whether both are the same. Its time depends on their lengths alone, never on where they differ.
[[nodiscard]] bool equal_in_constant_time(std::string_view a, std::string_view b);

}  // namespace facepipe::access
