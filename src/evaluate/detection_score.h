// Found boxes against true ones.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "image/geometry.h"

namespace facepipe::evaluate {

struct TrueBox {
  image::Box box;
  bool ignored = false;  // neither to be found nor wrong to be found
};

struct FoundBox {
  image::Box box;
  float confidence = 0;
};

// One picture.
struct Scene {
  std::vector<TrueBox> truth;
  std::vector<FoundBox> found;
};

// A found box that is no face, or a face that was not found.
struct DetectionMistake {
  std::size_t scene = 0;
  image::Box box;
  float confidence = 0;  // of a found box
};

struct RecallPoint {  // with all boxes of at least that confidence
  double confidence = 0;
  double recall = 0;
  double precision = 0;
};

struct DetectionScore {
  std::size_t boxes = 0;    // true ones that count
  std::size_t ignored = 0;  // true ones that do not
  std::size_t right = 0;    // found boxes that are faces
  std::size_t wrong = 0;    // found boxes that are not; those on an ignored box are neither
  double average_precision = 0;
  std::vector<RecallPoint> curve;              // a point a counted found box, the most confident first
  std::vector<DetectionMistake> false_alarms;  // the most confident first
  std::vector<DetectionMistake> missed;        // the largest first

  // 0 where there is nothing to be found, or nothing was.
  [[nodiscard]] double recall() const;
  [[nodiscard]] double precision() const;
};

// Intersection over union; 0 for an empty box.
[[nodiscard]] double overlap(const image::Box& a, const image::Box& b);

// As PASCAL VOC has it since 2010 (Everingham et al., "The PASCAL Visual Object Classes Challenge: A Retrospective",
// 2015): found boxes in order of confidence, each taken by the true one that it overlaps most, among those not taken
// yet, if the overlap is `min_overlap` or more; the average precision is the area under the curve of precision over
// recall, precision made to fall alone. Equal confidences in the order of the scenes. A found box that no counted true
// one takes, and overlaps an ignored one by that much, does not count.
[[nodiscard]] DetectionScore score_detections(std::span<const Scene> scenes, double min_overlap);

}  // namespace facepipe::evaluate
