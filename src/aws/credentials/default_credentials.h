// The chain of places where AWS's own SDKs look for credentials. docs/credentials.md is its user's side.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>

#include "aws/signing/credentials.h"
#include "base/clock.h"
#include "base/process.h"

namespace facepipe::aws {

// --- Keeps the credentials of a slow source, and fetches new ones before they expire.
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

struct CredentialsOptions {
  Environment environment;               // read_environment(environ)
  std::string region = {};               // of STS where neither the environment nor the profile names one: the queue's
  bool instance_metadata = true;         // false: not asked unless AWS_EC2_METADATA_SERVICE_ENDPOINT names it
  const Clock* clock = &system_clock();  // outlives the provider
};

// Looks, in this order, at the environment's access key, its web identity, the selected profile of the shared files,
// the container's agent and the instance's metadata, and keeps what it found. Nothing is looked
// at before the first get(). The first source that is configured counts: if it is broken, that is the error.
[[nodiscard]] std::unique_ptr<CredentialsProvider> make_default_credentials(CredentialsOptions options);

}  // namespace facepipe::aws
