// The port of the recognition stage to whoever keeps the people: a gallery file that is followed, an object of S3.
#pragma once

#include <memory>

#include "base/result.h"
#include "recognize/recognizer.h"

namespace facepipe::stage {

class RecognizerSource {
 public:
  virtual ~RecognizerSource() = default;
  // The recogniser as it is now, never null. Shared on purpose: a batch under way keeps the one it began with when
  // another takes its place. kUnavailable: nobody can be named now, and the batch has to come again.
  [[nodiscard]] virtual Result<std::shared_ptr<const recognize::FaceRecognizer>> current() = 0;
};

}  // namespace facepipe::stage
