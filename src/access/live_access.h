// The access file of a running server, followed as the token commands change it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "access/access_file.h"
#include "base/log.h"
#include "base/result.h"

namespace facepipe::access {

// Thread-safe. The logger outlives it. Closed once is closed for good: where a token (or key) was demanded, one is
// demanded until the server ends, even if the file loses its last token or disappears.
class LiveAccess {
 public:
  // `fixed_key`: one more SQS key, of the environment. Errors as load_access.
  [[nodiscard]] static Result<std::unique_ptr<LiveAccess>> open(std::filesystem::path file,
                                                                std::optional<SqsKeyRecord> fixed_key, Logger& logger);

  [[nodiscard]] bool token_required();
  // Compares with every token, in constant time.
  [[nodiscard]] bool is_token(std::string_view token);

  [[nodiscard]] bool sqs_key_required();
  // The secret of an access key, if there is such a key.
  [[nodiscard]] std::optional<std::string> sqs_secret(std::string_view access_key_id);

 private:
  struct Version {  // what tells one state of the file from another
    std::int64_t modified_ns = 0;
    std::uint64_t size = 0;
    std::uint64_t inode = 0;
    friend bool operator==(const Version&, const Version&) = default;
  };
  LiveAccess(std::filesystem::path file, std::optional<SqsKeyRecord> fixed_key, Logger& logger);
  [[nodiscard]] Version version_now() const;
  void take(AccessData data);
  void refresh();

  const std::filesystem::path file_;
  const std::optional<SqsKeyRecord> fixed_key_;
  Logger& logger_;
  std::mutex mutex_;
  Version version_;
  AccessData data_;
  bool token_required_ = false;
  bool sqs_key_required_ = false;
};

}  // namespace facepipe::access
