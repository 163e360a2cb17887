// The port of the recognition stage to whoever keeps the faces that it saw: a store of faces and visits, or nobody.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "recognize/quality.h"
#include "recognize/recognizer.h"
#include "wire/messages.h"

namespace facepipe::stage {

// A face message that was recognised. Views live during the call.
struct SeenFace {
  std::string_view body;                             // of the message: equal bodies are one face
  const wire::FaceMessage& message;                  // its `face` is there
  std::span<const float> embedding;                  // of the recogniser's gallery, unit length
  const recognize::Identity& identity;               // as the answer says it
  const std::optional<recognize::Quality>& quality;  // where a rule decides
};

// What is added to the answer.
struct KeptFace {
  std::string face_id;  // empty: it is not kept
  std::string visit;    // empty: it is part of none
};

// Thread-safe.
class FaceKeeper {
 public:
  virtual ~FaceKeeper() = default;
  // Keeps all of them or none, durably, and each once however often it comes; one result a face, in order. After an
  // error all of them have to come again.
  [[nodiscard]] virtual Result<std::vector<KeptFace>> keep(std::span<const SeenFace> faces,
                                                           const recognize::FaceRecognizer& recognizer) = 0;
};

}  // namespace facepipe::stage
