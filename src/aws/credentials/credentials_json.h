// Credentials as JSON: what containers, instances and programs (credential_process) hand out.
#pragma once

#include <string_view>

#include "aws/signing/credentials.h"
#include "base/result.h"

namespace facepipe::aws {

enum class CredentialsFormat {
  kEndpoint,  // AccessKeyId, SecretAccessKey, Token, Expiration; "Code" is "Success" or absent
  kProcess,   // Version 1, AccessKeyId, SecretAccessKey, and optionally SessionToken, Expiration
};

// kInvalidData naming the field that is missing or of another type, never its value. Text past 64 KiB is refused.
[[nodiscard]] Result<Credentials> parse_credentials(std::string_view json, CredentialsFormat format);

}  // namespace facepipe::aws
