#include "serve/frames/metrics.h"

#include <gtest/gtest.h>

#include <string>

#include "metrics/prometheus.h"

namespace facepipe::serve {
namespace {

// A histogram without a measurement.
std::string idle_histogram(const std::string& name, const std::string& help) {
  std::string text = "# HELP " + name + " " + help + "\n# TYPE " + name + " histogram\n";
  for (const char* bound : {"0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "5", "10", "30", "60", "+Inf"}) {
    text += name + "_bucket{le=\"" + bound + "\"} 0\n";
  }
  return text + name + "_sum 0\n" + name + "_count 0\n";
}

// Dashboards and alarms hold on to these lines.
TEST(Metrics, TheTextOfAServer) {
  Metrics metrics;
  metrics.frames_accepted += 2;
  ++metrics.faces.answers;
  ++metrics.faces.heartbeats;  // not told
  EXPECT_EQ(metrics::to_prometheus(metrics.registry),
            std::string(R"(# HELP facepipe_frames_accepted_total Frames answered 200.
# TYPE facepipe_frames_accepted_total counter
facepipe_frames_accepted_total 2
# HELP facepipe_frames_refused_total Frames answered 4xx: bad input.
# TYPE facepipe_frames_refused_total counter
facepipe_frames_refused_total 0
# HELP facepipe_frames_failed_total Frames answered 5xx.
# TYPE facepipe_frames_failed_total counter
facepipe_frames_failed_total 0
# HELP facepipe_frames_deferred_total Frames answered 429: try again later.
# TYPE facepipe_frames_deferred_total counter
facepipe_frames_deferred_total 0
# HELP facepipe_frames_timed_out_total Frames answered 504: past --frame-timeout.
# TYPE facepipe_frames_timed_out_total counter
facepipe_frames_timed_out_total 0
# HELP facepipe_frames_incomplete_total Frames with more candidates for faces than are looked at.
# TYPE facepipe_frames_incomplete_total counter
facepipe_frames_incomplete_total 0
# HELP facepipe_faces_left_out_total Faces found and not sent: past --max-faces.
# TYPE facepipe_faces_left_out_total counter
facepipe_faces_left_out_total 0
)") +
                idle_histogram("facepipe_frame_seconds",
                               "Seconds from a frame's last byte to its sender's answer, of those accepted.") +
                idle_histogram("facepipe_answer_seconds",
                               "Seconds from when a face was accepted until its answer was there.") +
                R"(# HELP facepipe_answers_total Answers put on the response queue by the recogniser.
# TYPE facepipe_answers_total counter
facepipe_answers_total 1
# HELP facepipe_answer_errors_total Answers whose result is an error.
# TYPE facepipe_answer_errors_total counter
facepipe_answer_errors_total 0
# HELP facepipe_retries_total Face messages left for another try.
# TYPE facepipe_retries_total counter
facepipe_retries_total 0
)");
}

}  // namespace
}  // namespace facepipe::serve
