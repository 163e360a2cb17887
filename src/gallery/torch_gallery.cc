// The Python pipeline's gallery file. Tested by export/torch_export_test.cc.
#include <string>
#include <utility>

#include "base/file.h"
#include "base/hash.h"
#include "gallery/gallery.h"
#include "gallery/person_id.h"
#include "weights/readers.h"

namespace facepipe::gallery {
namespace {

constexpr std::size_t kMaxTorchBytes = std::size_t{2} << 30U;  // what ReadLimits takes

Result<Gallery> from_torch(ByteView bytes) {
  FACEPIPE_ASSIGN(const weights::TorchGallery torch, weights::read_torch_gallery(bytes));
  if (torch.embeddings.empty() || torch.embeddings.size() != torch.names.size()) {
    return Error{ErrorCode::kInvalidData, "expected as many names as embeddings and at least one, found " +
                                              std::to_string(torch.names.size()) + " and " +
                                              std::to_string(torch.embeddings.size())};
  }
  GalleryOrigin origin;
  FACEPIPE_ASSIGN(origin.preprocessing, model::known_mode("classic"));
  const std::size_t size = torch.embeddings.front().size();
  if (size < 1 || size > static_cast<std::size_t>(kMaxEmbeddingSize)) {
    return Error{ErrorCode::kInvalidData, "expected 1 to " + std::to_string(kMaxEmbeddingSize) +
                                              " values an embedding, found " + std::to_string(size)};
  }
  origin.embedding_size = static_cast<int>(size);
  Gallery gallery(origin);
  const std::string digest = sha256_hex(bytes);
  for (std::size_t i = 0; i < torch.names.size(); ++i) {
    const std::string& name = torch.names[i];
    const auto known = gallery.id_of(name);
    const Status added = known ? gallery.add(*known, torch.embeddings[i])
                               : gallery.restore(derived_person_id(digest, name), name, torch.embeddings[i]);
    if (!added) {
      return Error{ErrorCode::kInvalidData, "entry " + std::to_string(i) + ": " + added.error().message};
    }
  }
  return gallery;
}

}  // namespace

Result<Gallery> import_torch_gallery(const std::filesystem::path& file) {
  FACEPIPE_ASSIGN(const Bytes bytes, read_file(file, kMaxTorchBytes));
  auto gallery = from_torch(bytes);
  return gallery ? std::move(gallery) : gallery.error().with_context("gallery " + file.string());
}

}  // namespace facepipe::gallery
