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
  // Compares with every token, in constant time.
  [[nodiscard]] bool is_token(std::string_view token);

  [[nodiscard]] bool sqs_key_required();
  // The secret of an access key, if there is such a key.
  [[nodiscard]] std::optional<std::string> sqs_secret(std::string_view access_key_id);

 private:
  explicit LiveAccess(std::optional<SqsKeyRecord> fixed_key) : fixed_key_(std::move(fixed_key)) {}
  // Null while it is not known.
  [[nodiscard]] std::shared_ptr<const AccessData> now();

  const std::optional<SqsKeyRecord> fixed_key_;
  std::unique_ptr<LiveFile<AccessData>> file_;
  std::atomic<bool> token_required_ = false;
  std::atomic<bool> sqs_key_required_ = false;
};

}  // namespace facepipe::access
