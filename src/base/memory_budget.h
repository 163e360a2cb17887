// One bound on the memory that all work under way may hold together: each piece of work takes its share before it
// allocates, and gives it back when it is done.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <list>
#include <mutex>
#include <stop_token>

#include "base/result.h"

namespace facepipe {

class MemoryBudget;

// Bytes taken from a budget, which outlives it; given back by its destruction. Move-only, not thread-safe.
class MemoryShare {
 public:
  MemoryShare() = default;  // of nothing
  MemoryShare(MemoryShare&& other) noexcept;
  MemoryShare& operator=(MemoryShare&& other) noexcept;
  MemoryShare(const MemoryShare&) = delete;
  MemoryShare& operator=(const MemoryShare&) = delete;
  ~MemoryShare() { release(); }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  // Gives back all but `bytes`; nothing happens if it holds no more than that.
  void shrink_to(std::size_t bytes);
  void release() { shrink_to(0); }
  // Adds what `other` holds, a share of the same budget or of nothing, which is one of nothing afterwards.
  void absorb(MemoryShare other);

 private:
  friend class MemoryBudget;
  MemoryShare(MemoryBudget& budget, std::size_t bytes) : budget_(&budget), bytes_(bytes) {}
  MemoryBudget* budget_ = nullptr;
  std::size_t bytes_ = 0;
};

// Thread-safe. Those who wait are served in the order in which they came, so a large share is not passed over for ever
// by small ones. Whoever holds a share must not wait for another one: two such could wait for each other.
class MemoryBudget {
 public:
  // `total` bytes; `option` names the setting in errors ("--max-work-memory").
  MemoryBudget(std::size_t total, std::string option) : total_(total), option_(std::move(option)) {}
  MemoryBudget(const MemoryBudget&) = delete;
  MemoryBudget& operator=(const MemoryBudget&) = delete;

  // A share of `bytes`, at once or not at all; nullopt too while others wait, and when less than `keep_free` bytes of
  // the budget would be left.
  [[nodiscard]] std::optional<MemoryShare> try_take(std::size_t bytes, std::size_t keep_free = 0);
  // Waits for its turn. kTooLarge at once for more than the whole budget (naming `what`, the bytes and the option);
  // kExhausted when it was not there after `patience`, or `stop` was requested.
  [[nodiscard]] Result<MemoryShare> take(std::size_t bytes, std::string_view what, std::chrono::milliseconds patience,
                                         const std::stop_token& stop = {});

  [[nodiscard]] std::size_t total() const { return total_; }
  [[nodiscard]] std::size_t used() const;

 private:
  friend class MemoryShare;
  void give_back(std::size_t bytes);

  const std::size_t total_;
  const std::string option_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::size_t used_ = 0;
  std::uint64_t next_ticket_ = 0;
  std::list<std::uint64_t> line_;  // tickets of those who wait, the first in turn first
};

// --- The memory of all work under way: one bound, a part of which is kept for small work.
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
