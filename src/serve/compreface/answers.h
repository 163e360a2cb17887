// Answers of the CompreFace API, and its error codes: internal to the module.
#pragma once

#include <string_view>

#include "base/json_writer.h"
#include "base/result.h"
#include "detect/face.h"
#include "http/message.h"
#include "people/people_desk.h"

namespace facepipe::serve::compreface {

// CompreFace's own numbers (CommonExceptionCode.java).
enum class Code {
  kUnknownKey = 10,
  kNoKey = 20,
  kBadPicture = 21,  // of a kind that cannot be read
  kBadKey = 26,      // no UUID
  kNoFace = 28,
  kSeveralFaces = 31,
  kMissingPart = 34,
  kBadValue = 36,
  kNoSubject = 42,
  kSubjectExists = 43,
  kNoImage = 44,
  kOther = 0,
};

[[nodiscard]] http::Response failure(int status, Code code, std::string_view message);
// What a client can mend is 400, what is not there 404/42, the rest 500.
[[nodiscard]] http::Response failure(const Error& error);
// Of a picture that was not enrolled.
[[nodiscard]] http::Response failure(const people::PictureOutcome& outcome);
[[nodiscard]] http::Response no_face();
// "box", in whole pixels, none below 0.
void write_box(JsonWriter& json, const detect::Face& face);
[[nodiscard]] http::Response success(JsonWriter json, int status = 200);

}  // namespace facepipe::serve::compreface
