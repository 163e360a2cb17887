// The recognition stage of a server.
#pragma once

#include <memory>

#include "serve/embedded_face_work.h"
#include "serve/ground.h"
#include "serve/models.h"
#include "serve/service.h"
#include "serve/storage.h"
#include "stage/recognition/face_handler.h"
#include "stage/recognition/recognition_loop.h"
#include "visits/visit_keeper.h"

namespace facepipe::serve {

// The recognition stage: names the faces of the request queue, and keeps them where that is asked for; does nothing
// where there is no recognition. What it is given outlives it.
class Recognition final : public Service {
 public:
  Recognition(const Ground& ground, Storage& storage, Models& models)
      : ground_(ground), storage_(storage), models_(models) {}
  Status start() override;
  void request_stop() override;  // batches under way are finished
  void stop(const StopClock& clock) override;
  // From start() on: what follows visits and keeps faces; null where nothing is kept, or recognised here.
  [[nodiscard]] visits::VisitKeeper* keeper() { return keeper_.get(); }

 private:
  [[nodiscard]] Status open_keeper();
  void add_visit_metrics() const;

  const Ground& ground_;
  Storage& storage_;
  Models& models_;
  std::unique_ptr<visits::VisitKeeper> keeper_;
  std::optional<EmbeddedFaceWork> work_;
  std::optional<stage::FaceHandler> handler_;
  std::optional<stage::RecognitionLoop> loop_;
};

}  // namespace facepipe::serve
