// Matches answers to the frames that wait for them. Thread-safe; no I/O of its own.
#pragma once

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>

#include "client/report.h"
#include "wire/messages.h"

namespace facepipe::client {

class Collector {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  // One entry a frame, with its file and request id set; all wait.
  explicit Collector(std::vector<FrameReport> frames);

  void started(std::size_t frame, TimePoint now);
  // The endpoint took the frame. `no_face`: it said that there is none.
  void accepted(std::size_t frame, bool no_face, TimePoint now);
  void refused(std::size_t frame, std::string error, TimePoint now);
  // True if the answer belongs to one of the frames (also when it is a duplicate, which changes nothing): the message
  // is ours to delete.
  bool answered(const wire::Answer& answer, TimePoint now);

  [[nodiscard]] std::size_t settled() const;  // frames answered or refused
  [[nodiscard]] bool complete() const;
  // Blocks until complete or `deadline`.
  void wait_until(TimePoint deadline) const;
  // Accepted frames without a face whose No-Face message has not been seen (a detector need not send one).
  [[nodiscard]] std::size_t awaiting_no_face_message() const;
  [[nodiscard]] std::vector<FrameReport> reports() const;  // in the order given

 private:
  struct Waiting {
    FrameReport report;
    TimePoint started_at;
    bool settled = false;
    bool no_face = false;
    bool no_face_message = false;
  };
  void settle(Waiting& waiting, FrameStatus status, TimePoint now);

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::vector<Waiting> frames_;
  std::map<std::string, std::size_t, std::less<>> by_request_id_;
  std::size_t settled_ = 0;
};

}  // namespace facepipe::client
