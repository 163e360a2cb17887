// Tested by rate_limiter_test.cc.
#include "serve/door/rate_limiter.h"

#include <algorithm>

namespace facepipe::serve {
namespace {

constexpr std::size_t kMaxCameras = 10'000;
// The bucket of those that are too many to be told apart; a control character, which no camera's name has.
constexpr char kTheRest[] = "\x01";

}  // namespace

RateLimiter::RateLimiter(double frames_per_second, std::optional<double> at_once)
    : rate_(frames_per_second), size_(at_once.value_or(std::max(1.0, frames_per_second))) {}

void RateLimiter::fill(Bucket& bucket, Clock::time_point now) const {
  const double seconds = std::chrono::duration<double>(now - bucket.filled_at).count();
  bucket.frames = std::min(size_, bucket.frames + seconds * rate_);
  bucket.filled_at = now;
}

std::optional<RateLimiter::Clock::duration> RateLimiter::take(const std::string& camera, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  if (buckets_.size() >= kMaxCameras && !buckets_.contains(camera)) {
    std::erase_if(buckets_, [this, now](const auto& entry) {  // a full bucket is as good as none
      Bucket bucket = entry.second;
      fill(bucket, now);
      return bucket.frames >= size_;
    });
  }
  const std::string name = buckets_.size() < kMaxCameras || buckets_.contains(camera) ? camera : kTheRest;
  Bucket& bucket = buckets_.try_emplace(name, Bucket{size_, now}).first->second;
  fill(bucket, now);
  if (bucket.frames >= 1) {
    bucket.frames -= 1;
    return std::nullopt;
  }
  return missing(bucket);
}

std::optional<RateLimiter::Clock::duration> RateLimiter::wait(const std::string& camera, Clock::time_point now) const {
  const std::lock_guard lock(mutex_);
  const auto found = buckets_.find(camera);
  const auto other = found == buckets_.end() && buckets_.size() >= kMaxCameras ? buckets_.find(kTheRest) : found;
  if (other == buckets_.end()) {
    return std::nullopt;
  }
  Bucket bucket = other->second;
  fill(bucket, now);
  return bucket.frames >= 1 ? std::nullopt : std::optional(missing(bucket));
}

RateLimiter::Clock::duration RateLimiter::missing(const Bucket& bucket) const {
  return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>((1 - bucket.frames) / rate_));
}

}  // namespace facepipe::serve
