// The memory of all work under way: one bound, a part of which is kept for small work.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/memory_budget.h"
#include "base/result.h"

namespace facepipe {

// The default of --max-work-memory. With what a server holds at rest (some 215 MiB) and the bodies that it reads (256
// MiB) it stays under 1.2 GiB; a progressive JPEG of 50 megapixels without subsampling, the largest of all pictures
// that the default limits admit, fits.
inline constexpr std::size_t kDefaultWorkMemory = std::size_t{736} << 20U;

// Two budgets: two thirds of the total for any work, the rest for small work, which also takes what is free of the
// other. So ordinary frames do not wait behind giants. Thread-safe; outlives its shares. Whoever holds a share must not
// wait for another one.
class WorkMemory {
 public:
  // `option` names the setting in errors ("--max-work-memory").
  WorkMemory(std::size_t total, const std::string& option)
      : total_(total), option_(option), large_(total - total / 3, option), small_(total / 3, option) {}

  // A share, after waiting for its turn. kTooLarge at once for what could never fit, naming `what`, the bytes and the
  // option; kExhausted if it was not there after `patience`, or `stop` was requested.
  [[nodiscard]] Result<MemoryShare> take(std::size_t bytes, std::string_view what, std::chrono::milliseconds patience,
                                         const std::stop_token& stop = {});
  // A share of `bytes` at once, or none: for a holder of another share, who must not wait.
  [[nodiscard]] std::optional<MemoryShare> try_take(std::size_t bytes);

  [[nodiscard]] std::size_t total() const { return total_; }
  [[nodiscard]] std::size_t used() const { return large_.used() + small_.used(); }

 private:
  // Five small pieces of work fit beside each other: at the default, frames of some 2 megapixels.
  [[nodiscard]] bool is_small(std::size_t bytes) const { return bytes <= small_.total() / 5; }

  const std::size_t total_;
  const std::string option_;
  MemoryBudget large_;
  MemoryBudget small_;
};

}  // namespace facepipe
