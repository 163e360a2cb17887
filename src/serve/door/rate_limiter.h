// Frames a second of each camera, as a token bucket; or anything of anybody by name.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string>

namespace facepipe::serve {

// Thread-safe. Holds at most 10,000 cameras; past that, those that would have to be remembered share one bucket.
class RateLimiter {
 public:
  using Clock = std::chrono::steady_clock;

  // frames_per_second > 0. A camera may send `at_once`; absent: as many as it may in one second, and one at the least.
  explicit RateLimiter(double frames_per_second, std::optional<double> at_once = std::nullopt);

  // Nullopt: the frame may come, and is counted. Else: how long the camera should wait.
  [[nodiscard]] std::optional<Clock::duration> take(const std::string& camera, Clock::time_point now);
  // What take() would say, and nothing is counted.
  [[nodiscard]] std::optional<Clock::duration> wait(const std::string& camera, Clock::time_point now) const;

 private:
  struct Bucket {
    double frames = 0;  // that may come now
    Clock::time_point filled_at;
  };
  void fill(Bucket& bucket, Clock::time_point now) const;

  [[nodiscard]] Clock::duration missing(const Bucket& bucket) const;

  const double rate_;
  const double size_;
  mutable std::mutex mutex_;
  std::map<std::string, Bucket> buckets_;
};

}  // namespace facepipe::serve
