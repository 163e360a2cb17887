#include "options.h"

#include <algorithm>
#include <system_error>
#include <utility>
#include <vector>

#include "base/file_lock.h"

namespace facepipe::app {
namespace {

namespace fs = std::filesystem;

// The default first, the others by name.
std::vector<fs::path> installed_packs() {
  std::vector<fs::path> packs;
  std::error_code ended;  // a folder that cannot be listed holds none
  for (fs::directory_iterator entry(installed_files() / "packs", ended), end; !ended && entry != end;
       entry.increment(ended)) {
    packs.push_back(entry->path());
  }
  std::ranges::sort(packs);
  packs.insert(packs.begin(), installed_files() / "pack");
  return packs;
}

std::optional<fs::path> first_installed(const std::function<bool(const model::Manifest&)>& wanted) {
  for (const fs::path& folder : installed_packs()) {
    const auto pack = model::ModelPack::open(folder);  // one that does not open is none
    if (pack && wanted(pack->manifest())) {
      return folder;
    }
  }
  return std::nullopt;
}

}  // namespace

fs::path installed_files() {
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  return error ? fs::path() : program.parent_path().parent_path() / "share" / "facepipe";
}

void PackOption::add_to(CLI::App& command, const Environment& environment) {
  from_environment_ = environment.pack.has_value();
  folder_ = environment.pack.value_or(installed_files() / "pack");
  options_.push_back(
      add_setting(command, "--pack", folder_, "Model pack folder (FACEPIPE_PACK; else the one that made the gallery)"));
}

bool PackOption::is_named() const {
  return from_environment_ ||
         std::ranges::any_of(options_, [](const CLI::Option* option) { return option->count() > 0; });
}

bool has_mode(const model::Manifest& manifest, std::string_view mode) {
  return mode.empty() || mode == manifest.preprocessing.mode ||
         (manifest.preprocessing.alignment == model::kBoxAlignment && model::known_mode(mode));
}

fs::path PackOption::folder_for(const GalleryOption& gallery, std::string_view mode) const {
  if (is_named() || installed_packs().size() == 1) {  // nothing to choose: the gallery need not be read for it
    return folder_;
  }
  const auto origin = gallery.load_origin();
  if (!origin) {
    return origin.error().code == ErrorCode::kNotFound ? folder_for_mode(mode) : folder_;
  }
  return first_installed([&](const model::Manifest& manifest) {
           return manifest.embedding_size == origin->embedding_size &&
                  (origin->model_id.empty() || origin->model_id == manifest.model_id);
         })
      .value_or(folder_);
}

fs::path PackOption::folder_for_mode(std::string_view mode) const {
  return is_named() ? folder_ : first_installed([&](const model::Manifest& manifest) {
                                  return has_mode(manifest, mode);
                                }).value_or(folder_);
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

Result<gallery::GalleryOrigin> GalleryOption::load_origin() const {
  FACEPIPE_ASSIGN(const std::optional<SealingKey> sealing_key, key.load());
  return gallery::load_gallery_origin(path(), sealing_key ? &*sealing_key : nullptr);
}

Result<gallery::Gallery> GalleryOption::load_companion() const {
  FACEPIPE_ASSIGN(const std::optional<SealingKey> sealing_key, key.load());
  return gallery::load_gallery(gallery::companion_file(path()), sealing_key ? &*sealing_key : nullptr);
}

void StrangersOption::add_to(CLI::App& command, const Environment& environment) {
  share = environment.strangers;
  command
      .add_option("--strangers", share,
                  "Share of strangers who may get a name, 0.01 for one of a hundred (FACEPIPE_STRANGERS; else what the "
                  "gallery states): the threshold follows from it and from the number of people")
      ->check([](const std::string& text) {
        double number = 0;
        return CLI::detail::lexical_cast(text, number) && number > 0 && number < 1
                   ? std::string()
                   : "expected a number above 0 and below 1, got " + text;
      });
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
