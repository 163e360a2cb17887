// Tested by seal_test.cc.
#include "base/seal.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <sys/stat.h>

#include <algorithm>
#include <memory>

#include "base/base64.h"
#include "base/check.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/id.h"
#include "base/temporary_file.h"

namespace facepipe {
namespace {

constexpr std::string_view kFilePrefix = "facepipe-key-1 ";
constexpr std::size_t kIdBytes = 8;
constexpr std::size_t kNonceBytes = 12;
constexpr std::size_t kTagBytes = 16;
constexpr std::size_t kNonceAt = kSealMagic.size() + kIdBytes;
constexpr std::size_t kTextAt = kNonceAt + kNonceBytes;
static_assert(kTextAt + kTagBytes == kSealOverhead);
// OpenSSL counts in int.
constexpr std::size_t kMaxStep = std::size_t{1} << 30U;

using Cipher = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

Cipher new_cipher() {
  Cipher cipher(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  FACEPIPE_CHECK(cipher != nullptr);
  return cipher;
}

unsigned char* as_uchar(std::byte* bytes) {
  return reinterpret_cast<unsigned char*>(bytes);
}

// EVP_EncryptUpdate or EVP_DecryptUpdate over any length; a null `out` takes additional data.
template <typename Update>
void update(Update step, EVP_CIPHER_CTX* cipher, ByteView in, std::byte* out) {
  for (std::size_t done = 0; done < in.size();) {
    const std::size_t size = std::min(kMaxStep, in.size() - done);
    int written = 0;
    FACEPIPE_CHECK(step(cipher, out == nullptr ? nullptr : as_uchar(out + done), &written,
                        facepipe::as_uchar(in.subspan(done, size)), static_cast<int>(size)) == 1);
    done += size;
  }
}

Error not_sealed(std::string message) {
  return Error{ErrorCode::kInvalidData, std::move(message)};
}

// Another key of this name may appear until the last moment: it stays.
Status write_new_key(const std::filesystem::path& file, std::string_view line) {
  constexpr unsigned kPrivate = 0600;
  FACEPIPE_ASSIGN(TemporaryFile temporary, TemporaryFile::create(file));
  FACEPIPE_TRY(temporary.write(as_bytes(line)));
  Status written = temporary.commit(kPrivate, TemporaryFile::Existing::kKeep);
  return !written && written.error().code == ErrorCode::kAlreadyExists
             ? Error{ErrorCode::kAlreadyExists, file.string() + " exists: a key is never overwritten"}
             : written;
}

}  // namespace

SealingKey::SealingKey(const std::array<std::uint8_t, kBytes>& bytes) : bytes_(bytes), id_{} {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  FACEPIPE_CHECK(EVP_Digest(bytes_.data(), bytes_.size(), digest.data(), &size, EVP_sha256(), nullptr) == 1);
  std::copy_n(digest.begin(), id_.size(), id_.begin());
}

SealingKey::~SealingKey() {
  OPENSSL_cleanse(bytes_.data(), bytes_.size());
}

Status SealingKey::make_file(const std::filesystem::path& file) {
  std::array<std::byte, kBytes> bytes{};
  fill_random(bytes);
  std::string line = std::string(kFilePrefix) + base64_encode(bytes) + "\n";
  const Status written = write_new_key(file, line);
  OPENSSL_cleanse(line.data(), line.size());
  OPENSSL_cleanse(bytes.data(), bytes.size());
  return written;
}

Result<SealingKey> SealingKey::from_file(const std::filesystem::path& file) {
  constexpr std::size_t kMaxFileBytes = 256;
  constexpr unsigned kOthers = S_IRWXG | S_IRWXO;
  FACEPIPE_ASSIGN(Bytes content, read_file(file, kMaxFileBytes));
  struct stat info{};
  if (::stat(file.c_str(), &info) == 0 && (info.st_mode & kOthers) != 0) {
    return Error{ErrorCode::kPermission, "key file " + file.string() +
                                             ": others than its owner may use it; expected mode 0600 or 0400 (chmod)"};
  }
  std::string_view text = as_text(content);
  const Error no_key =
      not_sealed("key file " + file.string() + ": expected the line that `facepipe key new` writes, of 256 bits");
  if (!text.starts_with(kFilePrefix)) {
    return no_key;
  }
  text.remove_prefix(kFilePrefix.size());
  Result<Bytes> decoded = base64_decode(text);
  OPENSSL_cleanse(content.data(), content.size());
  if (!decoded || decoded->size() != kBytes) {
    return no_key;
  }
  std::array<std::uint8_t, kBytes> bytes{};
  std::transform(decoded->begin(), decoded->end(), bytes.begin(),
                 [](std::byte byte) { return std::to_integer<std::uint8_t>(byte); });
  SealingKey key(bytes);
  OPENSSL_cleanse(decoded->data(), decoded->size());
  OPENSSL_cleanse(bytes.data(), bytes.size());
  return key;
}

Bytes SealingKey::seal(ByteView plain, std::string_view context) const {
  Bytes sealed(plain.size() + kSealOverhead);
  std::ranges::copy(as_bytes(kSealMagic), sealed.begin());
  std::ranges::copy(std::as_bytes(std::span(id_)), sealed.begin() + kSealMagic.size());
  fill_random(std::span(sealed).subspan(kNonceAt, kNonceBytes));
  const unsigned char* nonce = as_uchar(sealed.data() + kNonceAt);
  const Cipher cipher = new_cipher();
  FACEPIPE_CHECK(EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, bytes_.data(), nonce) == 1);
  update(EVP_EncryptUpdate, cipher.get(), as_bytes(context), nullptr);
  std::byte* text = sealed.data() + kTextAt;
  update(EVP_EncryptUpdate, cipher.get(), plain, text);
  unsigned char* tag = as_uchar(text + plain.size());
  int written = 0;
  FACEPIPE_CHECK(EVP_EncryptFinal_ex(cipher.get(), tag, &written) == 1);
  FACEPIPE_CHECK(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes, tag) == 1);
  return sealed;
}

