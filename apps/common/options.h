// The options that commands of several programs have: pack, gallery, key, limits of pictures.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <functional>

#include "base/result.h"
#include "base/seal.h"
#include "environment.h"
#include "gallery/gallery.h"
#include "image/decode.h"

namespace facepipe::app {

// An option whose help shows the default.
template <typename T>
CLI::Option* add_setting(CLI::App& command, const char* name, T& value, const char* help) {
  return command.add_option(name, value, help)->capture_default_str();
}

// --pack DIR
struct PackOption {
  std::filesystem::path folder;
  // Default: FACEPIPE_PACK, else ../share/facepipe/pack beside the program.
  void add_to(CLI::App& command, const Environment& environment);
};

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
  [[nodiscard]] Status save(const gallery::Gallery& gallery) const;
  // Loads the gallery under its lock, lets `change` work on it, saves it unless that failed.
  [[nodiscard]] Status edit(const std::function<Status(gallery::Gallery&)>& change) const;
};

// --max-pixels, --max-side: of every command that decodes pictures. --ignore-exif: of those that also find faces as
// facenet-pytorch does.
void add_decode_limits(CLI::App& command, image::DecodeLimits& limits);
void add_ignore_exif(CLI::App& command, image::DecodeOptions& decode);

}  // namespace facepipe::app
