// The gallery reader. The digest is made right, so that what lies behind it is reached; what is read is written again.
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>

#include "base/check.h"
#include "base/hash.h"
#include "gallery/gallery.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace facepipe;
  constexpr std::size_t kMagicBytes = 8;
  constexpr std::size_t kDigestAt = 12;
  constexpr std::size_t kDigestEnd = kDigestAt + 64;
  const auto* bytes = reinterpret_cast<const std::byte*>(data);
  Bytes file(bytes, bytes + size);
  if (file.size() > kDigestEnd) {
    const std::string magic = "FPGALL\r\n";
    std::memcpy(file.data(), magic.data(), kMagicBytes);
    const std::string digest = sha256_hex(ByteView(file).subspan(kDigestEnd));
    std::memcpy(file.data() + kDigestAt, digest.data(), digest.size());
  }
  if (const auto gallery = gallery::gallery_from_bytes(file)) {
    const Bytes written = gallery::gallery_to_bytes(*gallery);
    const auto again = gallery::gallery_from_bytes(written);
    FACEPIPE_CHECK(again.has_value());
    FACEPIPE_CHECK(gallery::gallery_to_bytes(*again) == written);
    if (gallery->embedding_count() > 0) {
      FACEPIPE_CHECK(gallery->search(gallery->embedding(0)).has_value());
    }
  }
  return 0;
}
