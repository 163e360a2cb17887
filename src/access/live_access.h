// The access file of a running server, followed as the token commands change it.
#pragma once

#include <atomic>
#include <filesystem>
#include <memory>

#include "access/access_file.h"
#include "base/live_file.h"
#include "base/log.h"
#include "base/result.h"

namespace facepipe::access {

// Who shows the run token.
inline constexpr std::string_view kRunHolder = "command line";

// Who shows a token.
struct TokenHolder {
  std::string id;    // TokenRecord's; empty: of the run token
  std::string name;  // TokenRecord's, may be empty; kRunHolder
  Role role = Role::kFrames;
};

// Thread-safe. The logger outlives it. Closed once is closed for good: where a token (or key) was demanded, one is
// demanded until the server ends, even if the file loses its last token or disappears. A change counts from the next
// question on (LiveFile says how late at worst: 50 ms). While the file is known to have changed and cannot be loaded,
// nothing of what it said before holds, since it may have been revoked: nobody has a valid token or key, and both are
// demanded. It is tried again as LiveFile does, and logged once.
class LiveAccess {
 public:
  // `fixed_key`: one more SQS key, of the environment. Errors as load_access.
  [[nodiscard]] static Result<std::unique_ptr<LiveAccess>> open(const std::filesystem::path& file,
                                                                std::optional<SqsKeyRecord> fixed_key, Logger& logger);

  // False: the file has changed and cannot be loaded. Who asks should be told to come again, not that a token is bad.
  [[nodiscard]] bool known();

  [[nodiscard]] bool token_required();
  // Whose token it is; nobody's: nothing. Compares with every token, in constant time.
  [[nodiscard]] std::optional<TokenHolder> holder_of(std::string_view token);
  // The same of a token that was shown before, by its digest: nothing, once it is revoked.
  [[nodiscard]] std::optional<TokenHolder> holder_of_digest(std::string_view digest);
  // One more token, which the file does not have and which may do everything: of who can read the data folder while
  // this server runs. Before the first question.
  void add_run_token(std::string_view token) { run_token_digest_ = token_digest(token); }

  [[nodiscard]] bool sqs_key_required();
  // The secret of an access key, if there is such a key.
  [[nodiscard]] std::optional<std::string> sqs_secret(std::string_view access_key_id);

 private:
  explicit LiveAccess(std::optional<SqsKeyRecord> fixed_key) : fixed_key_(std::move(fixed_key)) {}
  // Null while it is not known.
  [[nodiscard]] std::shared_ptr<const AccessData> now();

  const std::optional<SqsKeyRecord> fixed_key_;
  std::string run_token_digest_;  // empty: there is none
  std::unique_ptr<LiveFile<AccessData>> file_;
  std::atomic<bool> token_required_ = false;
  std::atomic<bool> sqs_key_required_ = false;
};

}  // namespace facepipe::access
