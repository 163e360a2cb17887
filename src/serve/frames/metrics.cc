#include "serve/frames/metrics.h"

#include <string_view>

namespace facepipe::serve {
namespace {

void add_counter(std::string& text, std::string_view name, std::string_view help, std::int64_t value) {
  text.append("# HELP facepipe_").append(name).append(" ").append(help).append("\n# TYPE facepipe_").append(name);
  text.append(" counter\nfacepipe_").append(name).append(" ").append(std::to_string(value)).append("\n");
}

void add_gauge(std::string& text, std::string_view name, std::string_view help, std::size_t value) {
  text.append("# HELP facepipe_").append(name).append(" ").append(help).append("\n# TYPE facepipe_").append(name);
  text.append(" gauge\nfacepipe_").append(name).append(" ").append(std::to_string(value)).append("\n");
}

}  // namespace

std::string to_prometheus(const Metrics& metrics) {
  std::string text;
  add_counter(text, "frames_accepted_total", "Frames answered 200.", metrics.frames_accepted);
  add_counter(text, "frames_refused_total", "Frames answered 4xx: bad input.", metrics.frames_refused);
  add_counter(text, "frames_failed_total", "Frames answered 5xx.", metrics.frames_failed);
  add_counter(text, "frames_deferred_total", "Frames answered 429: try again later.", metrics.frames_deferred);
  add_counter(text, "frames_timed_out_total", "Frames answered 504: past --frame-timeout.", metrics.frames_timed_out);
  add_counter(text, "frames_incomplete_total", "Frames with more candidates for faces than are looked at.",
              metrics.frames_incomplete);
  add_counter(text, "faces_left_out_total", "Faces found and not sent: past --max-faces.", metrics.faces_left_out);
  add_counter(text, "answers_total", "Answers put on the response queue by the recogniser.", metrics.faces.answers);
  add_counter(text, "answer_errors_total", "Answers whose result is an error.", metrics.faces.answer_errors);
  add_counter(text, "retries_total", "Face messages left for another try.", metrics.faces.retries);
  if (metrics.gallery_failures) {
    add_counter(text, "gallery_load_failures_total", "Times that a changed gallery could not be loaded.",
                metrics.gallery_failures());
  }
  if (metrics.memory != nullptr) {
    add_gauge(text, "work_memory_bytes", "Memory that work under way holds.", metrics.memory->used());
    add_gauge(text, "work_memory_limit_bytes", "--max-work-memory.", metrics.memory->total());
  }
  return text;
}

}  // namespace facepipe::serve
