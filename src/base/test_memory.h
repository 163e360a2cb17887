// For tests: work memory that is used up.
#pragma once

#include <cstddef>
#include <vector>

#include "base/memory_budget.h"

namespace facepipe {

// All that there is, but for less than 1 KiB.
[[nodiscard]] inline std::vector<MemoryShare> take_all(WorkMemory& memory) {
  std::vector<MemoryShare> shares;
  for (std::size_t bytes = memory.total(); bytes >= 1'024; bytes /= 2) {
    while (auto share = memory.try_take(bytes)) {
      shares.push_back(*std::move(share));
    }
  }
  return shares;
}

}  // namespace facepipe
