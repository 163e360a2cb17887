// The recognition stage of `facepipe serve`.
#pragma once

#include <optional>

#include "base/log.h"
#include "base/work_memory.h"
#include "serve/embedded_face_work.h"
#include "serve/models.h"
#include "serve/service.h"
#include "serve/storage.h"
#include "stage/recognition/face_handler.h"
#include "stage/recognition/recognition_loop.h"

namespace facepipe::serve {

// Names the faces of the request queue; does nothing where there is no recognition. What it is given outlives it.
class Recognition final : public Service {
 public:
  Recognition(const ServeOptions& options, Storage& storage, Models& models, WorkMemory& memory,
              stage::Counters& counters, Logger& logger)
      : options_(options), storage_(storage), models_(models), memory_(memory), counters_(counters), logger_(logger) {}
  Status start() override;
  void request_stop() override;  // batches under way are finished
  void stop(const StopClock& clock) override;

 private:
  const ServeOptions& options_;
  Storage& storage_;
  Models& models_;
  WorkMemory& memory_;
  stage::Counters& counters_;
  Logger& logger_;
  std::optional<EmbeddedFaceWork> work_;
  std::optional<stage::FaceHandler> handler_;
  std::optional<stage::RecognitionLoop> loop_;
};

}  // namespace facepipe::serve
