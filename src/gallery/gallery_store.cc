// Which form a gallery's file has. Tested by gallery_file_test.cc and mapped_gallery_test.cc.
#include <fcntl.h>

#include <array>
#include <memory>
#include <string>
#include <utility>

#include "base/file.h"
#include "base/process.h"
#include "base/seal.h"
#include "gallery/gallery.h"
#include "gallery/mapped_gallery.h"
#include "gallery/mapped_layout.h"
#include "gallery/whole_file.h"

namespace facepipe::gallery {
namespace {

constexpr std::string_view kSealContext = "gallery";

std::string naming(const std::filesystem::path& file) {
  return "gallery " + file.string();
}

// Whatever it is that keeps it from being opened is told by whoever reads it.
bool is_mapped(const std::filesystem::path& file) {
  std::array<std::byte, 12> start{};
  if (!check_is_file(file)) {
    return false;
  }
  const Descriptor descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  return descriptor.get() >= 0 && read_at(descriptor.get(), start, 0, file) && version_in(start) == kMappedVersion;
}

// The file's content, decrypted if it is sealed. Errors name the file.
Result<Bytes> read_opened(const std::filesystem::path& file, const SealingKey* key) {
  FACEPIPE_ASSIGN(Bytes bytes, read_file(file, kMaxGalleryBytes));
  if (!is_sealed(bytes)) {
    return bytes;
  }
  if (key == nullptr) {
    return Error{ErrorCode::kPermission, naming(file) + " is encrypted, and no key was given"};
  }
  auto opened = key->open(bytes, kSealContext);
  return opened ? std::move(opened) : opened.error().with_context(naming(file));
}

Result<Gallery> load_form(const std::filesystem::path& file, const SealingKey* key,
                          const std::shared_ptr<const MappedBase>& known) {
  if (is_mapped(file)) {
    auto mapped = MappedGallery::load(file, known);
    return mapped ? std::move(mapped) : mapped.error().with_context(naming(file));
  }
  FACEPIPE_ASSIGN(const Bytes bytes, read_opened(file, key));
  auto gallery = gallery_from_bytes(ByteView(bytes));
  return gallery ? std::move(gallery) : gallery.error().with_context(naming(file));
}

}  // namespace

Result<Gallery> gallery_from_bytes(ByteView bytes, std::shared_ptr<const void> keep_alive) {
  return version_in(bytes) == kMappedVersion ? MappedGallery::from_bytes(bytes, std::move(keep_alive))
                                             : whole_gallery_from_bytes(bytes);
}

Result<Gallery> gallery_from_bytes(ByteView bytes) {
  if (version_in(bytes) != kMappedVersion) {
    return whole_gallery_from_bytes(bytes);
  }
  const auto kept = std::make_shared<const Bytes>(to_bytes(bytes));
  return MappedGallery::from_bytes(*kept, kept);
}

Result<Gallery> load_gallery(const std::filesystem::path& file, const SealingKey* key) {
  return load_form(file, key, nullptr);
}

Result<Gallery> load_gallery_to_edit(const std::filesystem::path& file, const SealingKey* key) {
  FACEPIPE_ASSIGN(Gallery gallery, load_gallery(file, key));
  FACEPIPE_TRY(MappedGallery::finish(gallery, file));
  return gallery;
}

Result<Gallery> load_either_gallery(const std::filesystem::path& file, const SealingKey* key, KnownTables& known) {
  if (file.extension() == ".pt") {
    return import_torch_gallery(file);
  }
  auto gallery = load_form(file, key, known.tables);
  if (gallery) {
    known.tables = MappedGallery::tables_of(*gallery);
  }
  return gallery;
}

bool mentions(const Gallery& gallery, std::string_view name) {
  return MappedGallery::mentions(gallery, name);
}

Result<GalleryOrigin> load_gallery_origin(const std::filesystem::path& file, const SealingKey* key) {
  if (is_mapped(file)) {
    auto origin = MappedGallery::load_origin(file);
    return origin ? std::move(origin) : origin.error().with_context(naming(file));
  }
  FACEPIPE_ASSIGN(const Bytes bytes, read_opened(file, key));
  auto origin = whole_gallery_origin(bytes);
  return origin ? std::move(origin) : origin.error().with_context(naming(file));
}

Status save_gallery(const Gallery& gallery, const std::filesystem::path& file, const SealingKey* key) {
  if (key == nullptr && (MappedGallery::tables_of(gallery) || whole_gallery_bytes(gallery) >= kMappedFrom)) {
    return MappedGallery::save(gallery, file);
  }
  Bytes bytes = gallery_to_bytes(gallery);
  if (key != nullptr) {
    bytes = key->seal(bytes, kSealContext);
  }
  if (bytes.size() > kMaxGalleryBytes) {  // load_gallery would refuse it
    return Error{ErrorCode::kTooLarge, naming(file) + " would have " + std::to_string(bytes.size()) +
                                           " bytes, expected at most " + std::to_string(kMaxGalleryBytes)};
  }
  return write_file_atomically(file, bytes, /*private_file=*/true);
}

Status save_mapped_gallery(const Gallery& gallery, const std::filesystem::path& file) {
  return MappedGallery::write(gallery, file);
}

Status verify_gallery(const Gallery& gallery) {
  return MappedGallery::verify(gallery);
}

}  // namespace facepipe::gallery
