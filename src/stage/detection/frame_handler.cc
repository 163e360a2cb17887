// Tested by frame_handler_test.cc.
#include "stage/detection/frame_handler.h"

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>

#include "base/guard.h"
#include "base/hash.h"
#include "base/json_writer.h"
#include "wire/error_table.h"
#include "wire/queue_fields.h"
#include "wire/send.h"

namespace facepipe::stage {
namespace {

constexpr std::string_view kNoFaceMessage = "No face detected.";
constexpr std::string_view kQueuedMessage = "Face detection complete and request enqueued.";
constexpr std::string_view kEnqueueFailed = "Failed to enqueue message: ";
constexpr std::string_view kUnhandled = "Unhandled error: internal error";
constexpr int kBadGateway = 502;
constexpr int kServiceUnavailable = 503;
constexpr int kInternalServerError = 500;

std::string json_with(std::string_view key, std::string_view text) {
  JsonWriter json;
  json.begin_object().key(key).string(text).end_object();
  return std::move(json).text();
}

// `error` is the Python original's text, byte for byte, where it has one; what more there is to say stands in `hint`.
std::string refusal_of(const Error& error) {
  const bool missing = error.message.ends_with(kWhereFieldsGo);
  return missing ? json_error_body(wire::kMissingFields, "hint", kWhereFieldsGo) : json_error_body(error.message);
}

queue::OutgoingMessage outgoing(std::string body, const FrameHead& head) {
  queue::OutgoingMessage message;
  message.body = std::move(body);
  message.group_id = head.group_id;
  message.trace_header = head.trace_header;
  return message;
}

// What a FIFO queue wants besides: the faces of a camera in order, and each once within its five minutes, so that a
// frame that is sent again is not there twice.
void make_fifo(queue::OutgoingMessage& message, const FrameHead& head, std::size_t index) {
  message.group_id = wire::group_or_digest(head.group_id, head.request_id);
  message.deduplication_id =
      sha256_hex(as_bytes(frame_key(head.request_id, head.picture) + "\n" + std::to_string(index)));
}

}  // namespace

FrameHandler::FrameHandler(const detect::Detector& detector, queue::MessageQueue& requests,
                           queue::MessageQueue* answers, const FrameHandlerOptions& options, Logger& logger)
    : FrameHandler(recognize::detect_within(detector), requests, answers, options, logger) {}

FrameHandler::FrameHandler(recognize::DetectFunction detect, queue::MessageQueue& requests,
                           queue::MessageQueue* answers, const FrameHandlerOptions& options, Logger& logger)
    : FrameHandler(
          recognize::LimitedDetectFunction(
              [detect = std::move(detect)](image::RgbView frame, const WorkLimit&) -> Result<detect::Detection> {
                return detect::Detection{detect(frame), true};
              }),
          requests, answers, options, logger) {}

FrameHandler::FrameHandler(recognize::LimitedDetectFunction detect, queue::MessageQueue& requests,
                           queue::MessageQueue* answers, const FrameHandlerOptions& options, Logger& logger)
    : detect_(std::move(detect)), requests_(requests), answers_(answers), options_(options), logger_(logger) {}

FrameAnswer FrameHandler::handle(FrameRequest request, const WorkLimit& limit) const {
  Record record;
  const auto result = guarded([&] { return handle_frame(request, limit, record); });
  FrameAnswer answer;
  if (result) {
    answer = *result;
  } else {
    record.error = result.error().message;
    answer.status = wire::map_error(result.error().code).http_status;
    // Trouble of our own is told to the log, not to the client.
    answer.body = json_with("error", answer.status == kInternalServerError ? kUnhandled : record.error);
  }
  answer.retry_after_s = answer.status == kServiceUnavailable ? 1 : 0;
  answer.faces_left_out = static_cast<int>(record.left_out);
  answer.incomplete = record.incomplete;
  const LogLevel level = answer.status >= kInternalServerError ? LogLevel::kError : LogLevel::kInfo;
  logger_.log(level, "frame",
              {{"request_id", std::string_view(record.request_id)},
               {"status", std::int64_t{answer.status}},
               {"width", std::int64_t{record.width}},
               {"height", std::int64_t{record.height}},
               {"faces", static_cast<std::int64_t>(record.faces)},
               {"faces_left_out", static_cast<std::int64_t>(record.left_out)},
               {"incomplete", record.incomplete},
               {"duplicate", record.duplicate},
               {"error", std::string_view(record.error)}});
  return answer;
}

Result<FrameAnswer> FrameHandler::handle_frame(FrameRequest& request, const WorkLimit& limit, Record& record) const {
  FrameMemory memory(options_.memory, options_.memory_patience, limit.stop());
  if (!image::picture_format(as_bytes(request.body))) {  // JSON or a form
    FACEPIPE_TRY(
        memory.take("a body of " + std::to_string(request.body.size()) + " bytes", parse_memory(request.body.size())));
  }
  auto read = read_frame(request, options_.decode.limits);
  if (!read) {
    record.error = read.error().message;
    return FrameAnswer{wire::body_error_status(read.error().code), refusal_of(read.error())};
  }
  const FrameHead head = *std::move(read);
  record.request_id = head.request_id;
  if (!head.decoded.empty()) {
    request.body = std::string();  // the picture takes its place: it is smaller
  }
  memory.release();
  std::string key;
  if (store_ != nullptr) {
    key = frame_key(head.request_id, head.picture);
    const auto known = store_->find(key);
    if (!known) {
      return not_stored(known.error(), record);
    }
    if (*known) {
      record.duplicate = true;
      record.faces = static_cast<std::size_t>(**known);
      return accepted(**known, record);
    }
  }
  return detect_and_store(head, key, limit, record);
}

Result<FrameAnswer> FrameHandler::detect_and_store(const FrameHead& head, const std::string& key,
                                                   const WorkLimit& limit, Record& record) const {
  FrameMemory memory(options_.memory, options_.memory_patience, limit.stop());  // until the messages are stored
  FACEPIPE_ASSIGN(auto messages, detect(head, limit, memory, record));
  record.faces = messages.size();
  if (store_ != nullptr && !messages.empty()) {
    return store_whole({key, std::move(messages), std::nullopt}, record);
  }
  if (store_ != nullptr && answers_ != nullptr) {
    return store_whole({key, {}, no_face_message(head)}, record);
  }
  return messages.empty() ? answer_no_face(head, record) : enqueue(messages, record);
}

// The frame's pixels are gone when this returns.
Result<FrameHandler::Messages> FrameHandler::detect(const FrameHead& head, const WorkLimit& limit, FrameMemory& memory,
                                                    Record& record) const {
  constexpr std::string_view kUnreadable = "cannot read the image";
  const auto info = image::probe_image(head.picture, options_.decode.limits);
  if (!info) {
    return info.error().with_context(kUnreadable);
  }
  record.width = info->width;
  record.height = info->height;
  FACEPIPE_TRY(memory.take_for(*info, options_.decode.apply_exif_orientation));
  WorkLimit work = limit;
  if (options_.timeout.count() > 0) {
    work = limit.until(WorkLimit::Clock::now() + options_.timeout,
                       std::to_string(options_.timeout.count()) + " ms (--frame-timeout)");
  }
  image::DecodeOptions decode = options_.decode;
  decode.work = work;
  const auto frame = image::decode_image(head.picture, decode);
  if (!frame) {
    return frame.error().with_context(kUnreadable);
  }
  record.width = frame->width();
  record.height = frame->height();
  return face_messages(head, frame->view(), work, memory, record);
}

// The faces to send, the largest first.
Result<std::vector<detect::Face>> FrameHandler::find_faces(image::RgbView frame, const WorkLimit& limit,
                                                           Record& record) const {
  FACEPIPE_ASSIGN(detect::Detection found, detect_(frame, limit));
  record.incomplete = !found.complete;
  std::vector<detect::Face> faces = std::move(found.faces);
  // A box beside the frame is no face that could be sent: it is left out before the others are counted.
  std::erase_if(faces, [&](const detect::Face& face) { return !recognize::has_pixels(face.box, frame); });
  if (options_.faces == FaceSelection::kLargest && faces.size() > 1) {
    faces.resize(1);
  }
  if (faces.size() > options_.max_faces) {
    record.left_out = faces.size() - options_.max_faces;
    faces.resize(options_.max_faces);
  }
  return faces;
}

Result<FrameHandler::Messages> FrameHandler::face_messages(const FrameHead& head, image::RgbView frame,
                                                           const WorkLimit& limit, FrameMemory& memory,
                                                           Record& record) const {
  const FaceEncoding encoding{options_.crop, options_.jpeg_quality, options_.max_message_bytes, options_.source_crop};
  FACEPIPE_ASSIGN(const std::vector<detect::Face> faces, find_faces(frame, limit, record));
  // One classic crop a frame is what the Python detector sends, so then it is exactly its message.
  const bool as_original = options_.crop == CropStyle::kClassic && options_.faces == FaceSelection::kLargest;
  Messages messages;
  for (std::size_t i = 0; i < faces.size(); ++i) {
    FACEPIPE_TRY(limit.check("cutting out the faces"));
    wire::FaceMessage message;
    message.request_id = head.request_id;
    message.face_index = static_cast<int>(i);
    message.face_count = static_cast<int>(faces.size());
    message.box = faces[i].box;
    message.landmarks = faces[i].landmarks;
    message.confidence = faces[i].confidence;
    FACEPIPE_TRY(encode_face(frame, faces[i].box, encoding, message));
    messages.push_back(outgoing(as_original ? wire::to_original_json(message) : wire::to_json(message), head));
    if (options_.fifo_requests) {
      make_fifo(messages.back(), head, i);
    }
    FACEPIPE_TRY(memory.add_message(messages.back().body.size()));
  }
  return messages;
}

queue::OutgoingMessage FrameHandler::no_face_message(const FrameHead& head) const {
  wire::Answer none;
  none.request_id = head.request_id;
  none.result = std::string(wire::kNoFace);
  none.face_count = 0;
  return options_.fifo_answers ? wire::answer_message(none, {true, head.group_id, head.trace_header})
                               : outgoing(wire::to_json(none), head);
}

FrameAnswer FrameHandler::answer_no_face(const FrameHead& head, Record& record) const {
  if (answers_ != nullptr) {
    if (const auto sent = answers_->send(no_face_message(head)); !sent) {
      return not_stored(sent.error(), record);
    }
  }
  return accepted(0, record);
}

FrameAnswer FrameHandler::accepted(int faces, const Record& record) const {
  JsonWriter json;
  json.begin_object().key("message").string(faces == 0 ? kNoFaceMessage : kQueuedMessage);
  // Where one face is sent: byte for byte what the original's clients get.
  if (options_.faces != FaceSelection::kLargest) {
    if (faces > 0) {
      json.key("faces").integer(faces);
    }
    if (record.left_out > 0) {
      json.key("faces_left_out").integer(static_cast<std::int64_t>(record.left_out));
    }
    if (record.incomplete) {
      json.key("incomplete").boolean(true);
    }
  }
  json.end_object();
  return {200, std::move(json).text()};
}

FrameAnswer FrameHandler::not_stored(const Error& error, Record& record) const {
  record.error = std::string(kEnqueueFailed) + error.message;
  return {error.code == ErrorCode::kExhausted ? kServiceUnavailable : kBadGateway, json_with("error", record.error)};
}

FrameAnswer FrameHandler::store_whole(FrameToStore frame, Record& record) const {
  const auto faces = store_->store(std::move(frame));
  return faces ? accepted(*faces, record) : not_stored(faces.error(), record);
}

FrameAnswer FrameHandler::enqueue(std::span<const queue::OutgoingMessage> messages, Record& record) const {
  const wire::SendOutcome outcome = wire::send_all(requests_, messages, options_.max_message_bytes);
  if (outcome.first_error) {
    Error error = *outcome.first_error;
    if (messages.size() > 1) {
      error.message +=
          " (" + std::to_string(outcome.stored) + " of " + std::to_string(messages.size()) + " faces are enqueued)";
    }
    return not_stored(error, record);
  }
  return accepted(static_cast<int>(messages.size()), record);
}

std::string frame_key(const std::string& request_id, ByteView picture) {
  // No request id holds a line feed, so no two pairs give one text.
  return sha256_hex(as_bytes(request_id + "\n" + sha256_hex(picture)));
}

}  // namespace facepipe::stage
