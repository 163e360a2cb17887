// Tested by tests/e2e/test_compreface.py with its clients.
#include "serve/compreface/answers.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace facepipe::serve::compreface {

http::Response failure(int status, Code code, std::string_view message) {
  JsonWriter json;
  json.begin_object().key("message").string(message).key("code").integer(static_cast<int>(code)).end_object();
  return http::make_response(status, "application/json", std::move(json).text());
}

http::Response failure(const Error& error) {
  switch (error.code) {
    case ErrorCode::kNotFound:
      return failure(404, Code::kNoSubject, error.message);
    case ErrorCode::kAlreadyExists:
      return failure(400, Code::kSubjectExists, error.message);
    case ErrorCode::kInvalidData:
    case ErrorCode::kUnsupported:
    case ErrorCode::kTooLarge:
      return failure(400, Code::kBadPicture, error.message);
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kMismatch:
      return failure(400, Code::kBadValue, error.message);
    case ErrorCode::kExhausted:
    case ErrorCode::kUnavailable:
    case ErrorCode::kTimeout:
      return failure(503, Code::kOther, error.message);
    case ErrorCode::kPermission:
    case ErrorCode::kInternal:
      break;
  }
  return failure(500, Code::kOther, error.message);
}

http::Response failure(const people::PictureOutcome& outcome) {
  switch (outcome.refusal) {
    case people::Refusal::kNoFace:
      return no_face();
    case people::Refusal::kSeveralFaces:
      return failure(400, Code::kSeveralFaces, "There is more than one face in the given image: " + outcome.message);
    case people::Refusal::kCannotBeTold:
      return failure(400, Code::kNoFace, "No face that could be told is in the given image: " + outcome.message);
    case people::Refusal::kNone:
    case people::Refusal::kNoPicture:
      break;
  }
  return failure(400, Code::kBadPicture, outcome.message);
}

http::Response no_face() {
  return failure(400, Code::kNoFace, "No face is found in the given image");
}

void write_box(JsonWriter& json, const detect::Face& face) {
  const auto pixel = [](float value) { return std::max<std::int64_t>(std::llround(value), 0); };
  json.key("box").begin_object().key("probability").number(face.confidence);
  json.key("x_max").integer(pixel(face.box.x2)).key("y_max").integer(pixel(face.box.y2));
  json.key("x_min").integer(pixel(face.box.x1)).key("y_min").integer(pixel(face.box.y1)).end_object();
}

http::Response success(JsonWriter json, int status) {
  return http::make_response(status, "application/json", std::move(json).text());
}

}  // namespace facepipe::serve::compreface
