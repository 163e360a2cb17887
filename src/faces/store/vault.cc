// Tested by face_store_key_test.cc
#include "faces/store/vault.h"

#include "base/hash.h"
#include "base/id.h"

namespace facepipe::faces {
namespace {

std::string context(std::string_view part, std::uint64_t id) {
  return std::string(part) + " " + id_text(id);
}

}  // namespace

Bytes Vault::close(ByteView plain, std::string_view part, std::uint64_t id) const {
  return key_ ? key_->seal(plain, context(part, id)) : to_bytes(plain);
}

Result<Bytes> Vault::open(ByteView stored, std::string_view part, std::uint64_t id) const {
  if (!is_sealed(stored)) {
    return to_bytes(stored);
  }
  if (!key_) {
    return Error{ErrorCode::kInvalidData, "face store: an encrypted record in a store without a key"};
  }
  return key_->open(stored, context(part, id)).with_context("face store: " + context(part, id));
}

Result<std::string> Vault::open_text(ByteView stored, std::string_view part, std::uint64_t id) const {
  FACEPIPE_ASSIGN(const Bytes plain, open(stored, part, id));
  return std::string(as_text(plain));
}

std::int64_t Vault::fingerprint(std::string_view text, std::string_view kind) const {
  if (key_) {
    return static_cast<std::int64_t>(key_->fingerprint(text, kind));
  }
  const Bytes digest = hmac_sha256(as_bytes(kind), as_bytes(text));  // no secret: keeps the kinds apart
  std::uint64_t first = 0;
  for (std::size_t i = 0; i < sizeof(first); ++i) {
    first = first << 8U | std::to_integer<std::uint64_t>(digest[i]);
  }
  return static_cast<std::int64_t>(first);
}

}  // namespace facepipe::faces
