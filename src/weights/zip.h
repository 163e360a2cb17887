// ZIP archives as PyTorch writes them (PKWARE APPNOTE 6.3, zip64 included): entries are stored, not compressed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "weights/readers.h"

namespace facepipe::weights {

struct ZipEntry {
  std::string_view name;
  ByteView data;            // as it lies in the file
  bool compressed = false;  // then `data` is of no use to us: TorchScript compresses its source code
};

[[nodiscard]] bool is_zip(ByteView file);

// The central directory, in order of names, looking into `file`. Each entry lies within the file, before the directory,
// and overlaps no other; names are unique and equal in both headers. Checksums are not compared: torch can write
// archives without them (torch.serialization.set_crc32_options). kInvalidData naming the entry, kUnsupported for
// encryption and several disks, kTooLarge past limits.max_entries.
[[nodiscard]] Result<std::vector<ZipEntry>> read_zip(ByteView file, const ReadLimits& limits);

struct ZipSource {
  std::string name;
  ByteView data;
};
// An archive of stored entries whose data begin at multiples of 64 bytes, as torch writes them. Equal content gives
// equal bytes. At most 65,535 entries and 4 GiB altogether (checked: a bug otherwise).
[[nodiscard]] Bytes write_zip(const std::vector<ZipSource>& entries);

}  // namespace facepipe::weights
