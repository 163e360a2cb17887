// Tested by frame_handler_test.cc.
#include "frame_http/frame_handler.h"

#include <cstdint>

#include "image/decode.h"
#include "stage/detection/frame_memory.h"

namespace facepipe::frame_http {
namespace {

// An upper bound on what parsing a JSON text of `bytes` holds, the texts in it and the decoded picture included: the
// reader's padded copy and its copy of the strings, and both again where the object is encoded twice.
constexpr std::size_t parse_memory(std::size_t bytes) {
  return 4 * bytes;
}

}  // namespace

FrameAnswer FrameHandler::handle(FrameRequest request, const WorkLimit& limit) const {
  stage::FrameOutcome outcome;
  std::string request_id;
  Clock::TimePoint time;
  FrameAnswer answer;
  if (auto head = guarded([&] { return read(request, limit); })) {
    request_id = head->info.request_id;
    time = head->info.time;
    outcome = stage_.handle(stage::EncodedFrame{std::move(head->info), head->picture}, limit);
    answer = answer_to(outcome, stage_.options().faces == stage::FaceSelection::kLargest);
  } else {
    outcome.error = head.error();
    answer = refusal(head.error());
  }
  answer.request_id = request_id;
  answer.time = time;
  const std::string trouble = trouble_of(outcome);
  logger_.log(answer.status >= 500 ? LogLevel::kError : LogLevel::kInfo, "frame",
              {{"request_id", std::string_view(request_id)},
               {"status", std::int64_t{answer.status}},
               {"width", std::int64_t{outcome.width}},
               {"height", std::int64_t{outcome.height}},
               {"faces", std::int64_t{outcome.faces}},
               {"faces_left_out", std::int64_t{outcome.left_out}},
               {"incomplete", outcome.incomplete},
               {"duplicate", outcome.kind == stage::FrameOutcome::Kind::kDuplicate},
               {"error", std::string_view(trouble)}});
  return answer;
}

Result<FrameHead> FrameHandler::read(FrameRequest& request, const WorkLimit& limit) const {
  const stage::DetectionOptions& options = stage_.options();
  stage::FrameMemory memory(options.memory, options.memory_patience, limit.stop());
  if (!image::picture_format(as_bytes(request.body))) {  // JSON or a form
    FACEPIPE_TRY(
        memory.take("a body of " + std::to_string(request.body.size()) + " bytes", parse_memory(request.body.size())));
  }
  auto head = read_frame(request, options.decode.limits);
  if (head && !head->decoded.empty()) {
    request.body = std::string();  // the picture takes its place: it is smaller
  }
  return head;
}

}  // namespace facepipe::frame_http
