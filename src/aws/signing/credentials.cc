// Tested by credentials_test.cc.
#include "aws/signing/credentials.h"

#include <string_view>

namespace facepipe::aws {

Result<std::optional<Credentials>> complete_credentials(const Credentials& credentials) {
  const bool has_key = !credentials.access_key_id.empty();
  const bool has_secret = !credentials.secret_access_key.empty();
  if (has_key != has_secret) {
    return Error{ErrorCode::kInvalidArgument, has_key ? "AWS_SECRET_ACCESS_KEY is not set, but AWS_ACCESS_KEY_ID is"
                                                      : "AWS_ACCESS_KEY_ID is not set, but AWS_SECRET_ACCESS_KEY is"};
  }
  return has_key ? std::optional(credentials) : std::nullopt;
}

Result<std::optional<Credentials>> credentials_from_environment(const char* const* environ_block) {
  Credentials credentials;
  for (; environ_block != nullptr && *environ_block != nullptr; ++environ_block) {
    const std::string_view entry(*environ_block);
    const std::string_view name = entry.substr(0, entry.find('='));
    const std::string_view value = name.size() < entry.size() ? entry.substr(name.size() + 1) : std::string_view{};
    if (name == "AWS_ACCESS_KEY_ID") {
      credentials.access_key_id = value;
    } else if (name == "AWS_SECRET_ACCESS_KEY") {
      credentials.secret_access_key = value;
    } else if (name == "AWS_SESSION_TOKEN") {
      credentials.session_token = value;
    }
  }
  return complete_credentials(credentials);
}

}  // namespace facepipe::aws
