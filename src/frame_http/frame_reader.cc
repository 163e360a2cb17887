// Tested by frame_reader_test.cc; fuzzed by frame_request_fuzz.cc.
#include "frame_http/frame_reader.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "base/time_text.h"
#include "http/multipart.h"
#include "wire/messages.h"
#include "wire/queue_fields.h"

namespace facepipe::frame_http {
namespace {

// A picture of `max_image_bytes` in base64 with line breaks, and room for the other fields.
std::size_t max_json_bytes(std::size_t max_image_bytes) {
  constexpr std::size_t kOtherFields = std::size_t{64} << 10U;
  return max_image_bytes / 2 * 3 + kOtherFields;
}

Error missing_beside_picture() {
  return Error{ErrorCode::kInvalidData, std::string(wire::kMissingFields) + ": " + std::string(kWhereFieldsGo)};
}

// --- what a body is

enum class BodyKind { kPicture, kForm, kJson, kUnknown };

bool is_json_type(std::string_view type) {
  return type == "application/json" || type == "text/json" || type.ends_with("+json");
}

// The first character of a JSON object, array or text, behind blanks and a byte order mark.
bool looks_like_json(std::string_view body) {
  body = without_byte_order_mark(body);
  const std::size_t first = body.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && std::string_view("{[\"").find(body[first]) != std::string_view::npos;
}

bool is_text(std::string_view body) {
  return std::none_of(body.begin(), body.end(),
                      [](char c) { return c >= 0 && c < ' ' && c != '\t' && c != '\r' && c != '\n'; }) &&
         is_utf8(body);
}

BodyKind kind_of(std::string_view body, std::string_view content_type) {
  constexpr std::string_view kGzip = "\x1F\x8B";
  const std::string type = http::media_type(content_type);
  if (body.starts_with(kGzip)) {
    return BodyKind::kUnknown;  // whatever it holds: "must be valid JSON" would lead astray
  }
  if (image::picture_format(as_bytes(body)) || type.starts_with("image/")) {
    return BodyKind::kPicture;
  }
  if (looks_like_json(body) || is_json_type(type)) {
    return BodyKind::kJson;
  }
  if (type.starts_with("multipart/") || http::looks_like_form(body)) {
    return BodyKind::kForm;
  }
  // Without any type, as from an invocation by hand, text was meant as JSON.
  return type.empty() && is_text(body) ? BodyKind::kJson : BodyKind::kUnknown;
}

// --- forms

bool is_picture(const http::FormPart& part) {
  return image::picture_format(as_bytes(part.content)).has_value();
}

// Names that clients give the picture: "file", "files[]".
bool has_picture_name(const http::FormPart& part) {
  constexpr std::array<std::string_view, 8> kNames{"file",    "files",   "image", "frame",
                                                   "content", "picture", "photo", "upload"};
  std::string name = lower(part.name);
  if (name.ends_with("[]")) {
    name.resize(name.size() - 2);
  }
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

std::vector<const http::FormPart*> parts_that(const std::vector<http::FormPart>& parts,
                                              bool (*test)(const http::FormPart&)) {
  std::vector<const http::FormPart*> found;
  for (const http::FormPart& part : parts) {
    if (test(part)) {
      found.push_back(&part);
    }
  }
  return found;
}

// The part that is the frame; null if there is none.
Result<const http::FormPart*> choose_picture(const std::vector<http::FormPart>& parts) {
  using Test = bool (*)(const http::FormPart&);
  // In this order: what is plainly meant, then what can be nothing else. An upload that is no picture is chosen too, so
  // that the answer says what it is.
  constexpr std::array<Test, 5> kTests{
      [](const http::FormPart& part) { return has_picture_name(part) && is_picture(part); },
      [](const http::FormPart& part) { return has_picture_name(part) && part.filename.has_value(); },
      [](const http::FormPart& part) { return is_picture(part); },
      [](const http::FormPart& part) { return part.filename.has_value(); },
      [](const http::FormPart& part) { return has_picture_name(part); },
  };
  for (const Test test : kTests) {
    const std::vector<const http::FormPart*> found = parts_that(parts, test);
    if (found.size() > 1) {
      return Error{ErrorCode::kInvalidData,
                   "form: expected one picture, found " + std::to_string(found.size()) + ": a frame is one request"};
    }
    if (!found.empty()) {
      return found.front();
    }
  }
  return static_cast<const http::FormPart*>(nullptr);
}

// The last field of that name, else `otherwise`.
std::string_view field_or(const std::vector<http::FormPart>& parts, std::string_view name, std::string_view otherwise) {
  for (const http::FormPart& part : parts) {
    if (part.name == name && !part.filename && !part.content.empty()) {
      otherwise = part.content;
    }
  }
  return otherwise;
}

Status set_camera(std::string_view camera, FrameHead& head) {
  FACEPIPE_TRY(wire::check_camera(camera));
  head.info.camera = wire::camera_group(camera);
  head.info.camera_name = camera;
  return {};
}

// Milliseconds since 1970, or RFC 3339.
Result<Clock::TimePoint> read_time(std::string_view text, Clock::TimePoint now) {
  constexpr std::chrono::minutes kMaxAhead{1};  // of a camera's clock
  constexpr std::string_view kExpected =
      "time: expected milliseconds since 1970 or a time like 2026-11-24T12:34:56.789Z";
  const auto milliseconds = parse_number<std::int64_t>(text);
  const auto time =
      milliseconds ? Result(Clock::TimePoint{std::chrono::milliseconds(*milliseconds)}) : parse_iso_time(text);
  if (!time) {
    return Error{ErrorCode::kInvalidData, std::string(kExpected)};
  }
  if (*time < Clock::TimePoint{} || *time > now + kMaxAhead) {
    return Error{ErrorCode::kInvalidData, "time: expected one from 1970 to a minute from now, got another"};
  }
  return *time;
}

Status set_time(std::string_view time, Clock::TimePoint arrived, FrameHead& head) {
  head.info.time = arrived;
  if (!time.empty()) {
    FACEPIPE_ASSIGN(head.info.time, read_time(time, arrived));
  }
  return {};
}

// A field's text and a part that says so are base64; uploads and pictures are bytes as they are.
Status take_picture(const http::FormPart& part, std::size_t max_bytes, FrameHead& head) {
  head.picture = as_bytes(part.content);
  if (is_picture(part) || (part.filename && part.transfer_encoding != "base64")) {
    return {};
  }
  if (part.content.size() > max_json_bytes(max_bytes)) {
    return Error{ErrorCode::kTooLarge, "form: the picture in base64 has " + std::to_string(part.content.size()) +
                                           " bytes; the limit is " + std::to_string(max_json_bytes(max_bytes))};
  }
  FACEPIPE_ASSIGN(head.decoded, wire::decode_picture_text(part.content).with_context("form: the picture"));
  head.picture = head.decoded;
  return {};
}

Status read_form_frame(const FrameRequest& request, const image::DecodeLimits& limits, FrameHead& head) {
  FACEPIPE_ASSIGN(const std::vector<http::FormPart> parts, http::read_form(request.content_type, request.body));
  FACEPIPE_ASSIGN(const http::FormPart* const picture, choose_picture(parts));
  const std::string_view request_id = field_or(parts, "request_id", request.request_id);
  std::string_view filename = field_or(parts, "filename", request.filename);
  if (filename.empty() && picture != nullptr && picture->filename) {
    filename = *picture->filename;
  }
  if (picture == nullptr || picture->content.empty() || request_id.empty() || filename.empty()) {
    return missing_beside_picture();
  }
  FACEPIPE_TRY(wire::check_request_id(request_id));
  head.info.request_id = request_id;
  FACEPIPE_TRY(set_camera(field_or(parts, "camera", request.camera), head));
  FACEPIPE_TRY(set_time(field_or(parts, "time", request.time), request.arrived, head));
  return take_picture(*picture, limits.max_bytes, head);
}

// --- the others

Status read_json_frame(const FrameRequest& request, const image::DecodeLimits& limits, FrameHead& head) {
  FACEPIPE_ASSIGN(wire::Frame frame, wire::parse_frame(request.body, max_json_bytes(limits.max_bytes)));
  head.info.request_id = std::move(frame.request_id);
  head.decoded = std::move(frame.image);
  head.picture = head.decoded;
  return {};
}

Status read_bare_picture(const FrameRequest& request, FrameHead& head) {
  if (request.request_id.empty() || request.filename.empty()) {
    return missing_beside_picture();
  }
  FACEPIPE_TRY(wire::check_request_id(request.request_id));
  head.info.request_id = request.request_id;
  head.picture = as_bytes(request.body);
  return {};
}

Error unknown_format(std::string_view body) {
  return Error{ErrorCode::kUnsupported,
               "expected a JPEG, PNG or WebP picture, a form (multipart/form-data) that holds one, or JSON "
               "(application/json), got " +
                   image::describe_other(as_bytes(body))};
}

}  // namespace

Result<FrameHead> read_frame(const FrameRequest& request, const image::DecodeLimits& limits) {
  if (request.body.empty()) {
    return Error{ErrorCode::kInvalidData, std::string(wire::kMissingBody)};
  }
  FrameHead head;
  head.info.trace_header = wire::usable_trace_header(request.trace_header);
  FACEPIPE_TRY(set_time(request.time, request.arrived, head));
  FACEPIPE_TRY(set_camera(request.camera, head));
  switch (kind_of(request.body, request.content_type)) {
    case BodyKind::kPicture:
      FACEPIPE_TRY(read_bare_picture(request, head));
      return head;
    case BodyKind::kForm:
      FACEPIPE_TRY(read_form_frame(request, limits, head));
      return head;
    case BodyKind::kJson:
      FACEPIPE_TRY(read_json_frame(request, limits, head));
      return head;
    case BodyKind::kUnknown:
      break;
  }
  return unknown_format(request.body);
}

}  // namespace facepipe::frame_http
