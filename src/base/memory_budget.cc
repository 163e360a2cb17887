// Tested by memory_budget_test.cc.
#include "base/memory_budget.h"

#include "base/check.h"

namespace facepipe {

MemoryShare::MemoryShare(MemoryShare&& other) noexcept
    : budget_(std::exchange(other.budget_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}

MemoryShare& MemoryShare::operator=(MemoryShare&& other) noexcept {
  if (this != &other) {
    release();
    budget_ = std::exchange(other.budget_, nullptr);
    bytes_ = std::exchange(other.bytes_, 0);
  }
  return *this;
}

void MemoryShare::shrink_to(std::size_t bytes) {
  if (budget_ != nullptr && bytes < bytes_) {
    budget_->give_back(bytes_ - bytes);
    bytes_ = bytes;
  }
}

void MemoryShare::absorb(MemoryShare other) {
  FACEPIPE_CHECK(budget_ == nullptr || other.budget_ == nullptr || budget_ == other.budget_);
  budget_ = budget_ != nullptr ? budget_ : other.budget_;
  bytes_ += std::exchange(other.bytes_, 0);
}

std::optional<MemoryShare> MemoryBudget::try_take(std::size_t bytes, std::size_t keep_free) {
  const std::lock_guard lock(mutex_);
  const std::size_t free = total_ - used_;
  if (!line_.empty() || bytes > free || free - bytes < keep_free) {
    return std::nullopt;
  }
  used_ += bytes;
  return MemoryShare(*this, bytes);
}

Result<MemoryShare> MemoryBudget::take(std::size_t bytes, std::string_view what, std::chrono::milliseconds patience,
                                       const std::stop_token& stop) {
  if (bytes > total_) {
    return Error{ErrorCode::kTooLarge, std::string(what) + " needs " + std::to_string(bytes) +
                                           " bytes of memory: the limit of all work together is " +
                                           std::to_string(total_) + " (" + option_ + ")"};
  }
  std::unique_lock lock(mutex_);
  const auto place = line_.insert(line_.end(), next_ticket_++);
  const bool granted =
      changed_.wait_for(lock, stop, patience, [&] { return line_.front() == *place && bytes <= total_ - used_; });
  line_.erase(place);
  changed_.notify_all();  // the next in turn may fit as well, or is the first now
  if (!granted) {
    return Error{ErrorCode::kExhausted, std::string(what) + " needs " + std::to_string(bytes) +
                                            " bytes of memory: " + std::to_string(used_) + " of " +
                                            std::to_string(total_) + " are in use (" + option_ + "); try again"};
  }
  used_ += bytes;
  return MemoryShare(*this, bytes);
}

std::size_t MemoryBudget::used() const {
  const std::lock_guard lock(mutex_);
  return used_;
}

void MemoryBudget::give_back(std::size_t bytes) {
  {
    const std::lock_guard lock(mutex_);
    FACEPIPE_CHECK(bytes <= used_);
    used_ -= bytes;
  }
  changed_.notify_all();
}

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
