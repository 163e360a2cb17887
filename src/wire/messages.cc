// Tested by messages_test.cc.
#include "wire/messages.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "base/base64.h"
#include "base/text.h"
#include "wire/fields.h"
#include "wire/queue_fields.h"

namespace facepipe::wire {
namespace {

constexpr std::size_t kMaxMessageBytes = std::size_t{16} << 20U;  // sixteen times what a queue carries
constexpr std::int64_t kMaxFaces = 1'000'000;

Status check_size(std::string_view json, std::size_t limit, std::string_view what) {
  if (json.size() > limit) {
    return Error{ErrorCode::kTooLarge, std::string(what) + " has " + std::to_string(json.size()) +
                                           " bytes; the limit is " + std::to_string(limit)};
  }
  return {};
}

// What follows "data:image/jpeg;base64,", in letters of any case; the text itself if it has no such prefix.
std::string_view without_data_url_prefix(std::string_view content) {
  constexpr std::size_t kLongestPrefix = 128;
  constexpr std::string_view kMark = ";base64,";
  const std::size_t begin = std::min(content.find_first_not_of(" \t\r\n"), content.size());
  const std::string prefix = lower(content.substr(begin, kLongestPrefix));
  if (prefix.starts_with("data:")) {
    if (const std::size_t mark = prefix.find(kMark); mark != std::string::npos) {
      content.remove_prefix(begin + mark + kMark.size());
    }
  }
  return content;
}

// 0 <= face_index < face_count, from the fields of that name; 0 of `default_count` if they are absent.
Status read_face_numbers(const JsonDocument& object, std::int64_t lowest_count, int& index, int& count) {
  FACEPIPE_ASSIGN(const auto index_field, read_integer(object["face_index"], 0, kMaxFaces));
  FACEPIPE_ASSIGN(const auto count_field, read_integer(object["face_count"], lowest_count, kMaxFaces));
  index = index_field.value_or(0);
  count = count_field.value_or(index + 1);
  if (index >= count && !(index == 0 && count == 0)) {
    return invalid("field \"face_index\": expected less than face_count (" + std::to_string(count) + "), found " +
                   std::to_string(index));
  }
  return {};
}

// What the message says of its frame.
Status read_frame_facts(const JsonDocument& object, FaceMessage& message) {
  FACEPIPE_ASSIGN(const auto camera, read_text(object["camera"]));
  FACEPIPE_TRY(check_camera(camera.value_or("")));
  message.camera = camera.value_or("");
  FACEPIPE_ASSIGN(message.time, read_time(object["time"]));
  FACEPIPE_ASSIGN(message.frame, read_size(object["frame"]));
  return {};
}

// An id of what is kept, or nothing.
Result<std::string> read_kept_id(const JsonValue& value) {
  FACEPIPE_ASSIGN(const auto id, read_text(value));
  if (id.value_or("").size() > kMaxKeptIdBytes) {
    return value.must_be("an id of at most " + std::to_string(kMaxKeptIdBytes) + " bytes");
  }
  return std::string(id.value_or(""));
}

Result<Bytes> read_face_picture(const JsonDocument& object) {
  const std::string_view name = object["face"] ? "face" : "face_image";
  FACEPIPE_ASSIGN(const auto text, read_text(object[name]));
  if (!text || text->empty()) {
    return invalid("field \"face\" is missing or empty");
  }
  auto picture = decode_picture_text(*text);
  if (!picture) {
    return picture.error().with_context("field \"" + std::string(name) + "\"");
  }
  if (picture->empty()) {
    return invalid("field \"" + std::string(name) + "\" holds no bytes");
  }
  return picture;
}

Result<FaceMessage> read_face_message(std::string_view json, std::string* request_id) {
  FACEPIPE_TRY(check_size(json, kMaxMessageBytes, "the message"));
  FACEPIPE_ASSIGN(const JsonDocument object, parse_json(json));
  FaceMessage message;
  FACEPIPE_ASSIGN(message.request_id, required_text(object, "request_id"));
  if (message.request_id.size() > kMaxAnsweredIdBytes) {
    return invalid("request_id has " + std::to_string(message.request_id.size()) +
                   " bytes; an answer carries at most " + std::to_string(kMaxAnsweredIdBytes));
  }
  if (request_id != nullptr) {
    *request_id = message.request_id;
  }
  FACEPIPE_ASSIGN(message.face, read_face_picture(object));
  FACEPIPE_TRY(read_face_numbers(object, 1, message.face_index, message.face_count));
  FACEPIPE_ASSIGN(message.box, read_box(object["box"]));
  FACEPIPE_ASSIGN(message.landmarks, read_points<std::tuple_size_v<image::Landmarks>>(object["landmarks"]));
  FACEPIPE_ASSIGN(message.confidence, read_number(object["confidence"]));
  FACEPIPE_ASSIGN(const auto crop, read_text(object["crop"]));
  message.crop = crop.value_or("");
  if (!message.crop.empty() && message.crop != kCropSource && message.crop != kCropClassic) {
    return Error{ErrorCode::kUnsupported, "field \"crop\": expected \"source\" or \"classic\""};
  }
  FACEPIPE_ASSIGN(message.crop_box, read_box(object["crop_box"]));
  if (message.crop == kCropSource && !message.crop_box) {
    return invalid("field \"crop_box\" is missing; \"crop\" is \"source\"");
  }
  FACEPIPE_TRY(read_frame_facts(object, message));
  return message;
}

// Texts, none of them empty, or nothing.
Result<std::vector<std::string>> read_reasons(const JsonValue& value) {
  std::vector<std::string> reasons;
  if (!value) {
    return reasons;
  }
  if (value.type() != JsonType::kArray || value.size() > kMaxReasons) {
    return value.must_be("at most " + std::to_string(kMaxReasons) + " texts");
  }
  FACEPIPE_TRY(value.each_item([&reasons](const JsonValue& item) -> Status {
    FACEPIPE_ASSIGN(const std::string_view reason, item.text());
    if (reason.empty()) {
      return item.must_be("a text that is not empty");
    }
    reasons.emplace_back(reason);
    return {};
  }));
  return reasons;
}

Result<Answer> read_answer(std::string_view json) {
  FACEPIPE_TRY(check_size(json, kMaxMessageBytes, "the answer"));
  FACEPIPE_ASSIGN(const JsonDocument object, parse_json(json));
  Answer answer;
  FACEPIPE_ASSIGN(answer.request_id, required_text(object, "request_id"));
  FACEPIPE_ASSIGN(answer.result, required_text(object, "result"));
  FACEPIPE_ASSIGN(const auto error, read_text(object["error"]));
  answer.error = error.value_or("");
  FACEPIPE_ASSIGN(answer.distance, read_number(object["distance"]));
  FACEPIPE_ASSIGN(answer.confidence, read_number(object["confidence"]));
  FACEPIPE_TRY(read_face_numbers(object, 0, answer.face_index, answer.face_count));
  FACEPIPE_ASSIGN(answer.box, read_box(object["box"]));
  FACEPIPE_ASSIGN(const auto aligned, read_text(object["aligned"]));
  answer.aligned = aligned.value_or("");
  FACEPIPE_ASSIGN(const auto second, read_text(object["second"]));
  answer.second = second.value_or("");
  FACEPIPE_ASSIGN(answer.second_distance, read_number(object["second_distance"]));
  FACEPIPE_ASSIGN(answer.threshold, read_number(object["threshold"]));
  FACEPIPE_ASSIGN(answer.probability, read_share(object["probability"]));
  FACEPIPE_ASSIGN(answer.second_probability, read_share(object["second_probability"]));
  FACEPIPE_ASSIGN(answer.quality, read_share(object["quality"]));
  FACEPIPE_ASSIGN(answer.reasons, read_reasons(object["reasons"]));
  FACEPIPE_ASSIGN(answer.face_id, read_kept_id(object["face_id"]));
  FACEPIPE_ASSIGN(answer.visit, read_kept_id(object["visit"]));
  return answer;
}

}  // namespace

std::string to_json(const Frame& frame) {
  JsonWriter json;
  json.begin_object();
  json.key("request_id").string(frame.request_id);
  json.key("filename").string(frame.filename);
  json.key("content").base64(frame.image);
  json.end_object();
  return std::move(json).text();
}

Status check_request_id(std::string_view request_id) {
  if (request_id.empty() || request_id.size() > kMaxRequestIdBytes) {
    return invalid("request_id has " + std::to_string(request_id.size()) + " bytes; expected 1 to " +
                   std::to_string(kMaxRequestIdBytes));
  }
  for (const char c : request_id) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F) {
      return invalid("request_id: expected text without control characters");
    }
  }
  if (!is_utf8(request_id)) {
    return invalid("request_id: expected UTF-8");
  }
  return {};
}

