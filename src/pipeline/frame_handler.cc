// Tested by frame_handler_test.cc.
#include "pipeline/frame_handler.h"

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>

#include "base/hash.h"
#include "base/json_writer.h"
#include "pipeline/error_table.h"
#include "pipeline/guard.h"
#include "pipeline/send.h"

namespace facepipe::pipeline {
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

// "image/..." in any case, as RFC 9110 compares media types.
bool is_picture(std::string_view content_type) {
  constexpr std::string_view kPrefix = "image/";
  return content_type.size() >= kPrefix.size() &&
         std::equal(kPrefix.begin(), kPrefix.end(), content_type.begin(),
                    [](char expected, char c) { return expected == (c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c); });
}

// A picture of `max_image_bytes` in base64 with line breaks, and room for the other fields.
std::size_t max_json_bytes(std::size_t max_image_bytes) {
  constexpr std::size_t kOtherFields = std::size_t{64} << 10U;
  return max_image_bytes / 2 * 3 + kOtherFields;
}

struct FrameHead {
  std::string request_id;
  Bytes json_image;  // of a JSON body; empty for a raw one
  ByteView picture;  // encoded: json_image or the request's body
};

Result<FrameHead> read_frame(const FrameRequest& request, const image::DecodeLimits& limits) {
  if (!is_picture(request.content_type)) {
    FACEPIPE_ASSIGN(Frame frame, parse_frame(request.body, max_json_bytes(limits.max_bytes)));
    FrameHead head{std::move(frame.request_id), std::move(frame.image), {}};
    head.picture = head.json_image;
    return head;
  }
  if (request.body.empty()) {
    return Error{ErrorCode::kInvalidData, std::string(kMissingBody)};
  }
  if (request.request_id.empty() || request.filename.empty()) {
    return Error{ErrorCode::kInvalidData, std::string(kMissingFields)};
  }
  FACEPIPE_TRY(check_request_id(request.request_id));
  return FrameHead{request.request_id, {}, as_bytes(request.body)};
}

queue::OutgoingMessage outgoing(std::string body, const FrameRequest& request) {
  queue::OutgoingMessage message;
  message.body = std::move(body);
  message.group_id = request.group_id;
  message.trace_header = request.trace_header;
  return message;
}

queue::OutgoingMessage no_face_message(const FrameRequest& request, const std::string& request_id) {
  Answer none;
  none.request_id = request_id;
  none.result = std::string(kNoFace);
  none.face_count = 0;
  return outgoing(to_json(none), request);
}

}  // namespace

FrameHandler::FrameHandler(const detect::Detector& detector, queue::MessageQueue& requests,
                           queue::MessageQueue* answers, const FrameHandlerOptions& options, Logger& logger)
    : FrameHandler(recognize::detect_with(detector), requests, answers, options, logger) {}

FrameHandler::FrameHandler(recognize::DetectFunction detect, queue::MessageQueue& requests,
                           queue::MessageQueue* answers, const FrameHandlerOptions& options, Logger& logger)
    : detect_(std::move(detect)), requests_(requests), answers_(answers), options_(options), logger_(logger) {}

FrameAnswer FrameHandler::handle(const FrameRequest& request) const {
  Record record;
  const auto result = guarded([&] { return handle_frame(request, record); });
  FrameAnswer answer;
  if (result) {
    answer = *result;
  } else {
    record.error = result.error().message;
    answer.status = map_error(result.error().code).http_status;
    // Trouble of our own is told to the log, not to the client.
    answer.body = json_with("error", answer.status == kInternalServerError ? kUnhandled : record.error);
  }
  const LogLevel level = answer.status >= kInternalServerError ? LogLevel::kError : LogLevel::kInfo;
  logger_.log(level, "frame",
              {{"request_id", std::string_view(record.request_id)},
               {"status", std::int64_t{answer.status}},
               {"width", std::int64_t{record.width}},
               {"height", std::int64_t{record.height}},
               {"faces", static_cast<std::int64_t>(record.faces)},
               {"duplicate", record.duplicate},
               {"error", std::string_view(record.error)}});
  return answer;
}

Result<FrameAnswer> FrameHandler::handle_frame(const FrameRequest& request, Record& record) const {
  FACEPIPE_ASSIGN(const FrameHead head, read_frame(request, options_.decode.limits));
  record.request_id = head.request_id;
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
      return accepted(**known);
    }
  }
  return detect_and_store(request, head.picture, key, record);
}

