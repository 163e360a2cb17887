// MTCNN's second and third network, which look at one box each.
#pragma once

#include <array>

#include "base/result.h"
#include "detect/mtcnn/kernels/kernels.h"
#include "detect/mtcnn/layers.h"
#include "weights/tensor.h"

namespace facepipe::detect {

// Keeps or drops the box and corrects it.
class RNet {
 public:
  static constexpr int kSide = 24;

  struct Output {
    float probability = 0;           // that the crop shows a face
    std::array<float, 4> offsets{};  // correction of the box
  };

  // Tensors "rnet.*"; errors as in layers.h.
  [[nodiscard]] static Result<RNet> load(const weights::StateDict& mtcnn);

  // crops: [count, 24, 24, 3] -> outputs[count]. Thread-safe with one scratch a thread.
  void run(const kernels::Kernels& kernels, const float* crops, int count, ActivationScratch& scratch,
           Output* outputs) const;

 private:
  kernels::PixelConv conv1_;
  kernels::PixelConv conv2_;
  kernels::PixelConv conv3_;
  kernels::PixelConv dense4_;
  kernels::PixelConv heads_;
};

// Keeps or drops the box, corrects it and finds five landmarks.
class ONet {
 public:
  static constexpr int kSide = 48;

  struct Output {
    float probability = 0;              // that the crop shows a face
    std::array<float, 4> offsets{};     // correction of the box
    std::array<float, 10> landmarks{};  // x of five points, then y, in parts of the box
  };

  // Tensors "onet.*"; errors as in layers.h.
  [[nodiscard]] static Result<ONet> load(const weights::StateDict& mtcnn);

  // crops: [count, 48, 48, 3] -> outputs[count]. Thread-safe with one scratch a thread.
  void run(const kernels::Kernels& kernels, const float* crops, int count, ActivationScratch& scratch,
           Output* outputs) const;

 private:
  kernels::PixelConv conv1_;
  kernels::PixelConv conv2_;
  kernels::PixelConv conv3_;
  kernels::PixelConv conv4_;
  kernels::PixelConv dense5_;
  kernels::PixelConv heads_;
};

}  // namespace facepipe::detect
