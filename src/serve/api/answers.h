// Answers of the API.
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/json_writer.h"
#include "base/result.h"
#include "http/message.h"
#include "serve/api/operation.h"

namespace facepipe::serve {

[[nodiscard]] http::Response json_answer(JsonWriter&& json, int status = 200);
[[nodiscard]] http::Response error_answer(int status, std::string_view message);
// Of an error of the work (not of reading the request): 404, 409 what is there or has changed, 413, 422 what the
// request names cannot be used, 503 with Retry-After, 500 without the words.
[[nodiscard]] http::Response error_answer(const Error& error);
// What is the picture of that id forever. 304 where `request` has its tag.
[[nodiscard]] http::Response picture_answer(const http::Request& request, ByteView picture, std::string_view media_type,
                                            std::string_view tag);
[[nodiscard]] Error nothing_is_kept();

}  // namespace facepipe::serve
