// Tested by sessions_test.cc.
#include "serve/door/sessions.h"

#include <algorithm>

#include "access/access_file.h"

namespace facepipe::serve {

std::string Sessions::open(std::string token_digest, Clock::time_point now) {
  std::string id = access::new_token();
  const std::lock_guard lock(mutex_);
  make_room(now);
  sessions_.insert_or_assign(access::token_digest(id), Session{std::move(token_digest), now, now});
  return id;
}

std::optional<std::string> Sessions::token_digest(std::string_view id, Clock::time_point now) {
  const std::string digest = access::token_digest(id);
  const std::lock_guard lock(mutex_);
  const auto found = sessions_.find(digest);
  if (found == sessions_.end()) {
    return std::nullopt;
  }
  if (is_over(found->second, now)) {
    sessions_.erase(found);
    return std::nullopt;
  }
  found->second.used = now;
  return found->second.token_digest;
}

void Sessions::close(std::string_view id) {
  const std::string digest = access::token_digest(id);
  const std::lock_guard lock(mutex_);
  sessions_.erase(digest);
}

std::size_t Sessions::size() const {
  const std::lock_guard lock(mutex_);
  return sessions_.size();
}

bool Sessions::is_over(const Session& session, Clock::time_point now) {
  return now - session.used > kUnused || now - session.opened > kLongest;
}

void Sessions::make_room(Clock::time_point now) {
  if (sessions_.size() < kMaxSessions) {
    return;
  }
  std::erase_if(sessions_, [now](const auto& entry) { return is_over(entry.second, now); });
  if (sessions_.size() >= kMaxSessions) {
    sessions_.erase(std::min_element(sessions_.begin(), sessions_.end(),
                                     [](const auto& a, const auto& b) { return a.second.used < b.second.used; }));
  }
}

std::string_view cookie(std::string_view header, std::string_view name) {
  while (!header.empty()) {
    const std::string_view pair = header.substr(0, header.find(';'));
    header.remove_prefix(std::min(header.size(), pair.size() + 1));
    const std::string_view trimmed = pair.substr(std::min(pair.find_first_not_of(' '), pair.size()));
    if (trimmed.starts_with(name) && trimmed.substr(name.size()).starts_with('=')) {
      return trimmed.substr(name.size() + 1);
    }
  }
  return {};
}

}  // namespace facepipe::serve
