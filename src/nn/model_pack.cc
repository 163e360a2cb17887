// Opening and checking a model pack's folder. Format: docs/formats/model-pack.md. Tested by model_pack_test.cc.
#include "nn/model_pack.h"

#include <system_error>
#include <utility>

#include "base/check.h"
#include "base/file.h"
#include "base/hash.h"

namespace facepipe::nn {
namespace {

constexpr std::size_t kMaxManifestBytes = std::size_t{1} << 20U;

// The file is there with its size.
Status check_size(const std::filesystem::path& path, const PackFile& file) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) {
    return Error{ErrorCode::kNotFound, path.string() + ": the model pack's manifest names this file, it is not there"};
  }
  const std::uintmax_t found = std::filesystem::file_size(path, error);
  if (error) {
    return Error{ErrorCode::kUnavailable, path.string() + ": " + error.message()};
  }
  if (found != file.size_bytes) {
    return Error{ErrorCode::kMismatch, path.string() + ": expected " + std::to_string(file.size_bytes) +
                                           " bytes, found " + std::to_string(found)};
  }
  return {};
}

}  // namespace

Result<ModelPack> ModelPack::open(const std::filesystem::path& folder) {
  std::error_code error;
  if (!std::filesystem::is_directory(folder, error)) {
    return Error{ErrorCode::kNotFound,
                 folder.string() + ": no such model pack (a folder with " + std::string(kManifestFileName) + ")"};
  }
  const std::filesystem::path manifest_path = folder / kManifestFileName;
  FACEPIPE_ASSIGN(const Bytes json, read_file(manifest_path, kMaxManifestBytes));
  Result<Manifest> manifest = manifest_from_json(as_text(json));
  if (!manifest) {
    return manifest.error().with_context(manifest_path.string());
  }
  for (const auto& [role, file] : manifest->files) {
    FACEPIPE_TRY(check_size(folder / file.name, file));
  }
  return ModelPack(folder, *std::move(manifest));
}

std::filesystem::path ModelPack::file(std::string_view role) const {
  const auto found = manifest_.files.find(std::string(role));
  FACEPIPE_CHECK(found != manifest_.files.end());
  return folder_ / found->second.name;
}

Status ModelPack::verify() const {
  for (const auto& [role, file] : manifest_.files) {
    const std::filesystem::path path = folder_ / file.name;
    FACEPIPE_ASSIGN(const MappedFile mapped, MappedFile::open(path));
    const std::string found = sha256_hex(mapped.bytes());
    if (found != file.sha256) {
      return Error{ErrorCode::kMismatch, path.string() + ": expected SHA-256 " + file.sha256 + ", found " + found};
    }
  }
  return {};
}

}  // namespace facepipe::nn
