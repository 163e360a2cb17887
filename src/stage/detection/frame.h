// A frame on its way through the detection stage, as data: nothing here knows how it came.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/work_limit.h"
#include "image/image.h"
#include "stage/detection/frame_memory.h"

namespace facepipe::stage {

// What is said about a frame; it travels with it to the sink.
struct FrameInfo {
  std::string request_id;                 // 1..wire::kMaxRequestIdBytes of text
  std::string camera;                     // its group, as every queue takes it (wire::camera_group); may be empty
  std::string camera_name;                // as its sender names it (wire::check_camera); may be empty
  std::string trace_header;               // a valid one, or empty
  Clock::TimePoint time{};                // of capture where the camera tells it, else of arrival
  std::optional<std::uint64_t> sequence;  // within the camera's frames, where whoever takes them counts them
};

struct EncodedFrame {
  FrameInfo info;
  ByteView picture;  // JPEG, PNG or WebP; outlives the call that it is passed to
};

// Pixels, with what was granted for the work on them.
struct DecodedFrame {
  FrameInfo info;
  image::RgbImage pixels;  // not empty
  std::string key;         // frame_key(); empty: made of the pixels if the sink knows frames
  WorkLimit limit;         // for detecting and cropping
  FrameMemory memory;      // held until the messages are stored (FrameMemory::take_for)
};

// What the stage hands to the sink.
struct DetectedFrame {
  FrameInfo info;
  std::string key;                 // empty only for a sink that does not know frames
  std::vector<std::string> faces;  // bodies of the face messages, by face_index; empty: the frame has no face
};

// Names a frame by its request id and its picture (as it was sent, encoded): the rule "Duplicates" of
// docs/formats/messages.md.
[[nodiscard]] std::string frame_key(const std::string& request_id, ByteView picture);

}  // namespace facepipe::stage
