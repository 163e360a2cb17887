// From the bytes of a request to an encoded picture and what is said about it. Everything that a sender can get wrong,
// but for the picture itself, is found here, before anything is decoded.
#pragma once

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "image/decode.h"
#include "stage/detection/frame.h"

namespace facepipe::frame_http {

// A frame as it came over HTTP: from a Function URL event, API Gateway, a load balancer, or our own server.
struct FrameRequest {
  std::string body;          // decoded from base64 already where the transport encoded it
  std::string content_type;  // as it was declared; may be empty or wrong
  std::string request_id;    // query string, for pictures that come by themselves or in a form
  std::string filename;      // query string, for the same
  std::string camera;        // query string: its name, for fair queues; may be empty
  // Query string: when it was taken, as milliseconds since 1970 or as parse_iso_time has it, at most a minute after it
  // arrived; empty: when it arrived.
  std::string time;
  std::string trace_header;
  Clock::TimePoint arrived;
};

// Follows kMissingFields and ": " in the error of a picture that came by itself or in a form.
inline constexpr std::string_view kWhereFieldsGo =
    "beside a picture, request_id and filename come in the query string or as fields of the form";

struct FrameHead {
  stage::FrameInfo info;
  Bytes decoded;     // the picture where it came in base64
  ByteView picture;  // encoded: a view of `decoded`, or of the request's body, which must outlive it
};

// What the body is, its content says, before its declared type. In this order:
//   a JPEG, PNG or WebP whatever the type, and what is declared image/...: a picture by itself;
//   JSON by its first character or its type: parse_frame (messages.h);
//   what begins as a form does, and multipart/...: a form with one picture (http/multipart.h). The picture is the part
//     named file, files, image, frame, content, picture, photo or upload, else the only part that is one; as a field it
//     may be base64. request_id, filename, camera and time are fields, before the query's; the upload's own name comes
//     last;
//   text without any type: JSON.
// kUnsupported, naming what is taken, for the rest, compressed bodies too, and for a form within a form. kInvalidData
// with the Python original's texts (kMissingBody, kNotJson, kMissingFields and what follows it) or naming the field;
// kTooLarge past a limit. No payload is quoted.
[[nodiscard]] Result<FrameHead> read_frame(const FrameRequest& request, const image::DecodeLimits& limits);

}  // namespace facepipe::frame_http
