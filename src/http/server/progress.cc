// Tested by server_overload_test.cc.
#include "http/server/progress.h"

namespace facepipe::http {
namespace {

// A camera on a slow line that is not slow by this (1 Mbit/s) makes room for nobody.
constexpr double kSlowBytesPerSecond = 128.0 * 1024.0;

}  // namespace

void Progress::enter(Phase phase) {
  const Clock::rep now = Clock::now().time_since_epoch().count();
  moved_ = 0;
  window_began_at_ = 0;
  last_rate_ = -1;
  last_moved_ = now;
  window_since_ = now;
  since_ = now;
  phase_ = phase;
}

Shed Progress::shed() const {
  const Phase phase = phase_;
  const Shed shed = phase == Phase::kWriting || phase == Phase::kStreaming ? shed_.load() : Shed::kWhenSlow;
  return phase == Phase::kStreaming && shed == Shed::kWhenSlow ? Shed::kLast : shed;
}

void Progress::moved(std::size_t bytes) {
  const Clock::time_point now = Clock::now();
  if (const auto window = since(window_since_, now); window >= window_) {
    last_rate_ = static_cast<double>(moved_ - window_began_at_) / std::chrono::duration<double>(window).count();
    window_began_at_ = moved_.load();
    window_since_ = now.time_since_epoch().count();
  }
  moved_ += bytes;
  last_moved_ = now.time_since_epoch().count();
}

double Progress::bytes_per_second(Clock::time_point now) const {
  if (since(last_moved_, now) >= window_) {
    return 0.0;
  }
  if (last_rate_ >= 0) {
    return last_rate_;
  }
  const double seconds = std::chrono::duration<double>(age(now)).count();
  return seconds > 0 ? static_cast<double>(moved_) / seconds : 0.0;
}

bool may_make_room(const Progress& progress, RoomFor what, Progress::Clock::time_point now) {
  const Shed shed = progress.shed();
  if (progress.told_to_end() || progress.phase() == Progress::Phase::kWorking || shed == Shed::kNever ||
      (what == RoomFor::kMemory && (progress.reserved() == 0 || shed == Shed::kLast)) ||
      (what != RoomFor::kDescriptor && progress.age(now) < progress.window())) {
    return false;
  }
  return shed == Shed::kLast || progress.bytes_per_second(now) < kSlowBytesPerSecond;
}

bool is_slower(const Progress& a, const Progress& b, Progress::Clock::time_point now) {
  const bool last_a = a.shed() == Shed::kLast;
  if (last_a != (b.shed() == Shed::kLast)) {
    return !last_a;
  }
  const double rate_a = a.bytes_per_second(now);
  const double rate_b = b.bytes_per_second(now);
  return rate_a != rate_b ? rate_a < rate_b : a.age(now) > b.age(now);
}

}  // namespace facepipe::http
