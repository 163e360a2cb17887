// Tested by access_file_test.cc.
#include "access/access_file.h"

#include <sys/types.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>

#include "base/base64.h"
#include "base/bytes.h"
#include "base/file.h"
#include "base/file_lock.h"
#include "base/hash.h"
#include "base/hex.h"
#include "base/id.h"
#include "base/json_reader.h"
#include "base/json_writer.h"

namespace facepipe::access {
namespace {

constexpr std::size_t kMaxFileBytes = std::size_t{1} << 20U;
constexpr std::int64_t kVersion = 1;
constexpr mode_t kOthersMode = 077;  // what of a mode gives anything to anyone but the owner

Error expected(std::string_view what) {
  return Error{ErrorCode::kInvalidData, "expected " + std::string(what)};
}

Result<std::string> text_field(const JsonValue& object, std::string_view name, bool required) {
  const JsonValue value = object[name];
  if (value.type() == JsonType::kAbsent) {
    return required ? Result<std::string>(expected("a field \"" + std::string(name) + "\"")) : std::string();
  }
  const auto text = value.as_string();
  if (!text || (required && text->empty())) {
    return expected("a text in the field \"" + std::string(name) + "\"");
  }
  return std::string(*text);
}

Result<TokenRecord> to_token(const JsonValue& object) {
  constexpr std::size_t kDigestLength = 64;
  TokenRecord token;
  FACEPIPE_ASSIGN(token.id, text_field(object, "id", true));
  FACEPIPE_ASSIGN(token.name, text_field(object, "name", false));
  FACEPIPE_ASSIGN(token.digest, text_field(object, "sha256", true));
  FACEPIPE_ASSIGN(token.created, text_field(object, "created", false));
  if (!is_hex(token.digest, kDigestLength)) {
    return expected("64 hexadecimal characters in the field \"sha256\"");
  }
  if (object["role"].type() != JsonType::kAbsent) {  // releases up to 0.1 had none: they knew frames alone
    const auto role = parse_role(object["role"].as_string().value_or(""));
    if (!role) {
      return expected("frames, read or manage in the field \"role\"");
    }
    token.role = *role;
  }
  return token;
}

Result<SqsKeyRecord> to_key(const JsonValue& object) {
  SqsKeyRecord key;
  FACEPIPE_ASSIGN(key.id, text_field(object, "access_key_id", true));
  FACEPIPE_ASSIGN(key.secret, text_field(object, "secret_access_key", true));
  FACEPIPE_ASSIGN(key.name, text_field(object, "name", false));
  FACEPIPE_ASSIGN(key.created, text_field(object, "created", false));
  return key;
}

template <typename Record>
Status read_list(const JsonValue& list, std::vector<Record>& into, Result<Record> (*read)(const JsonValue&)) {
  const std::string quoted = "\"" + list.path() + "\"";
  if (list.type() != JsonType::kArray || list.size() > kMaxRecords) {
    return expected("a list of at most " + std::to_string(kMaxRecords) + " in the field " + quoted);
  }
  return list.each_item([&](const JsonValue& item) -> Status {
    if (!item.check_object()) {
      return expected("objects in the list " + quoted);
    }
    FACEPIPE_ASSIGN(Record record, read(item));
    into.push_back(std::move(record));
    return {};
  });
}

constexpr std::size_t kSecretBytes = 32;  // 256 bits
constexpr std::size_t kTokenIdBytes = 4;
constexpr std::size_t kKeyIdBytes = 10;  // 16 characters of base32

template <std::size_t kSize>
std::array<std::byte, kSize> random_bytes() {
  std::array<std::byte, kSize> bytes{};
  fill_random(bytes);
  return bytes;
}

// A key's id in base32 (RFC 4648), which has no rest: 5 bits a character.
std::string base32(const std::array<std::byte, kKeyIdBytes>& bytes) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  static_assert(kKeyIdBytes % 5 == 0);
  std::string text;
  std::uint32_t held = 0;
  unsigned held_bits = 0;
  for (const std::byte byte : bytes) {
    held = (held << 8U) | std::to_integer<std::uint32_t>(byte);
    for (held_bits += 8; held_bits >= 5;) {
      held_bits -= 5;
      text.push_back(kAlphabet[(held >> held_bits) & 31U]);
    }
  }
  return text;
}

}  // namespace

std::string_view role_name(Role role) {
  return kRoleNames.at(static_cast<std::size_t>(role));
}

std::optional<Role> parse_role(std::string_view name) {
  const auto* const found = std::find(kRoleNames.begin(), kRoleNames.end(), name);
  return found == kRoleNames.end() ? std::nullopt : std::optional(static_cast<Role>(found - kRoleNames.begin()));
}

Result<AccessData> parse_access(std::string_view json) {
  const auto document = JsonDocument::parse_object(json, {.max_bytes = kMaxFileBytes});
  if (!document) {
    return expected("a JSON object");
  }
  if ((*document)["version"].as_integer() != kVersion) {
    return expected("\"version\": " + std::to_string(kVersion));
  }
  AccessData data;
  FACEPIPE_TRY(read_list((*document)["tokens"], data.tokens, to_token));
  FACEPIPE_TRY(read_list((*document)["sqs_keys"], data.sqs_keys, to_key));
  return data;
}

std::string to_json(const AccessData& data) {
  JsonWriter json;
  json.begin_object().key("version").integer(kVersion).key("tokens").begin_array();
  for (const TokenRecord& token : data.tokens) {
    json.begin_object().key("id").string(token.id).key("name").string(token.name);
    json.key("sha256").string(token.digest).key("created").string(token.created);
    json.key("role").string(role_name(token.role)).end_object();
  }
  json.end_array().key("sqs_keys").begin_array();
  for (const SqsKeyRecord& key : data.sqs_keys) {
    json.begin_object().key("access_key_id").string(key.id).key("secret_access_key").string(key.secret);
    json.key("name").string(key.name).key("created").string(key.created).end_object();
  }
  json.end_array().end_object();
  return std::move(json).text();
}

Result<AccessData> load_access(const std::filesystem::path& file) {
  if (version_of(file).error == ENOENT) {
    return AccessData{};
  }
  FACEPIPE_ASSIGN(const FileContent content, read_file_and_version(file, kMaxFileBytes));
  if ((content.version.mode & kOthersMode) != 0) {
    return Error{ErrorCode::kPermission,
                 file.string() + ": expected a file that its owner alone can read (chmod 600 " + file.string() + ")"};
  }
  return parse_access(as_text(content.bytes)).with_context(file.string());
}

Status edit_access(const std::filesystem::path& file, const std::function<Status(AccessData&)>& change) {
  FACEPIPE_TRY(make_private_folder(file.parent_path()));
  FACEPIPE_ASSIGN(const FileLock lock, FileLock::acquire(file));
  FACEPIPE_ASSIGN(AccessData data, load_access(file));
  FACEPIPE_TRY(change(data));
  return write_file_atomically(file, as_bytes(to_json(data) + "\n"), true);
}

std::string new_token() {
  return "fpt_" + base64url_encode(random_bytes<kSecretBytes>());
}

std::string token_digest(std::string_view token) {
  return sha256_hex(as_bytes(token));
}

std::string new_token_id() {
  return hex_encode(random_bytes<kTokenIdBytes>());
}

KeyPair new_key_pair() {
  return {"FPKA" + base32(random_bytes<kKeyIdBytes>()), base64url_encode(random_bytes<kSecretBytes>())};
}

}  // namespace facepipe::access
