// Tested by recent_answers_test.cc.
#include "stage/recognition/recent_answers.h"

#include <algorithm>

#include "base/hash.h"

namespace facepipe::stage {

void RecentAnswers::add(const queue::ReceivedMessage& message) {
  if (options_.capacity == 0) {
    return;
  }
  std::string key = sha256_hex(as_bytes(message.body));
  const std::lock_guard lock(mutex_);
  order_.push_back(entries_.emplace(std::move(key), Entry{message.message_id, message.sent_at}));
  if (order_.size() > options_.capacity) {
    entries_.erase(order_.front());
    order_.pop_front();
  }
}

bool RecentAnswers::is_duplicate(const queue::ReceivedMessage& message) const {
  if (options_.capacity == 0) {
    return false;
  }
  const std::string key = sha256_hex(as_bytes(message.body));
  const std::lock_guard lock(mutex_);
  const auto [begin, end] = entries_.equal_range(key);
  return std::any_of(begin, end, [&](const Entries::value_type& entry) {
    const auto apart = std::chrono::abs(message.sent_at - entry.second.sent_at);
    return entry.second.message_id == message.message_id || apart < options_.window;
  });
}

std::size_t RecentAnswers::size() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

}  // namespace facepipe::stage
