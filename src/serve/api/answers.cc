// Tested by api_test.cc.
#include "serve/api/answers.h"

namespace facepipe::serve {

http::Response json_answer(JsonWriter&& json, int status) {
  return http::make_response(status, "application/json", std::move(json).text());
}

http::Response error_answer(int status, std::string_view message) {
  http::Response response = http::make_response(status, "application/json", json_error_body(message));
  if (status == 503 || status == 429) {
    response.headers.emplace_back("retry-after", "1");
  }
  return response;
}

http::Response error_answer(const Error& error) {
  switch (error.code) {
    case ErrorCode::kNotFound:
      return error_answer(404, error.message);
    case ErrorCode::kAlreadyExists:
    case ErrorCode::kMismatch:
      return error_answer(409, error.message);
    case ErrorCode::kTooLarge:
      return error_answer(413, error.message);
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kInvalidData:
    case ErrorCode::kUnsupported:
      return error_answer(422, error.message);
    case ErrorCode::kUnavailable:
    case ErrorCode::kExhausted:
    case ErrorCode::kTimeout:
      return error_answer(503, error.message);
    case ErrorCode::kPermission:
    case ErrorCode::kInternal:
      break;
  }
  return error_answer(500, "internal error: the server's log says more");
}

http::Response picture_answer(const http::Request& request, ByteView picture, std::string_view media_type,
                              std::string_view tag) {
  const std::string etag = "\"" + std::string(tag) + "\"";
  const std::string_view known = http::header(request.headers, "if-none-match");
  const bool same = known == "*" || known.find(etag) != std::string_view::npos;
  http::Response response;
  if (same) {
    response.status = 304;
  } else {
    response = http::make_response(200, media_type, std::string(as_text(picture)));
  }
  response.headers.emplace_back("etag", etag);
  response.headers.emplace_back("cache-control", "private, max-age=31536000, immutable");
  return response;
}

http::Response frame_answer(const http::Request& request, const faces::FramePicture& frame) {
  const std::string time = std::to_string(frame.time.time_since_epoch().count());
  http::Response response = picture_answer(request, frame.jpeg, "image/jpeg",
                                           time + "-" + std::to_string(std::hash<std::string>()(frame.request_id)));
  for (auto& [name, value] : response.headers) {
    if (name == "cache-control") {
      value = "private, no-cache";
    }
  }
  return response;
}

Error nothing_is_kept() {
  return Error{ErrorCode::kNotFound, "nothing is kept: --keep none"};
}

Operation::Work of_store(faces::FaceStore* store, StoreWork work) {
  return [store, work = std::move(work)](const ApiRequest& request) -> Answer {
    return store == nullptr ? nothing_is_kept() : work(*store, request);
  };
}

}  // namespace facepipe::serve
