// The bytes of a zip entry: inflated where they are deflated, and compared with their CRC-32.
#pragma once

#include <cstdint>
#include <memory>

#include "base/bytes.h"
#include "base/result.h"
#include "weights/zip.h"

namespace facepipe::weights {

[[nodiscard]] std::uint32_t crc32_of(ByteView bytes);

// Unpacks entries of one archive. What was inflated is owned by this object and stays where it is when it is moved.
class ZipUnpacker {
 public:
  // All inflated entries together have at most this many bytes.
  explicit ZipUnpacker(std::size_t max_inflated_bytes) : bytes_left_(max_inflated_bytes) {}

  // Looks into the file for a stored entry, into this object for a deflated one. Errors name the entry: kInvalidData if
  // its CRC-32 or its size is not the one stated (ZipEntry says which archives state none), kTooLarge past the bound,
  // kUnsupported for another method of compression.
  [[nodiscard]] Result<ByteView> unpack(const ZipEntry& entry);

 private:
  [[nodiscard]] Result<ByteView> inflate_entry(const ZipEntry& entry);

  std::size_t bytes_left_;
  std::vector<std::unique_ptr<Bytes>> inflated_;
};

}  // namespace facepipe::weights
