// Who may use a server: the file access.json of the data folder. Format: docs/formats/access.md
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace facepipe::access {

// A token of the frame port. The token itself is not kept.
struct TokenRecord {
  std::string id;       // 8 hexadecimal characters
  std::string name;     // whatever the user calls it; may be empty
  std::string digest;   // token_digest
  std::string created;  // "2026-01-02T03:04:05.678Z"
};

// An access key of the SQS port. Its secret is kept as it is: a signature cannot be checked without it.
struct SqsKeyRecord {
  std::string id;
  std::string secret;
  std::string name;
  std::string created;
};

struct AccessData {
  std::vector<TokenRecord> tokens;
  std::vector<SqsKeyRecord> sqs_keys;
};

inline constexpr std::string_view kAccessFileName = "access.json";
// More make no sense, and every request is compared with every token.
inline constexpr std::size_t kMaxRecords = 1'000;
inline constexpr std::size_t kMaxNameBytes = 200;

// kInvalidData saying what was expected where; never with a value of the text in it.
[[nodiscard]] Result<AccessData> parse_access(std::string_view json);
[[nodiscard]] std::string to_json(const AccessData& data);

// No file is no access data, empty. kPermission if it is readable by more than its owner, as ssh has it with keys;
// kInvalidData, kTooLarge (1 MiB), kUnavailable; all name the file.
[[nodiscard]] Result<AccessData> load_access(const std::filesystem::path& file);

// Loads the file, has `change` change it, writes it whole and for its owner alone. The folder is made if absent. Waits
// up to 10 s for others who do the same (flock on FILE.lock); kTimeout past it. Nothing is written where `change`
// fails.
[[nodiscard]] Status edit_access(const std::filesystem::path& file, const std::function<Status(AccessData&)>& change);

}  // namespace facepipe::access
