#include "command.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "base/file_lock.h"
#include "output.h"
#include "recognize/load_detector.h"
#include "ways_out.h"

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
  command.add_option("--pack", folder, "Model pack folder (FACEPIPE_PACK)")->capture_default_str();
}

void GalleryOption::add_to(CLI::App& command, const Environment& environment) {
  data = environment.data;
  command.add_option("--data", data, "Folder of people and queues (FACEPIPE_DATA)")->capture_default_str();
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

void DetectorOption::add_to(CLI::App& command) {
  command.add_option("--min-face", options.min_face_size_px, "Smallest face to find, in pixels")->capture_default_str();
  command.add_option("--thresholds", thresholds, "Confidence thresholds of P-Net, R-Net and O-Net")
      ->expected(3)
      ->capture_default_str();
  command.add_option("--factor", options.factor, "Scale step of the image pyramid")->capture_default_str();
}

detect::DetectorOptions DetectorOption::get() const {
  detect::DetectorOptions chosen = options;
  for (std::size_t i = 0; i < chosen.thresholds.size() && i < thresholds.size(); ++i) {
    chosen.thresholds[i] = thresholds[i];
  }
  return chosen;
}

void add_decode_limits(CLI::App& command, image::DecodeLimits& limits) {
  command.add_option("--max-pixels", limits.max_pixels, "Pixels of a picture; past it the picture is refused")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command.add_option("--max-side", limits.max_side_px, "Pixels of a picture's side; past it the picture is refused")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
}

void add_ignore_exif(CLI::App& command, image::DecodeOptions& decode) {
  command.add_flag("!--ignore-exif", decode.apply_exif_orientation,
                   "Leave EXIF orientation unapplied, as facenet-pytorch does");
}

Result<std::vector<client::FrameFile>> pictures_of(std::span<const std::filesystem::path> inputs) {
  constexpr std::size_t kNamed = 5;
  std::vector<std::filesystem::path> left_out;
  auto files = client::list_frames(inputs, &left_out);
  if (!left_out.empty()) {
    std::string text = std::to_string(left_out.size()) + (left_out.size() == 1 ? " file is" : " files are") +
                       " left out, being no JPEG, PNG or WebP: ";
    for (std::size_t i = 0; i < std::min(left_out.size(), kNamed); ++i) {
      text += (i == 0 ? "" : ", ") + left_out[i].string();
    }
    complain(left_out.size() > kNamed ? text + ", ..." : text);
  }
  return files;
}

Result<Models> load_models(const std::filesystem::path& pack_folder, const detect::DetectorOptions& options) {
  FACEPIPE_ASSIGN(model::ModelPack pack, model::ModelPack::open(pack_folder));
  FACEPIPE_ASSIGN(detect::Detector detector, recognize::load_detector(pack, options));
  return Models{std::move(pack), std::move(detector)};
}

Result<model::Preprocessing> choose_mode(const std::string& name, const model::Manifest& manifest) {
  if (name.empty() || name == manifest.preprocessing.mode) {
    return manifest.preprocessing;
  }
  return model::known_mode(name);
}

gallery::Gallery new_gallery(const model::Manifest& manifest, const model::Preprocessing& mode) {
  gallery::Gallery gallery({manifest.model_id, mode, manifest.embedding_size});
  if (mode == manifest.preprocessing) {
    gallery.set_distance_threshold(manifest.distance_threshold);
  }
  return gallery;
}

int report(const Error& error) {
  complain(with_way_out(error));
  return error.code == ErrorCode::kInvalidArgument ? kExitUsage : kExitFailure;
}

}  // namespace facepipe::app
