// Answers of the API.
#pragma once

#include <functional>
#include <string>

#include "base/bytes.h"
#include "base/json_writer.h"
#include "base/result.h"
#include "faces/face_store.h"
#include "http/message.h"
#include "serve/api/operation.h"
#include "serve/api/records_json.h"

namespace facepipe::serve {

[[nodiscard]] http::Response json_answer(JsonWriter&& json, int status = 200);
[[nodiscard]] http::Response error_answer(int status, std::string_view message);
// Of an error of the work (not of reading the request): 404, 409 what is there or has changed, 413, 422 what the
// request names cannot be used, 503 with Retry-After, 500 without the words.
[[nodiscard]] http::Response error_answer(const Error& error);
// What is the picture of that id forever. 304 where `request` has its tag.
[[nodiscard]] http::Response picture_answer(const http::Request& request, ByteView picture, std::string_view media_type,
                                            std::string_view tag);
// The last frame of something, which another may follow under the same path.
[[nodiscard]] http::Response frame_answer(const http::Request& request, const faces::FramePicture& frame);
[[nodiscard]] Error nothing_is_kept();

// Work that asks the store; without one (`store` null) nothing_is_kept().
using faces::FaceStore;
using StoreWork = std::function<Answer(FaceStore& store, const ApiRequest& request)>;
[[nodiscard]] Operation::Work of_store(FaceStore* store, StoreWork work);

// `record` as write() of records_json.h has it, with what that takes besides.
template <typename Record, typename... More>
[[nodiscard]] http::Response record_answer(const Record& record, const More&... more) {
  JsonWriter json;
  write(json, record, more...);
  return json_answer(std::move(json));
}
// The same of a page's.
template <typename Record, typename... More>
[[nodiscard]] http::Response page_answer(const faces::Page<Record>& page, const More&... more) {
  JsonWriter json;
  json.begin_object();
  write_page(json, page, more...);
  json.end_object();
  return json_answer(std::move(json));
}

}  // namespace facepipe::serve
