// Keeps the credentials of a slow source, and fetches new ones before they expire.
#pragma once

#include <chrono>
#include <functional>
#include <mutex>
#include <optional>

#include "aws/signing/credentials_provider.h"
#include "base/clock.h"

namespace facepipe::aws {

// From this long before they expire, credentials are fetched anew; from half of their life where that is shorter.
inline constexpr std::chrono::minutes kRefreshBefore{5};
// After a fetch that failed while the old credentials are still good, none is tried for this long.
inline constexpr std::chrono::seconds kRefreshPause{10};

class CachedCredentials final : public CredentialsProvider {
 public:
  using Fetch = std::function<Result<Credentials>()>;
  // `fetch` is called by one thread at a time. The clock outlives this object.
  CachedCredentials(Fetch fetch, const Clock& clock) : fetch_(std::move(fetch)), clock_(clock) {}

  // The kept credentials while they are good. When it is time for new ones, one caller fetches them and the others go
  // on with the old ones; once those have expired, all wait for it. A failed fetch is an error only when nothing good
  // is kept. Fetched credentials that have expired already are kInvalidData naming both times, and are not kept.
  [[nodiscard]] Result<Credentials> get() override;

 private:
  struct Kept {
    Credentials credentials;
    std::optional<Clock::TimePoint> refresh_at;
  };
  [[nodiscard]] std::optional<Credentials> good(bool even_if_old);
  [[nodiscard]] Result<Credentials> refresh();

  const Fetch fetch_;
  const Clock& clock_;
  std::mutex fetching_;  // taken before `mutex_`, held while fetch_ runs
  std::mutex mutex_;     // guards kept_
  std::optional<Kept> kept_;
};

}  // namespace facepipe::aws
