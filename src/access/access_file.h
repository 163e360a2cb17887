// Who may use a server: the file access.json of the data folder. Format: docs/formats/access.md
#pragma once

#include <array>
#include <filesystem>
#include <functional>
#include <vector>

#include "base/result.h"

namespace facepipe::access {

// What who shows a token may do.
enum class Role {
  kFrames,  // send frames, and nothing else
  kRead,    // read what is kept, and nothing else
  kManage,  // everything
};
inline constexpr std::array<std::string_view, 3> kRoleNames = {"frames", "read", "manage"};
[[nodiscard]] std::string_view role_name(Role role);
[[nodiscard]] std::optional<Role> parse_role(std::string_view name);
// Whether `has` may do what is for `needed`.
[[nodiscard]] constexpr bool allows(Role has, Role needed) {
  return has == needed || has == Role::kManage;
}

// A token of the frame port. The token itself is not kept.
struct TokenRecord {
  std::string id;       // 8 hexadecimal characters
  std::string name;     // whatever the user calls it; may be empty
  std::string digest;   // token_digest
  std::string created;  // "2026-01-02T03:04:05.678Z"
  Role role = Role::kFrames;
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

// --- Random secrets (base/id.h).
// What a client of the frame port shows: "fpt_" and 43 characters of base64url, 256 random bits.
[[nodiscard]] std::string new_token();
// What is kept of a token: its SHA-256 in hexadecimal. A plain digest is enough because a token is 122 random bits and
// more: unlike a password it cannot be found by trying likely ones, which is what slow, salted hashes are for.
[[nodiscard]] std::string token_digest(std::string_view token);
// 8 hexadecimal characters, random: the name by which a token is listed and revoked. Tells nothing of the token.
[[nodiscard]] std::string new_token_id();

// An access key of the SQS port in the form of Amazon's: "FPKA" and 16 of A-Z and 2-7; a secret of 256 random bits as
// 43 characters of base64url.
struct KeyPair {
  std::string id;
  std::string secret;
};
[[nodiscard]] KeyPair new_key_pair();

}  // namespace facepipe::access
