// What the subcommands share: exit statuses, the pack and gallery options, and how errors are shown.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "base/seal.h"
#include "client/frame_source.h"
#include "detect/detector.h"
#include "embed/embedder.h"
#include "environment.h"
#include "gallery/gallery.h"
#include "image/decode.h"
#include "model/model_pack.h"

namespace facepipe::app {

enum ExitStatus : int {
  kExitSuccess = 0,
  kExitFailure = 1,  // the work was done in part or not at all; stderr says why
  kExitUsage = 2,    // wrong options or settings
};

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

// --min-face, --thresholds, --factor
struct DetectorOption {
  detect::DetectorOptions options;
  std::vector<float> thresholds = {options.thresholds.begin(), options.thresholds.end()};
  void add_to(CLI::App& command);
  [[nodiscard]] detect::DetectorOptions get() const;
};

// --max-pixels, --max-side: of every command that decodes pictures. --ignore-exif: of those that also find faces as
// facenet-pytorch does.
void add_decode_limits(CLI::App& command, image::DecodeLimits& limits);
void add_ignore_exif(CLI::App& command, image::DecodeOptions& decode);

// The pictures of `inputs` (client::list_frames); what folders hold besides is told on stderr.
[[nodiscard]] Result<std::vector<client::FrameFile>> pictures_of(std::span<const std::filesystem::path> inputs);

// A pack opened for work.
struct Models {
  model::ModelPack pack;
  detect::Detector detector;
};
[[nodiscard]] Result<Models> load_models(const std::filesystem::path& pack_folder,
                                         const detect::DetectorOptions& options);

// The preprocessing that `--mode NAME` names, or the pack's own for an empty name.
[[nodiscard]] Result<model::Preprocessing> choose_mode(const std::string& name, const model::Manifest& manifest);

// An empty gallery for the pack in that mode; the pack's threshold where the mode is the pack's own.
[[nodiscard]] gallery::Gallery new_gallery(const model::Manifest& manifest, const model::Preprocessing& mode);

// "facepipe: MESSAGE (WAY OUT)" on stderr; returns kExitFailure, or kExitUsage for a bad argument.
int report(const Error& error);

// Each registers its subcommand; the command's work runs in its callback, which sets `status`.
void add_model_command(CLI::App& app, const Environment& environment, int& status);
void add_people_command(CLI::App& app, const Environment& environment, int& status);
void add_key_command(CLI::App& app, int& status);
void add_oneshot_commands(CLI::App& app, const Environment& environment, int& status);
void add_evaluate_command(CLI::App& app, const Environment& environment, int& status);
void add_serve_command(CLI::App& app, const Environment& environment, int& status);
void add_token_command(CLI::App& app, const Environment& environment, int& status);
void add_worker_command(CLI::App& app, const Environment& environment, int& status);
void add_send_command(CLI::App& app, const Environment& environment, int& status);
void add_queue_command(CLI::App& app, const Environment& environment, int& status);
void add_doctor_command(CLI::App& app, const Environment& environment, int& status);
void add_erase_command(CLI::App& app, const Environment& environment, int& status);

}  // namespace facepipe::app