Result<Bytes> decode_picture_text(std::string_view text) {
  return base64_decode(without_data_url_prefix(text));
}

Result<Frame> parse_frame(std::string_view json, std::size_t max_body_bytes) {
  if (json.empty()) {
    return invalid(std::string(kMissingBody));
  }
  FACEPIPE_TRY(check_size(json, max_body_bytes, "the request body"));
  auto parsed = parse_json(json);
  if (!parsed) {
    if (parsed.error().code == ErrorCode::kInvalidData && parsed.error().message != kNotObject) {
      return invalid(std::string(kNotJson));
    }
    return parsed.error().with_context("the request body");
  }
  const JsonDocument& object = *parsed;
  FACEPIPE_ASSIGN(const auto request_id, read_text(object["request_id"]));
  FACEPIPE_ASSIGN(const auto filename, read_text(object["filename"]));
  FACEPIPE_ASSIGN(const auto content, read_text(object["content"]));
  if (request_id.value_or("").empty() || filename.value_or("").empty() || content.value_or("").empty()) {
    return invalid(std::string(kMissingFields));
  }
  FACEPIPE_TRY(check_request_id(*request_id));
  auto picture = decode_picture_text(*content);
  if (!picture) {
    return picture.error().with_context("content");
  }
  return Frame{std::string(*request_id), std::string(*filename), std::move(*picture)};
}

