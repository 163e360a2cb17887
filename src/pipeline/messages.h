// The wire messages between the stages: docs/formats/messages.md. JSON, UTF-8; unknown fields are ignored.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "detect/face.h"

namespace facepipe::pipeline {

// A client's frame: {"request_id","filename","content"}, content base64.
struct Frame {
  std::string request_id;
  std::string filename;
  Bytes image;
};

// What the detector tells the recogniser about one face. Everything but request_id and face is optional: the Python
// detector sends only those two.
struct FaceMessage {
  std::string request_id;
  Bytes face;  // encoded picture: JPEG or PNG (WebP is taken too)
  int face_index = 0;
  int face_count = 1;
  std::optional<image::Box> box;                                              // frame pixels
  std::optional<std::array<image::Point, detect::kLandmarkCount>> landmarks;  // frame pixels
  std::optional<float> confidence;                                            // of the detection
  // "source": `face` is a cut-out of the frame and crop_box is the face's box in its pixels. Absent or "classic": the
  // original's square, stretched crop.
  std::string crop;
  std::optional<image::Box> crop_box;
};
[[nodiscard]] std::string to_json(const FaceMessage& message);
// Takes the dialect with "face_image" in place of "face", and a message encoded twice (a JSON string that holds the
// object). kInvalidData names the field. If the request id could be read, `request_id` is set even on error.
[[nodiscard]] Result<FaceMessage> parse_face_message(std::string_view json, std::string* request_id = nullptr);

inline constexpr std::string_view kNoFace = "No-Face";

// The final word on one face of a frame: {"request_id","result"} and more.
struct Answer {
  std::string request_id;
  std::string result;  // a name, "unknown", "No-Face"; "error" with `error` set
  std::string error;   // what went wrong, for result "error"
  std::optional<float> distance;
  std::optional<float> confidence;
  int face_index = 0;
  int face_count = 1;  // 0 for No-Face
  std::optional<image::Box> box;
  std::string second;  // runner-up
  std::optional<float> second_distance;
};
[[nodiscard]] std::string to_json(const Answer& answer);
[[nodiscard]] Result<Answer> parse_answer(std::string_view json);

}  // namespace facepipe::pipeline
