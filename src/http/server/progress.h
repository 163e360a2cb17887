// What a connection is doing, and whether it is one that makes room for others: internal to the module.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>

#include "http/server/router.h"

namespace facepipe::http {

// What somebody is looked for to make room for.
enum class RoomFor { kConnection, kMemory, kDescriptor };

// What a connection is doing, told by it and read by those who look for one that can make room. Thread-safe.
class Progress {
 public:
  enum class Phase { kIdle, kReading, kWorking, kWriting, kStreaming };
  using Clock = std::chrono::steady_clock;

  // `window`: over which a rate is measured, after which a connection without any progress has none, and before which
  // no connection is slow.
  explicit Progress(Clock::duration window) : window_(window) {}

  void enter(Phase phase);
  void shed(Shed when) { shed_ = when; }  // while an answer is written
  void moved(std::size_t bytes);          // of a body that comes or an answer that goes
  void reserved(std::size_t bytes) { reserved_ = bytes; }
  void small_body(bool small) { small_body_ = small; }
  void heard() { heard_ = true; }
  void tell_to_end() { told_to_end_ = true; }
  [[nodiscard]] Clock::duration window() const { return window_; }
  [[nodiscard]] Phase phase() const { return phase_; }
  // Whether it may be told to make room, once it is slow; a stream counts as the last to.
  [[nodiscard]] Shed shed() const;
  [[nodiscard]] std::size_t moved() const { return moved_; }         // bytes in this phase
  [[nodiscard]] std::size_t reserved() const { return reserved_; }   // of the memory of bodies
  [[nodiscard]] bool has_small_body() const { return small_body_; }  // whatever comes yet of it
  [[nodiscard]] bool was_heard() const { return heard_; }            // a whole head has come from it
  [[nodiscard]] bool told_to_end() const { return told_to_end_; }
  [[nodiscard]] Clock::duration age(Clock::time_point now) const { return since(since_, now); }  // of the phase
  // Of late: in the last whole window, or in the phase where that is younger; 0 after a window without a byte.
  [[nodiscard]] double bytes_per_second(Clock::time_point now) const;

 private:
  static Clock::duration since(Clock::rep time, Clock::time_point now) {
    return now.time_since_epoch() - Clock::duration(time);
  }

  const Clock::duration window_;
  std::atomic<Phase> phase_ = Phase::kIdle;
  std::atomic<Shed> shed_ = Shed::kWhenSlow;
  std::atomic<Clock::rep> since_ = Clock::now().time_since_epoch().count();
  std::atomic<Clock::rep> last_moved_ = 0;
  std::atomic<Clock::rep> window_since_ = 0;
  std::atomic<std::size_t> window_began_at_ = 0;  // moved_ then
  std::atomic<double> last_rate_ = -1;            // of the window before; negative: there was none
  std::atomic<std::size_t> moved_ = 0;
  std::atomic<std::size_t> reserved_ = 0;
  std::atomic<bool> small_body_ = false;
  std::atomic<bool> heard_ = false;
  std::atomic<bool> told_to_end_ = false;
};

// Whether the connection is slow enough to make room: for its window idle, or its body coming or its answer going at
// less than 128 KiB/s. For a descriptor, without which nobody is served, the window is not waited for. A stream may as
// well, whatever its rate, but for memory, of which it holds little.
[[nodiscard]] bool may_make_room(const Progress& progress, RoomFor what, Progress::Clock::time_point now);
// Which of two that may make room is the first to: streams are the last.
[[nodiscard]] bool is_slower(const Progress& a, const Progress& b, Progress::Clock::time_point now);

}  // namespace facepipe::http
