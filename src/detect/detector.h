// The port to whatever finds faces: a kind of detector has a folder of its own (detect/mtcnn) and is registered once,
// in recognize/load_detector.cc.
#pragma once

#include <array>
#include <functional>
#include <memory>

#include "base/result.h"
#include "base/work_limit.h"
#include "detect/face.h"
#include "image/image.h"
#include "model/kinds.h"
#include "model/model_pack.h"

namespace facepipe::detect {

// What a user may choose. A kind checks what it uses; the thresholds and the factor are MTCNN's.
struct DetectorOptions {
  int min_face_size_px = 20;                             // facenet-pytorch's default
  std::array<float, 3> thresholds = {0.6F, 0.7F, 0.7F};  // of P-Net, R-Net, O-Net; facenet-pytorch's defaults
  float factor = 0.709F;                                 // pyramid scale step; facenet-pytorch's default
  int threads = 1;                                       // for one detect call
};

// What was found in one picture.
struct Detection {
  std::vector<Face> faces;  // largest box first
  // False: the picture had more candidates than the detector looks at, and some, of small or doubtful faces, were left
  // out. Never on photographs of even large crowds.
  bool complete = true;
};

class Detector {
 public:
  virtual ~Detector() = default;

  // All faces, empty if none, if the picture is empty, or smaller than the minimum face. `limit` is looked at every few
  // milliseconds; its errors, and the kind's own. Thread-safe: concurrent calls share the weights.
  [[nodiscard]] virtual Result<Detection> detect(image::RgbView picture, const WorkLimit& limit = {}) const = 0;
  // An upper bound on the memory that one detect() call holds for a picture of that size, its pixels left out. With one
  // thread for a call.
  [[nodiscard]] virtual std::size_t memory(int width, int height) const = 0;
};

// The detector of a pack. Errors name the pack's file, or the option and its range.
using LoadDetector = std::function<Result<std::unique_ptr<const Detector>>(const model::ModelPack& pack,
                                                                           const DetectorOptions& options)>;
using DetectorKinds = model::Kinds<LoadDetector>;

// The order that every kind answers in: by the area of the box, equal ones as they are.
void sort_largest_first(std::vector<Face>& faces);

}  // namespace facepipe::detect