std::uint64_t SealingKey::fingerprint(std::string_view text, std::string_view context) const {
  Bytes key = hmac_sha256(std::as_bytes(std::span(bytes_)), as_bytes("fingerprint " + std::string(context)));
  const Bytes digest = hmac_sha256(key, as_bytes(text));
  OPENSSL_cleanse(key.data(), key.size());
  std::uint64_t first = 0;
  for (std::size_t i = 0; i < sizeof(first); ++i) {
    first = first << 8U | std::to_integer<std::uint64_t>(digest[i]);
  }
  return first;
}

Result<Bytes> SealingKey::open(ByteView sealed, std::string_view context) const {
  if (!is_sealed(sealed) || sealed.size() < kSealOverhead) {
    return not_sealed("not encrypted, or cut short");
  }
  if (!std::ranges::equal(sealed.subspan(kSealMagic.size(), kIdBytes), std::as_bytes(std::span(id_)))) {
    return Error{ErrorCode::kMismatch, "encrypted with another key"};
  }
  const ByteView text = sealed.subspan(kTextAt, sealed.size() - kSealOverhead);
  std::array<unsigned char, kTagBytes> tag{};
  std::copy_n(facepipe::as_uchar(sealed.last(kTagBytes)), kTagBytes, tag.begin());
  const Cipher cipher = new_cipher();
  FACEPIPE_CHECK(EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, bytes_.data(),
                                    facepipe::as_uchar(sealed.subspan(kNonceAt, kNonceBytes))) == 1);
  update(EVP_DecryptUpdate, cipher.get(), as_bytes(context), nullptr);
  Bytes plain(text.size());
  update(EVP_DecryptUpdate, cipher.get(), text, plain.data());
  FACEPIPE_CHECK(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, tag.data()) == 1);
  int written = 0;
  std::array<unsigned char, kTagBytes> rest{};
  if (EVP_DecryptFinal_ex(cipher.get(), rest.data(), &written) != 1) {
    return not_sealed("changed since it was encrypted, or put in another's place");
  }
  return plain;
}

}  // namespace facepipe
