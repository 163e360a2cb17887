// The options that commands of several programs have: pack, gallery, key, limits of pictures.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <functional>
#include <optional>
#include <vector>

#include "base/result.h"
#include "base/seal.h"
#include "environment.h"
#include "gallery/gallery.h"
#include "image/decode.h"

namespace facepipe::app {

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
  [[nodiscard]] std::filesystem::path path() const { return file.empty() ? data / "gallery.fpg" : file; }
  // The gallery at path(), with the key if there is one.
  [[nodiscard]] Result<gallery::Gallery> load() const;
  [[nodiscard]] Result<gallery::GalleryOrigin> load_origin() const;
  [[nodiscard]] Status save(const gallery::Gallery& gallery) const;
  // Loads the gallery under its lock, lets `change` work on it, saves it unless that failed.
  [[nodiscard]] Status edit(const std::function<Status(gallery::Gallery&)>& change) const;
};

// --pack DIR
class PackOption {
 public:
  // Default: FACEPIPE_PACK, else one of the folders in ../share/facepipe beside the program: `pack`.
  void add_to(CLI::App& command, const Environment& environment);
  // Where no gallery has a say.
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
  // The named pack; where none was named, the installed one that made the gallery's embeddings (`pack`, then
  // `packs/NAME` by name), since galleries outlive defaults. folder() for a gallery that is absent, unreadable or of
  // no installed pack: whoever opens the two says what is wrong.
  [[nodiscard]] std::filesystem::path folder_for(const GalleryOption& gallery) const;

 private:
  std::filesystem::path folder_;
  std::vector<const CLI::Option*> options_;  // one a command that shares this
  bool from_environment_ = false;
};

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
