// ZIP archives as PyTorch writes them (PKWARE APPNOTE 6.3, zip64 included): entries are stored,
// all but TorchScript's source code.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"
#include "weights/readers.h"

namespace facepipe::weights {

struct ZipEntry {
  std::string_view name;
  ByteView data;             // as it lies in the file: ZipUnpacker (zip_unpack.h) gives what it stands for
  std::uint16_t method = 0;  // 0: stored, 8: deflated
  // Of the whole content, as stated; nullopt if no entry of the archive states one (all are 0), which is how archives
  // without checksums look.
  std::optional<std::uint32_t> crc32 = std::nullopt;
  std::uint64_t full_size = 0;  // of the whole content, as stated
};

inline constexpr std::uint32_t kLocalSignature = 0x04034B50;
inline constexpr std::uint32_t kCentralSignature = 0x02014B50;
inline constexpr std::uint32_t kEndSignature = 0x06054B50;
inline constexpr std::size_t kCentralBytes = 46;  // of a header of the directory, but for its names

[[nodiscard]] bool is_zip(ByteView file);

// The central directory, in order of names, looking into `file`. Each entry lies within the file, before the directory,
// and overlaps no other; names are unique and equal in both headers. Checksums are ZipUnpacker's affair. kInvalidData
// naming the entry, kUnsupported for encryption and several disks, kTooLarge past limits.max_entries.
[[nodiscard]] Result<std::vector<ZipEntry>> read_zip(ByteView file, const ReadLimits& limits);

}  // namespace facepipe::weights
