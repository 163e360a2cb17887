// The wire messages between the stages: docs/formats/messages.md. JSON, UTF-8; unknown fields are ignored, null counts
// as absent, and of a repeated field the last one counts (as in Python's json).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "image/geometry.h"

namespace facepipe::wire {

// Longest request id, in bytes. A client's own ids (UUIDs, names of files) are far shorter.
inline constexpr std::size_t kMaxRequestIdBytes = 256;

// Longest request id of a face message, which may be another detector's: its answer fits every queue (256 KiB are the
// least that one takes), whatever has to be escaped.
inline constexpr std::size_t kMaxAnsweredIdBytes = std::size_t{32} << 10U;

// The texts that the Python original answers a refused frame with. parse_frame's errors carry them unchanged.
inline constexpr std::string_view kMissingBody = "Missing request body";
inline constexpr std::string_view kNotJson = "Request body must be valid JSON";
inline constexpr std::string_view kMissingFields = "Missing one or more required fields: request_id, filename, content";

// A client's frame: {"request_id","filename","content"}, content base64.
struct Frame {
  std::string request_id;  // 1..kMaxRequestIdBytes of UTF-8 without control characters
  std::string filename;    // free text, not empty
  Bytes image;             // an encoded picture
};
[[nodiscard]] std::string to_json(const Frame& frame);
// Takes base64 in every spelling of base64_decode, with a "data:...;base64," prefix as browsers write it, and an object
// encoded twice (a JSON string that holds it). kInvalidData: kMissingBody, kNotJson, kMissingFields (absent, null or
// empty), or a message that names the field; kTooLarge past `max_body_bytes`.
[[nodiscard]] Result<Frame> parse_frame(std::string_view json, std::size_t max_body_bytes = std::size_t{64} << 20U);
// A picture in base64, bare or as a "data:...;base64," URL in letters of any case. Errors as base64_decode.
[[nodiscard]] Result<Bytes> decode_picture_text(std::string_view text);
// kInvalidData naming the limit for an id that is empty, too long, not UTF-8 or holds control characters.
[[nodiscard]] Status check_request_id(std::string_view request_id);

// FaceMessage::crop of a cut-out of the frame, and of the original's square, stretched crop.
inline constexpr std::string_view kCropSource = "source";
inline constexpr std::string_view kCropClassic = "classic";

// The size of a picture in pixels.
struct PictureSize {
  int width = 0;  // 1..kMaxFrameSidePx
  int height = 0;
  friend bool operator==(const PictureSize&, const PictureSize&) = default;
};
inline constexpr int kMaxFrameSidePx = 1'000'000;

// What the detector tells the recogniser about one face. Everything but request_id and face is optional: the Python
// detector sends only those two.
struct FaceMessage {
  std::string request_id;
  Bytes face;  // encoded picture: JPEG or PNG (WebP is taken too)
  int face_index = 0;
  int face_count = 1;
  std::optional<image::Box> box;              // frame pixels
  std::optional<image::Landmarks> landmarks;  // frame pixels
  std::optional<float> confidence;            // of the detection
  // kCropSource: `face` is a cut-out of the frame and crop_box is the face's box in its pixels. Empty or kCropClassic:
  // the original's square, stretched crop.
  std::string crop;
  std::optional<image::Box> crop_box;
  // The frame: its camera as its sender names it (check_camera; may be empty), when it was taken, its size.
  std::string camera;
  std::optional<Clock::TimePoint> time;  // of the years 1970 to 9999
  std::optional<PictureSize> frame;
};
[[nodiscard]] std::string to_json(const FaceMessage& message);
// How many bytes that has, without writing the picture.
[[nodiscard]] std::size_t json_size(const FaceMessage& message);
// The message as the Python detector writes it: request_id and face, and nothing else.
[[nodiscard]] std::string to_original_json(const FaceMessage& message);
// Takes the dialect with "face_image" in place of "face", and a message encoded twice (a JSON string that holds the
// object). kInvalidData names the field; kUnsupported an unknown kind of crop. If the request id could be read
// and an answer can carry it, `request_id` is set even on error. Guarantees of a message: 0 <= face_index < face_count,
// finite coordinates of at most a million, crop_box with kCropSource, camera, time and frame within their bounds.
[[nodiscard]] Result<FaceMessage> parse_face_message(std::string_view json, std::string* request_id = nullptr);

inline constexpr std::string_view kNoFace = "No-Face";
inline constexpr std::string_view kErrorResult = "error";

// Answer::aligned of a face without landmarks.
inline constexpr std::string_view kAlignedByBox = "box";

// The final word on one face of a frame: {"request_id","result"} and more.
struct Answer {
  std::string request_id;
  std::string result;  // a name, "unknown", kNoFace; kErrorResult with `error` set
  std::string error;   // what went wrong, for result "error"
  std::optional<float> distance;
  std::optional<float> confidence;
  int face_index = 0;
  int face_count = 1;  // 0 for No-Face
  std::optional<image::Box> box;
  // What the face was aligned by in place of what the model's alignment asks for: kAlignedByBox; else empty.
  std::string aligned;
  std::string second;  // runner-up
  std::optional<float> second_distance;
  // How the name was decided (model/decision.h), from a pack that says: the distance up to which somebody is named, and
  // the probabilities, 0..1, that the name is right and that it should have been the runner-up's.
  std::optional<float> threshold;
  std::optional<float> probability;
  std::optional<float> second_probability;
  // How much of the face can be told (recognize/quality.h), 0..1, and what is wrong with it: words like "blurred", none
  // of them empty; at most kMaxReasons.
  std::optional<float> quality;
  std::vector<std::string> reasons;
  // Where faces are kept: the face's id, and the visit that it is part of; else empty. At most kMaxKeptIdBytes.
  std::string face_id;
  std::string visit;
};
inline constexpr std::size_t kMaxKeptIdBytes = 64;
inline constexpr std::size_t kMaxReasons = 32;
[[nodiscard]] std::string to_json(const Answer& answer);
// Takes the Python recogniser's {"request_id","result"} too. kInvalidData names the field.
[[nodiscard]] Result<Answer> parse_answer(std::string_view json);

}  // namespace facepipe::wire
