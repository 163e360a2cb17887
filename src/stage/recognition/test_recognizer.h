// For tests: a recogniser that nobody changes, as a source.
#pragma once

#include <memory>
#include <utility>

#include "stage/recognition/recognizer_source.h"

namespace facepipe::stage {

class FixedRecognizer final : public RecognizerSource {
 public:
  explicit FixedRecognizer(recognize::FaceRecognizer recognizer)
      : recognizer_(std::make_shared<const recognize::FaceRecognizer>(std::move(recognizer))) {}
  Result<std::shared_ptr<const recognize::FaceRecognizer>> current() override { return recognizer_; }

 private:
  std::shared_ptr<const recognize::FaceRecognizer> recognizer_;
};

}  // namespace facepipe::stage
