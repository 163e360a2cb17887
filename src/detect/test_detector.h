// A detector for tests: it finds what a function says.
#pragma once

#include <functional>
#include <utility>

#include "detect/detector.h"

namespace facepipe::detect::testing {

class TestDetector final : public Detector {
 public:
  using Function = std::function<Result<Detection>(image::RgbView picture, const WorkLimit& limit)>;

  explicit TestDetector(Function find) : find_(std::move(find)) {}
  // The same faces in every picture; `memory` is what it says of itself.
  explicit TestDetector(std::vector<Face> faces, std::size_t memory = 0)
      : find_([found = Detection{std::move(faces), true}](image::RgbView, const WorkLimit&) { return found; }),
        memory_(memory) {}

  [[nodiscard]] Result<Detection> detect(image::RgbView picture, const WorkLimit& limit = {}) const override {
    return find_(picture, limit);
  }
  [[nodiscard]] std::size_t memory(int, int) const override { return memory_; }

 private:
  Function find_;
  std::size_t memory_ = 0;
};

}  // namespace facepipe::detect::testing
