// What is written of people: as it is, or sealed where the store has a key.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "base/seal.h"

namespace facepipe::faces {

// What the pieces are called in their seals. Never changed: what is stored opens by them.
namespace part {
inline constexpr std::string_view kCamera = "camera";
inline constexpr std::string_view kFace = "face";
inline constexpr std::string_view kCropDetails = "crop details";
inline constexpr std::string_view kCrop = "crop";
inline constexpr std::string_view kEmbedding = "embedding";
inline constexpr std::string_view kVisit = "visit";
inline constexpr std::string_view kUnknown = "unknown";
inline constexpr std::string_view kCentroid = "centroid";
inline constexpr std::string_view kPicture = "picture";
inline constexpr std::string_view kPictureEmbedding = "picture embedding";
inline constexpr std::string_view kPictureCropDetails = "picture crop details";
inline constexpr std::string_view kPictureCrop = "picture crop";
inline constexpr std::string_view kFrame = "frame";
inline constexpr std::string_view kFramePicture = "frame picture";
inline constexpr std::string_view kEvent = "event";
inline constexpr std::string_view kChange = "change";
inline constexpr std::string_view kChangeBy = "change by";
}  // namespace part
// Likewise the kinds of fingerprints.
namespace print {
inline constexpr std::string_view kCamera = "camera";
inline constexpr std::string_view kRequest = "request";
}  // namespace print

// Thread-safe.
class Vault {
 public:
  explicit Vault(std::optional<SealingKey> key) : key_(std::move(key)) {}
  [[nodiscard]] const std::optional<SealingKey>& key() const { return key_; }

  // What is stored of `plain`, which is the `part` ("face", "crop") of record `id`: both are the seal's context, so
  // that no stored piece can be put in another's place.
  [[nodiscard]] Bytes close(ByteView plain, std::string_view part, std::uint64_t id) const;
  [[nodiscard]] Bytes close(std::string_view plain, std::string_view part, std::uint64_t id) const {
    return close(as_bytes(plain), part, id);
  }
  // kInvalidData: damaged, or sealed and the store has no key; kMismatch: sealed with another one.
  [[nodiscard]] Result<Bytes> open(ByteView stored, std::string_view part, std::uint64_t id) const;
  [[nodiscard]] Result<std::string> open_text(ByteView stored, std::string_view part, std::uint64_t id) const;

  // By which equal texts are found: keyed, where there is a key, so that nobody without it can try texts.
  [[nodiscard]] std::int64_t fingerprint(std::string_view text, std::string_view kind) const;

 private:
  std::optional<SealingKey> key_;
};

}  // namespace facepipe::faces
