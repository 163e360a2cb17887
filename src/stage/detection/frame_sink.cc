// Tested by frame_sink_test.cc.
#include "stage/detection/frame_sink.h"

#include <utility>

#include "base/hash.h"
#include "wire/messages.h"
#include "wire/queue_fields.h"
#include "wire/send.h"

namespace facepipe::stage {
namespace {

queue::OutgoingMessage outgoing(std::string body, const FrameInfo& frame) {
  queue::OutgoingMessage message;
  message.body = std::move(body);
  message.group_id = frame.camera;
  message.trace_header = frame.trace_header;
  return message;
}

}  // namespace

std::string frame_key(const std::string& request_id, ByteView picture) {
  // No request id holds a line feed, so no two pairs give one text.
  return sha256_hex(as_bytes(request_id + "\n" + sha256_hex(picture)));
}

std::vector<queue::OutgoingMessage> face_messages(DetectedFrame frame, bool fifo) {
  std::vector<queue::OutgoingMessage> messages;
  for (std::string& body : frame.faces) {
    queue::OutgoingMessage& message = messages.emplace_back(outgoing(std::move(body), frame.info));
    if (fifo) {
      message.group_id = wire::group_or_digest(frame.info.camera, frame.info.request_id);
      message.deduplication_id = sha256_hex(as_bytes(frame.key + "\n" + std::to_string(messages.size() - 1)));
    }
  }
  return messages;
}

queue::OutgoingMessage no_face_message(const FrameInfo& frame, std::string_view key, bool fifo) {
  wire::Answer none;
  none.request_id = frame.request_id;
  none.result = std::string(wire::kNoFace);
  none.face_count = 0;
  return fifo ? wire::answer_message(none, {true, frame.camera, frame.trace_header, key})
              : outgoing(wire::to_json(none), frame);
}

Result<StoredFrame> QueueSink::store(DetectedFrame frame) {
  const std::vector<queue::OutgoingMessage> messages = face_messages(std::move(frame), fifo_);
  const wire::SendOutcome outcome = wire::send_all(requests_, messages, max_batch_bytes_);
  if (outcome.first_error) {
    Error error = *outcome.first_error;
    if (messages.size() > 1) {
      error.message +=
          " (" + std::to_string(outcome.stored) + " of " + std::to_string(messages.size()) + " faces are enqueued)";
    }
    return error;
  }
  return StoredFrame{.faces = static_cast<int>(messages.size())};
}

Result<StoredFrame> AnsweringQueueSink::store(DetectedFrame frame) {
  if (frame.faces.empty()) {
    FACEPIPE_TRY(answers_.send(no_face_message(frame.info, frame.key, fifo_answers_)));
  }
  return QueueSink::store(std::move(frame));
}

}  // namespace facepipe::stage
