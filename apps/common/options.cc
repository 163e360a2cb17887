#include "options.h"

#include <system_error>

#include "base/file_lock.h"

namespace facepipe::app {
namespace {

std::filesystem::path default_pack() {
  std::error_code error;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", error);
  return error ? "pack" : program.parent_path().parent_path() / "share" / "facepipe" / "pack";
}

}  // namespace

void PackOption::add_to(CLI::App& command, const Environment& environment) {
  folder = environment.pack.value_or(default_pack());
  add_setting(command, "--pack", folder, "Model pack folder (FACEPIPE_PACK)");
}

void GalleryOption::add_to(CLI::App& command, const Environment& environment) {
  data = environment.data;
  add_setting(command, "--data", data, "Folder of people and queues (FACEPIPE_DATA)");
  command.add_option("--gallery", file, "Gallery file, if not gallery.fpg in the data folder");
  key.add_to(command, environment);
}

void KeyOption::add_to(CLI::App& command, const Environment& environment) {
  file = environment.key_file;
  command.add_option("--key-file", file, "Key that encrypts what is stored (FACEPIPE_KEY_FILE; facepipe key new)");
}

Result<std::optional<SealingKey>> KeyOption::load() const {
  if (file.empty()) {
    return std::optional<SealingKey>{};
  }
  FACEPIPE_ASSIGN(SealingKey key, SealingKey::from_file(file));
  return std::optional<SealingKey>(std::move(key));
}

Result<gallery::Gallery> GalleryOption::load() const {
  FACEPIPE_ASSIGN(const std::optional<SealingKey> sealing_key, key.load());
  return gallery::load_gallery(path(), sealing_key ? &*sealing_key : nullptr);
}

Status GalleryOption::save(const gallery::Gallery& gallery) const {
  FACEPIPE_ASSIGN(const std::optional<SealingKey> sealing_key, key.load());
  return gallery::save_gallery(gallery, path(), sealing_key ? &*sealing_key : nullptr);
}

Status GalleryOption::edit(const std::function<Status(gallery::Gallery&)>& change) const {
  FACEPIPE_ASSIGN(const FileLock lock, FileLock::acquire(path()));
  FACEPIPE_ASSIGN(gallery::Gallery gallery, load());
  FACEPIPE_TRY(change(gallery));
  return save(gallery);
}

void add_decode_limits(CLI::App& command, image::DecodeLimits& limits) {
  add_setting(command, "--max-pixels", limits.max_pixels, "Pixels of a picture; past it the picture is refused")
      ->check(CLI::PositiveNumber);
  add_setting(command, "--max-side", limits.max_side_px, "Pixels of a picture's side; past it the picture is refused")
      ->check(CLI::PositiveNumber);
}

void add_ignore_exif(CLI::App& command, image::DecodeOptions& decode) {
  command.add_flag("!--ignore-exif", decode.apply_exif_orientation,
                   "Leave EXIF orientation unapplied, as facenet-pytorch does");
}

}  // namespace facepipe::app
