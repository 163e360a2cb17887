// Opening and checking a model pack's folder. Format: docs/formats/model-pack.md. Tested by model_pack_test.cc.
#include "model/model_pack.h"

#include <system_error>
#include <utility>

#include "base/check.h"
#include "base/file.h"
#include "base/hash.h"

namespace facepipe::model {
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

// Of what `read` hands to its argument, in parts.
template <typename Read>
Status compare_digest(const std::filesystem::path& path, const PackFile& file, const Read& read) {
  std::string found;
  if (file.xxh64.empty()) {
    Sha256 digest;
    FACEPIPE_TRY(read([&digest](ByteView part) { digest.update(part); }));
    found = digest.hex();
  } else {
    Xxh64 digest;
    FACEPIPE_TRY(read([&digest](ByteView part) { digest.update(part); }));
    found = to_hex(digest.digest());
  }
  const std::string& expected = file.xxh64.empty() ? file.sha256 : file.xxh64;
  if (found != expected) {
    return Error{ErrorCode::kMismatch, path.string() + ": the file is damaged: expected " +
                                           (file.xxh64.empty() ? "SHA-256 " : "XXH64 ") + expected + ", found " +
                                           found};
  }
  return {};
}

constexpr std::string_view kDigestField = R"("manifest_sha256")";

// The object without its last field, and that field's digest, of a text that manifest_file_text made.
Status check_manifest_text(std::string_view text) {
  const std::size_t field = text.rfind(kDigestField);
  if (field == std::string_view::npos) {
    return {};  // a pack of before there was one
  }
  constexpr std::size_t kDigits = 64;
  const std::string begin = "," + std::string(kDigestField) + R"(:")";
  text = text.substr(0, text.find_last_not_of(" \r\n\t") + 1);
  const bool last =
      field > 0 && text.substr(field - 1).starts_with(begin) && text.size() == field - 1 + begin.size() + kDigits + 2;
  const std::string found = last ? sha256_hex(as_bytes(std::string(text.substr(0, field - 1)) + "}")) : "";
  const std::string_view expected = last ? text.substr(field - 1 + begin.size(), kDigits) : std::string_view();
  if (!last || found != expected) {
    return Error{ErrorCode::kMismatch,
                 "the manifest is damaged, or was changed after it was made: expected SHA-256 " +
                     (last ? std::string(expected) + ", found " + found : "as its last field, found it elsewhere") +
                     " (who changed it on purpose removes the field manifest_sha256)"};
  }
  return {};
}

}  // namespace

PackFile pack_file(std::string name, ByteView content) {
  Xxh64 digest;
  digest.update(content);
  return {std::move(name), sha256_hex(content), content.size(), to_hex(digest.digest())};
}

std::string manifest_file_text(const Manifest& manifest) {
  std::string text = manifest_to_json(manifest);
  const std::string digest = sha256_hex(as_bytes(text));
  text.pop_back();  // the closing brace
  return text.append(",").append(kDigestField).append(":\"").append(digest).append("\"}");
}

Result<ModelPack> ModelPack::open(const std::filesystem::path& folder) {
  std::error_code error;
  if (!std::filesystem::is_directory(folder, error)) {
    return Error{ErrorCode::kNotFound,
                 folder.string() + ": no such model pack (a folder with " + std::string(kManifestFileName) + ")"};
  }
  const std::filesystem::path manifest_path = folder / kManifestFileName;
  FACEPIPE_ASSIGN(const Bytes json, read_file(manifest_path, kMaxManifestBytes));
  if (const Status whole = check_manifest_text(as_text(json)); !whole) {
    return whole.error().with_context(manifest_path.string());
  }
  Result<Manifest> manifest = manifest_from_json(as_text(json));
  if (!manifest) {
    return manifest.error().with_context(manifest_path.string());
  }
  ModelPack pack(folder, *std::move(manifest));
  FACEPIPE_TRY(pack.check_sizes());
  return pack;
}

Status ModelPack::check_sizes() const {
  for (const auto& [role, file] : manifest_.files) {
    FACEPIPE_TRY(check_size(folder_ / file.name, file));
  }
  const auto second = cut_faces();
  return second ? second->check_sizes() : Status();
}

std::optional<ModelPack> ModelPack::cut_faces() const {
  return manifest_.cut_faces ? std::optional(ModelPack(folder_, *manifest_.cut_faces)) : std::nullopt;
}

std::filesystem::path ModelPack::file(std::string_view role) const {
  const auto found = manifest_.files.find(std::string(role));
  FACEPIPE_CHECK(found != manifest_.files.end());
  return folder_ / found->second.name;
}

Result<MappedFile> ModelPack::map(std::string_view role) const {
  const std::filesystem::path path = file(role);
  FACEPIPE_ASSIGN(MappedFile mapped, MappedFile::open(path));
  FACEPIPE_TRY(
      compare_digest(path, manifest_.files.find(std::string(role))->second, [&mapped](const auto& take) -> Status {
        take(mapped.bytes());
        return {};
      }));
  return mapped;
}

Status ModelPack::check(std::string_view role) const {
  const std::filesystem::path path = file(role);
  return compare_digest(path, manifest_.files.find(std::string(role))->second,
                        [&path](const auto& take) { return read_blocks(path, take); });
}

Status ModelPack::verify() const {
  for (const auto& [role, file] : manifest_.files) {
    const std::filesystem::path path = folder_ / file.name;
    Sha256 digest;
    FACEPIPE_TRY(read_blocks(path, [&digest](ByteView part) { digest.update(part); }));
    const std::string found = digest.hex();
    if (found != file.sha256) {
      return Error{ErrorCode::kMismatch, path.string() + ": expected SHA-256 " + file.sha256 + ", found " + found};
    }
  }
  const auto second = cut_faces();
  return second ? second->verify() : Status();
}

}  // namespace facepipe::model
