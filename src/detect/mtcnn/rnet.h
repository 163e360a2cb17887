// R-Net, MTCNN's second network: keeps or drops each box and corrects it.
#pragma once

#include <array>
#include <vector>

#include "base/result.h"
#include "detect/mtcnn/kernels/kernels.h"
#include "detect/mtcnn/layers.h"
#include "weights/tensor.h"

namespace facepipe::detect {

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

}  // namespace facepipe::detect
