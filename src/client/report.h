// What became of the frames that were sent, as values and as text.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "image/geometry.h"

namespace facepipe::client {

struct FaceReport {
  int index = 0;
  std::string name;  // a person's name, "unknown", or "error"
  std::string error;
  std::optional<float> distance;
  std::optional<image::Box> box;  // frame pixels
};

enum class FrameStatus {
  kAnswered,  // every face has its answer, or there is no face
  kNoAnswer,  // accepted, but the answers did not come in time
  kRefused,   // the endpoint did not take it, or the file could not be read
};

struct FrameReport {
  std::string file;
  std::string request_id;
  FrameStatus status = FrameStatus::kNoAnswer;
  std::string error;              // why it was refused
  std::vector<FaceReport> faces;  // by index; empty: no face
  double milliseconds = 0;        // from the first try to the last answer (or the refusal)
};

// One JSON line without its newline: {"file","request_id","status":"answered"|"no-answer"|"refused","error"?,
// "milliseconds","faces":[{"index","name","distance"?,"box"?,"error"?}]}
[[nodiscard]] std::string to_json_line(const FrameReport& frame);
// Aligned columns: frame, face, name, distance, ms. A line a face, or one for a frame without any. Lines of at most
// `width` columns, 0: as long as they are (base/table.h).
[[nodiscard]] std::string to_table(std::span<const FrameReport> frames, std::size_t width);

}  // namespace facepipe::client
