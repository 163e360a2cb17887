// A progress line on a terminal.
#pragma once

#include <chrono>
#include <cstddef>
#include <mutex>
#include <string>

namespace facepipe::app {

// Draws "LABEL [=====>    ] 12/118  8.3/s" on stderr, at most ten times a second, if stderr is a terminal; otherwise
// nothing at all, so that logs and pipes stay clean. Thread-safe.
class ProgressBar {
 public:
  ProgressBar(std::string label, std::size_t total);
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;
  ~ProgressBar();  // erases the line
  void set(std::size_t done);

 private:
  void draw(std::size_t done);

  const std::string label_;
  const std::size_t total_;
  const bool on_terminal_;
  const std::chrono::steady_clock::time_point started_;
  std::mutex mutex_;
  std::chrono::steady_clock::time_point drawn_at_;
};

}  // namespace facepipe::app
