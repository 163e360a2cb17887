// Tested by source_file_test.cc and embed_golden_test.cc.
#include "packs/source_file.h"

#include <string>
#include <utility>

#include "base/file.h"
#include "base/hash.h"
#include "packs/sources/hdf5.h"
#include "packs/sources/keras_hdf5.h"
#include "packs/sources/mtcnn.h"
#include "weights/parse.h"
#include "weights/readers.h"
#include "weights/torch_content.h"
#include "weights/zip.h"

namespace facepipe::packs {
namespace {

Result<weights::StateDict> read_any(ByteView file) {
  if (weights::is_hdf5(file)) {
    return weights::read_keras_hdf5(file);
  }
  if (weights::is_torch_legacy(file) || weights::is_zip(file)) {
    return weights::read_torch(file);
  }
  return Error{ErrorCode::kUnsupported, "not a weights file that is read (torch.save, TorchScript or Keras HDF5): it " +
                                            std::string(weights::resemblance(file))};
}

}  // namespace

Result<SourceWeights> read_source(const std::filesystem::path& path) {
  FACEPIPE_ASSIGN(const MappedFile file, MappedFile::open(path));
  auto tensors = read_any(file.bytes());
  if (!tensors) {
    return tensors.error().with_context(path.string());
  }
  return SourceWeights{*std::move(tensors), {path.filename().string(), sha256_hex(file.bytes())}};
}

Result<DetectorWeights> read_detector(const std::filesystem::path& pnet, const std::filesystem::path& rnet,
                                      const std::filesystem::path& onet) {
  FACEPIPE_ASSIGN(SourceWeights p, read_source(pnet));
  FACEPIPE_ASSIGN(SourceWeights r, read_source(rnet));
  FACEPIPE_ASSIGN(SourceWeights o, read_source(onet));
  auto canonical = weights::canonical_mtcnn(p.tensors, r.tensors, o.tensors);
  if (!canonical) {
    return canonical.error().with_context(pnet.string() + ", " + rnet.string() + ", " + onet.string());
  }
  return DetectorWeights{*std::move(canonical), {std::move(p.source), std::move(r.source), std::move(o.source)}};
}

}  // namespace facepipe::packs
