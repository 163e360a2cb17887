// Tested end to end by tests/e2e.

#include "model/model_pack.h"
#include "recognize/load_detector.h"
#include "serve/services.h"
#include "stage/recognition/recognition_model.h"

namespace facepipe::serve {

Status Models::start() {
  FACEPIPE_ASSIGN(const model::ModelPack pack, model::ModelPack::open(options_.pack_dir));
  manifest_ = pack.manifest();
  FACEPIPE_ASSIGN(detector_, recognize::load_detector(pack, options_.detector));
  if (options_.recognize_threads < 1) {
    return {};
  }
  FACEPIPE_ASSIGN(stage::RecognitionModel model, stage::RecognitionModel::load(pack));
  model.strangers = options_.strangers;
  cut_faces_ = model.cut_faces;
  FACEPIPE_ASSIGN(gallery_, stage::LiveGallery::open(options_.gallery_file, options_.key, std::move(model), logger_));
  return {};
}

void Models::request_stop() {
  if (gallery_) {
    gallery_->stop();
  }
}

}  // namespace facepipe::serve
