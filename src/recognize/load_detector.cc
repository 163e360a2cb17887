// Tested by load_detector_test.cc.
#include "recognize/load_detector.h"

#include "base/file.h"
#include "weights/tensor_file.h"

namespace facepipe::recognize {

Result<detect::Detector> load_detector(const model::ModelPack& pack, const detect::DetectorOptions& options) {
  FACEPIPE_ASSIGN(const MappedFile file, pack.map("detector"));
  const auto tensors = weights::read_tensor_file(file.bytes());
  if (!tensors) {
    return tensors.error().with_context(pack.file("detector").string());
  }
  return detect::Detector::create(tensors->tensors, options);
}

}  // namespace facepipe::recognize
