// Tested by cached_credentials_test.cc.
#include "aws/credentials/cached_credentials.h"

#include <algorithm>
#include <utility>

#include "base/time_text.h"

namespace facepipe::aws {

// The kept credentials if it is not yet time for new ones; `even_if_old`: if they have not expired.
std::optional<Credentials> CachedCredentials::good(bool even_if_old) {
  const Clock::TimePoint now = clock_.now();
  const std::lock_guard lock(mutex_);
  if (!kept_) {
    return std::nullopt;
  }
  const std::optional<Clock::TimePoint>& until = even_if_old ? kept_->credentials.expires_at : kept_->refresh_at;
  return !until || now < *until ? std::optional(kept_->credentials) : std::nullopt;
}

Result<Credentials> CachedCredentials::get() {
  if (auto credentials = good(false)) {
    return *std::move(credentials);
  }
  std::unique_lock fetching(fetching_, std::try_to_lock);
  if (!fetching) {
    if (auto credentials = good(true)) {
      return *std::move(credentials);
    }
    fetching.lock();
  }
  // Another thread may have fetched them while this one came here.
  if (auto credentials = good(false)) {
    return *std::move(credentials);
  }
  return refresh();
}

Result<Credentials> CachedCredentials::refresh() {
  auto fetched = fetch_();
  const Clock::TimePoint now = clock_.now();
  if (fetched && fetched->expires_at && *fetched->expires_at <= now) {
    fetched = Error{ErrorCode::kInvalidData, "expected credentials that are still good at " + to_iso_time(now) +
                                                 ", got some that expired at " + to_iso_time(*fetched->expires_at)};
  }
  if (!fetched) {
    auto old = good(true);
    if (!old) {
      return fetched;
    }
    const std::lock_guard lock(mutex_);
    kept_->refresh_at = now + kRefreshPause;
    return *std::move(old);
  }
  std::optional<Clock::TimePoint> refresh_at;
  if (fetched->expires_at) {
    const auto life = *fetched->expires_at - now;
    refresh_at = *fetched->expires_at - std::min<std::chrono::milliseconds>(kRefreshBefore, life / 2);
  }
  const std::lock_guard lock(mutex_);
  kept_ = Kept{*fetched, refresh_at};
  return fetched;
}

}  // namespace facepipe::aws
