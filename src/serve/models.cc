// Tested end to end by tests/e2e.
#include "serve/models.h"

#include "model/model_pack.h"
#include "recognize/load_detector.h"
#include "stage/recognition/recognition_model.h"

namespace facepipe::serve {

Status Models::start() {
  FACEPIPE_ASSIGN(const model::ModelPack pack, model::ModelPack::open(ground_.options.pack_dir));
  manifest_ = pack.manifest();
  FACEPIPE_ASSIGN(detector_, recognize::load_detector(pack, ground_.options.detector));
  if (ground_.options.recognize_threads < 1) {
    return {};
  }
  FACEPIPE_ASSIGN(stage::RecognitionModel model, stage::RecognitionModel::load(pack));
  model.strangers = ground_.options.strangers;
  cut_faces_ = model.cut_faces;
  FACEPIPE_ASSIGN(gallery_,
                  stage::LiveGallery::open(ground_.options.gallery_file, ground_.options.key, std::move(model),
                                           stage::LiveGallery::Absent::kNobody, ground_.logger));
  add_metrics();
  return {};
}

void Models::add_metrics() const {
  metrics::Registry& registry = ground_.metrics.registry;
  registry.counter_of("facepipe_gallery_load_failures_total", "Times that a changed gallery could not be loaded.",
                      [this] { return gallery_->failures(); });
  registry.gauge_of("facepipe_gallery_people", "People of the gallery in use.", [this] { return gallery_->people(); });
  registry.gauge_of("facepipe_gallery_threshold_millionths",
                    "Distance up to which a face is named, in millionths; -1: always the nearest person.",
                    [this] { return gallery_->threshold_millionths(); });
}

void Models::request_stop() {
  if (gallery_) {
    gallery_->stop();
  }
}

}  // namespace facepipe::serve
