// The options that commands of several programs have: pack, gallery, key, limits of pictures.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/seal.h"
#include "environment.h"
#include "gallery/gallery.h"
#include "gallery/known_people.h"
#include "image/decode.h"
#include "model/model_pack.h"

namespace facepipe::app {

// ../share/facepipe beside the program: packs and recipes. Empty if the program cannot tell where it is.
[[nodiscard]] std::filesystem::path installed_files();

// An option whose help shows the default.
template <typename T>
CLI::Option* add_setting(CLI::App& command, const char* name, T& value, const char* help) {
  return command.add_option(name, value, help)->capture_default_str();
}

// --key-file FILE
struct KeyOption {
  std::filesystem::path file;  // empty: nothing is encrypted
  void add_to(CLI::App& command, const Environment& environment);
  [[nodiscard]] Result<std::optional<SealingKey>> load() const;
};

// --data DIR, --gallery FILE and --key-file FILE
struct GalleryOption {
  std::filesystem::path data;
  std::filesystem::path file;
  KeyOption key;
  void add_to(CLI::App& command, const Environment& environment);
  [[nodiscard]] std::filesystem::path path() const { return file.empty() ? data / gallery::kGalleryFile : file; }
  // The gallery at path(), with the key if there is one.
  [[nodiscard]] Result<gallery::Gallery> load() const;
  [[nodiscard]] Result<gallery::GalleryOrigin> load_origin() const;
  // The companion alone.
  [[nodiscard]] Result<gallery::Gallery> load_companion() const;
};

// --pack DIR
class PackOption {
 public:
  // Default: FACEPIPE_PACK, else one of the folders in ../share/facepipe beside the program: `pack`.
  void add_to(CLI::App& command, const Environment& environment);
  // Where no gallery has a say.
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
  // The named pack; where none was named, the installed one (`pack`, then `packs/NAME` by name) that made the gallery's
  // embeddings, since galleries outlive defaults. folder() for a gallery that is unreadable or of no installed pack:
  // whoever opens the two says what is wrong. Where there is no gallery yet: folder_for_mode().
  [[nodiscard]] std::filesystem::path folder_for(const GalleryOption& gallery, std::string_view mode = {}) const;
  // The named pack; where none was named, the installed one that has the mode (app::has_mode); folder() if none does.
  [[nodiscard]] std::filesystem::path folder_for_mode(std::string_view mode) const;

 private:
  [[nodiscard]] bool is_named() const;

  std::filesystem::path folder_;
  std::vector<const CLI::Option*> options_;  // one a command that shares this
  bool from_environment_ = false;
};

// Does the pack's network know faces by this preprocessing? Its own mode; model::known_mode's, which are of networks
// that take the face's box. An empty name is the pack's own.
[[nodiscard]] bool has_mode(const model::Manifest& manifest, std::string_view mode);

// --strangers SHARE
struct StrangersOption {
  std::optional<double> share;  // absent: what the gallery states
  // Default: FACEPIPE_STRANGERS.
  void add_to(CLI::App& command, const Environment& environment);
};

// --max-pixels, --max-side: of every command that decodes pictures. --ignore-exif: of those that also find faces as
// facenet-pytorch does.
void add_decode_limits(CLI::App& command, image::DecodeLimits& limits);
void add_ignore_exif(CLI::App& command, image::DecodeOptions& decode);

}  // namespace facepipe::app