namespace {

std::string json_with(ByteView face, const FaceMessage& message) {
  JsonWriter json;
  json.begin_object();
  json.key("request_id").string(message.request_id);
  json.key("face").base64(face);
  json.key("face_index").integer(message.face_index);
  json.key("face_count").integer(message.face_count);
  write_box(json, "box", message.box);
  if (message.landmarks) {
    json.key("landmarks").begin_array();
    for (const image::Point& point : *message.landmarks) {
      json.begin_array().number(point.x).number(point.y).end_array();
    }
    json.end_array();
  }
  write_number(json, "confidence", message.confidence);
  write_text(json, "crop", message.crop);
  write_box(json, "crop_box", message.crop_box);
  write_text(json, "camera", message.camera);
  if (message.time) {
    json.key("time").integer(message.time->time_since_epoch().count());
  }
  if (message.frame) {
    json.key("frame").begin_array().integer(message.frame->width).integer(message.frame->height).end_array();
  }
  json.end_object();
  return std::move(json).text();
}

}  // namespace

std::string to_json(const FaceMessage& message) {
  return json_with(message.face, message);
}

std::size_t json_size(const FaceMessage& message) {
  return json_with({}, message).size() + base64_size(message.face.size());
}

std::string to_original_json(const FaceMessage& message) {
  JsonWriter json;
  json.begin_object();
  json.key("request_id").string(message.request_id);
  json.key("face").base64(message.face);
  json.end_object();
  return std::move(json).text();
}

Result<FaceMessage> parse_face_message(std::string_view json, std::string* request_id) {
  auto message = read_face_message(json, request_id);
  return message ? std::move(message) : message.error().with_context("face message");
}

std::string to_json(const Answer& answer) {
  JsonWriter json;
  json.begin_object();
  json.key("request_id").string(answer.request_id);
  json.key("result").string(answer.result);
  write_text(json, "error", answer.error);
  write_number(json, "distance", answer.distance);
  write_number(json, "confidence", answer.confidence);
  json.key("face_index").integer(answer.face_index);
  json.key("face_count").integer(answer.face_count);
  write_box(json, "box", answer.box);
  write_text(json, "aligned", answer.aligned);
  write_text(json, "second", answer.second);
  write_number(json, "second_distance", answer.second_distance);
  write_number(json, "threshold", answer.threshold);
  write_number(json, "probability", answer.probability);
  write_number(json, "second_probability", answer.second_probability);
  write_number(json, "quality", answer.quality);
  if (!answer.reasons.empty()) {
    json.key("reasons").begin_array();
    for (const std::string& reason : answer.reasons) {
      json.string(reason);
    }
    json.end_array();
  }
  write_text(json, "face_id", answer.face_id);
  write_text(json, "visit", answer.visit);
  json.end_object();
  return std::move(json).text();
}

Result<Answer> parse_answer(std::string_view json) {
  auto answer = read_answer(json);
  return answer ? std::move(answer) : answer.error().with_context("answer");
}

}  // namespace facepipe::wire
