// What a running server counts, for GET /metrics.
#pragma once

#include <chrono>

#include "metrics/recent.h"
#include "metrics/registry.h"
#include "stage/recognition/counters.h"

namespace facepipe::serve {

// Thread-safe. Stays where it is: the registry reads `faces`.
struct Metrics {
  inline static const std::vector<double> kSeconds{0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60};

  Metrics() {
    const auto told = [this](std::string_view name, std::string_view help, const metrics::Counter& counter) {
      registry.counter_of(name, help, [&counter] { return counter.value(); });
    };
    told("facepipe_answers_total", "Answers put on the response queue by the recogniser.", faces.answers);
    told("facepipe_answer_errors_total", "Answers whose result is an error.", faces.answer_errors);
    told("facepipe_retries_total", "Face messages left for another try.", faces.retries);
  }

  // Of a frame that was accepted, from its last byte to the answer of its sender.
  void frame_took(std::chrono::milliseconds time) { observe(time, frame_seconds, recent_frames); }
  // Of a face, from when it was accepted (its frame was answered) until its own answer was there.
  void answer_took(std::chrono::milliseconds time) { observe(time, answer_seconds, recent_answers); }

  metrics::Registry registry;  // whose order is that of the text
  stage::Counters faces;
  metrics::Counter& frames_accepted = registry.counter("facepipe_frames_accepted_total", "Frames answered 200.");
  metrics::Counter& frames_refused =  // 4xx other than 429
      registry.counter("facepipe_frames_refused_total", "Frames answered 4xx: bad input.");
  metrics::Counter& frames_failed = registry.counter("facepipe_frames_failed_total", "Frames answered 5xx.");
  metrics::Counter& frames_deferred =  // the line was full
      registry.counter("facepipe_frames_deferred_total", "Frames answered 429: try again later.");
  metrics::Counter& frames_timed_out =  // of those that failed
      registry.counter("facepipe_frames_timed_out_total", "Frames answered 504: past --frame-timeout.");
  metrics::Counter& frames_incomplete =
      registry.counter("facepipe_frames_incomplete_total", "Frames with more candidates for faces than are looked at.");
  metrics::Counter& faces_left_out =
      registry.counter("facepipe_faces_left_out_total", "Faces found and not sent: past --max-faces.");
  metrics::Histogram& frame_seconds =
      registry.histogram("facepipe_frame_seconds",
                         "Seconds from a frame's last byte to its sender's answer, of those accepted.", kSeconds);
  metrics::Histogram& answer_seconds = registry.histogram(
      "facepipe_answer_seconds", "Seconds from when a face was accepted until its answer was there.", kSeconds);
  metrics::Recent recent_frames;
  metrics::Recent recent_answers;

 private:
  static void observe(std::chrono::milliseconds time, metrics::Histogram& all, metrics::Recent& recent) {
    const double seconds = std::max(0.0, std::chrono::duration<double>(time).count());
    all.observe(seconds);
    recent.observe(seconds);
  }
};

}  // namespace facepipe::serve
