// ZIP archives as PyTorch reads them.
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"

namespace facepipe::weights {

struct ZipSource {
  std::string name;
  ByteView data;
};
// An archive of stored entries whose data begin at multiples of 64 bytes, as torch writes them. Equal content gives
// equal bytes. At most 65,535 entries and 4 GiB altogether (checked: a bug otherwise).
[[nodiscard]] Bytes write_zip(const std::vector<ZipSource>& entries);

}  // namespace facepipe::weights