Result<FrameAnswer> FrameHandler::detect_and_store(const FrameRequest& request, ByteView picture,
                                                   const std::string& key, Record& record) const {
  const auto frame = image::decode_image(picture, options_.decode);
  if (!frame) {
    return frame.error().with_context("cannot read the image");
  }
  record.width = frame->width();
  record.height = frame->height();
  FACEPIPE_ASSIGN(auto messages, face_messages(request, record.request_id, frame->view()));
  record.faces = messages.size();
  if (store_ != nullptr && !messages.empty()) {
    return store_whole({key, std::move(messages), std::nullopt}, record);
  }
  if (store_ != nullptr && answers_ != nullptr) {
    return store_whole({key, {}, no_face_message(request, record.request_id)}, record);
  }
  return messages.empty() ? answer_no_face(request, record) : enqueue(messages, record);
}

Result<std::vector<queue::OutgoingMessage>> FrameHandler::face_messages(const FrameRequest& request,
                                                                        const std::string& request_id,
                                                                        image::RgbView frame) const {
  const FaceEncoding encoding{options_.crop, options_.jpeg_quality, options_.max_message_bytes, options_.source_crop};
  std::vector<detect::Face> faces = detect_(frame);
  // A box beside the frame is no face that could be sent: it is left out before the others are counted.
  std::erase_if(faces, [&](const detect::Face& face) { return !recognize::has_pixels(face.box, frame); });
  if (options_.faces == FaceSelection::kLargest && faces.size() > 1) {
    faces.resize(1);  // the largest comes first
  }
  // One classic crop a frame is what the Python detector sends, so then it is exactly its message.
  const bool as_original = options_.crop == CropStyle::kClassic && options_.faces == FaceSelection::kLargest;
  std::vector<queue::OutgoingMessage> messages;
  for (std::size_t i = 0; i < faces.size(); ++i) {
    FaceMessage message;
    message.request_id = request_id;
    message.face_index = static_cast<int>(i);
    message.face_count = static_cast<int>(faces.size());
    message.box = faces[i].box;
    message.landmarks = faces[i].landmarks;
    message.confidence = faces[i].confidence;
    FACEPIPE_TRY(encode_face(frame, faces[i].box, encoding, message));
    messages.push_back(outgoing(as_original ? to_original_json(message) : to_json(message), request));
  }
  return messages;
}

FrameAnswer FrameHandler::answer_no_face(const FrameRequest& request, Record& record) const {
  if (answers_ != nullptr) {
    if (const auto sent = answers_->send(no_face_message(request, record.request_id)); !sent) {
      return not_stored(sent.error(), record);
    }
  }
  return accepted(0);
}

FrameAnswer FrameHandler::accepted(int faces) const {
  if (faces == 0) {
    return {200, json_with("message", kNoFaceMessage)};
  }
  if (options_.faces == FaceSelection::kLargest) {  // byte for byte what the original's clients get
    return {200, json_with("message", kQueuedMessage)};
  }
  JsonWriter json;
  json.begin_object().key("message").string(kQueuedMessage);
  json.key("faces").integer(faces).end_object();
  return {200, std::move(json).text()};
}

FrameAnswer FrameHandler::not_stored(const Error& error, Record& record) const {
  record.error = std::string(kEnqueueFailed) + error.message;
  return {error.code == ErrorCode::kExhausted ? kServiceUnavailable : kBadGateway, json_with("error", record.error)};
}

FrameAnswer FrameHandler::store_whole(FrameToStore frame, Record& record) const {
  const auto faces = store_->store(std::move(frame));
  return faces ? accepted(*faces) : not_stored(faces.error(), record);
}

FrameAnswer FrameHandler::enqueue(std::span<const queue::OutgoingMessage> messages, Record& record) const {
  const SendOutcome outcome = send_all(requests_, messages, options_.max_message_bytes);
  if (outcome.first_error) {
    Error error = *outcome.first_error;
    if (messages.size() > 1) {
      error.message +=
          " (" + std::to_string(outcome.stored) + " of " + std::to_string(messages.size()) + " faces are enqueued)";
    }
    return not_stored(error, record);
  }
  return accepted(static_cast<int>(messages.size()));
}

std::string frame_key(const std::string& request_id, ByteView picture) {
  // No request id holds a line feed, so no two pairs give one text.
  return sha256_hex(as_bytes(request_id + "\n" + sha256_hex(picture)));
}

}  // namespace facepipe::pipeline
