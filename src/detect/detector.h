// MTCNN (Zhang et al. 2016, arXiv:1604.02878) as facenet-pytorch 2.6.0 runs it; differences are numbered in
// docs/numerics.md.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <vector>

#include "base/result.h"
#include "base/work_limit.h"
#include "detect/face.h"
#include "image/image.h"
#include "weights/tensor.h"

namespace facepipe::detect {

enum class KernelSet {
  kFastest,    // one Highway source, the widest vectors of this CPU
  kReference,  // plain loops, any CPU: the oracle of the tests
};

struct DetectorOptions {
  int min_face_size_px = 20;                             // facenet-pytorch's default
  std::array<float, 3> thresholds = {0.6F, 0.7F, 0.7F};  // of P-Net, R-Net, O-Net; facenet-pytorch's defaults
  float factor = 0.709F;                                 // pyramid scale step; facenet-pytorch's default
  int threads = 1;                                       // for one detect call
  KernelSet kernels = KernelSet::kFastest;
};

// What was found in one picture.
struct Detection {
  std::vector<Face> faces;  // largest box first
  // False: the picture had more candidates than candidate_bound.h allows, and some, of small or doubtful faces, were
  // not looked at. Never on photographs of even large crowds.
  bool complete = true;
};

// An upper bound on the memory that one detect() call holds for a picture of that size, its pixels left out. With one
// thread for a call.
[[nodiscard]] std::size_t detection_memory(int width, int height);

// The three networks' weights under "pnet.", "rnet.", "onet." + facenet-pytorch's names ("pnet.conv1.weight").
class Detector {
 public:
  // kInvalidData naming the missing or misshapen tensor; kInvalidArgument naming the option (factor outside (0.1,0.95),
  // min face < 12... as the message says).
  [[nodiscard]] static Result<Detector> create(const weights::StateDict& mtcnn, const DetectorOptions& options = {});
  Detector(Detector&&) noexcept;
  Detector& operator=(Detector&&) noexcept;
  ~Detector();

  // All faces, largest box first (facenet-pytorch's select_largest order with keep_all), empty if none, if the picture
  // is empty, or smaller than the minimum face. Thread-safe: concurrent calls share the weights and keep scratch memory
  // of their own.
  [[nodiscard]] std::vector<Face> detect(image::RgbView picture) const;
  // The same, and whether it is all of them. `limit` is looked at every few milliseconds; its errors.
  [[nodiscard]] Result<Detection> detect(image::RgbView picture, const WorkLimit& limit) const;

 private:
  struct State;
  explicit Detector(std::unique_ptr<const State> state);
  std::unique_ptr<const State> state_;
};

}  // namespace facepipe::detect
