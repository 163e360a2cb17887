// Tested by work_memory_test.cc.
#include "base/work_memory.h"

#include <utility>

namespace facepipe {

Result<MemoryShare> WorkMemory::take(std::size_t bytes, std::string_view what, std::chrono::milliseconds patience,
                                     const std::stop_token& stop) {
  if (bytes > large_.total()) {
    return Error{ErrorCode::kTooLarge, std::string(what) + " needs " + std::to_string(bytes) +
                                           " bytes of memory: the limit of one piece of work is " +
                                           std::to_string(large_.total()) + ", three quarters of " + option_};
  }
  if (!is_small(bytes)) {
    return large_.take(bytes, what, patience, stop);
  }
  if (auto share = try_take(bytes)) {
    return *std::move(share);
  }
  return small_.take(bytes, what, patience, stop);
}

std::optional<MemoryShare> WorkMemory::try_take(std::size_t bytes) {
  if (is_small(bytes)) {
    if (auto share = small_.try_take(bytes)) {
      return share;
    }
  }
  return large_.try_take(bytes);
}

}  // namespace facepipe
