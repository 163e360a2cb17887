// Tested by load_detector_test.cc and tests/seam/seam_test.cc.
#include "recognize/load_detector.h"

#include "detect/mtcnn/mtcnn.h"

namespace facepipe::recognize {

const detect::DetectorKinds& detector_kinds() {
  static const detect::DetectorKinds kinds("detector", {{"mtcnn", &detect::load_mtcnn}});
  return kinds;
}

Result<std::unique_ptr<const detect::Detector>> load_detector(const model::ModelPack& pack,
                                                              const detect::DetectorOptions& options,
                                                              const detect::DetectorKinds& kinds) {
  FACEPIPE_ASSIGN(const detect::LoadDetector load, kinds.find(pack.manifest().detector_kind));
  return load(pack, options);
}

}  // namespace facepipe::recognize
