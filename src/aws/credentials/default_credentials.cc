// Tested by default_credentials_test.cc.
#include "aws/credentials/default_credentials.h"

#include <algorithm>
#include <array>

#include "aws/credentials/source.h"
#include "base/time_text.h"

namespace facepipe::aws {
namespace {

// kNotFound is kept for "no source has any".
Error broken(Error error, std::string_view source) {
  error.code = error.code == ErrorCode::kNotFound ? ErrorCode::kInvalidArgument : error.code;
  return error.with_context("AWS credentials of the " + std::string(source));
}

Result<Credentials> look_everywhere(const CredentialsOptions& options) {
  const SourceContext context{options.environment, *options.clock, options.region};
  // The environment's own key needs no file; everything after it may.
  std::optional<Profiles> profiles;
  const auto read_once = [&]() -> Status {
    if (!profiles) {
      FACEPIPE_ASSIGN(profiles, read_profiles(options.environment));
    }
    return {};
  };
  struct Source {
    std::string_view name;
    std::function<Result<Lookup>()> look;
  };
  const bool ask_instance =
      options.instance_metadata || !value_of(options.environment, "AWS_EC2_METADATA_SERVICE_ENDPOINT").empty();
  const std::array<Source, 5> sources = {{
      {"environment", [&] { return environment_credentials(context); }},
      {"web identity",
       [&]() -> Result<Lookup> {
         FACEPIPE_TRY(read_once());
         return web_identity_credentials(context, *profiles);
       }},
      {"shared files",
       [&]() -> Result<Lookup> {
         FACEPIPE_TRY(read_once());
         return profile_credentials(context, *profiles);
       }},
      {"container", [&] { return container_credentials(context); }},
      {"EC2 instance metadata",
       [&] {
         return ask_instance ? instance_credentials(context)
                             : Result<Lookup>(Lookup::nothing("not asked for a server on loopback"));
       }},
  }};
  std::string looked_at;
  for (const Source& source : sources) {
    auto lookup = source.look();
    if (!lookup) {
      return broken(std::move(lookup).error(), source.name);
    }
    if (lookup->credentials) {
      return *std::move(lookup->credentials);
    }
    looked_at.append(looked_at.empty() ? "" : "; ").append(source.name).append(": ").append(lookup->nothing_because);
  }
  return Error{ErrorCode::kNotFound, "no AWS credentials found; looked at " + looked_at};
}

}  // namespace

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

std::unique_ptr<CredentialsProvider> make_default_credentials(CredentialsOptions options) {
  const Clock& clock = *options.clock;
  return std::make_unique<CachedCredentials>([options = std::move(options)] { return look_everywhere(options); },
                                             clock);
}

}  // namespace facepipe::aws
