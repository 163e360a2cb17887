// What the subcommands of `facepipe` share: models, pictures, and how each is registered.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>

#include "base/result.h"
#include "client/frame_source.h"
#include "detect/detector.h"
#include "environment.h"
#include "gallery/gallery.h"
#include "image/decode.h"
#include "model/model_pack.h"
#include "options.h"
#include "output.h"

namespace facepipe::app {

// --min-face, --thresholds, --factor
struct DetectorOption {
  detect::DetectorOptions options;
  std::vector<float> thresholds = {options.thresholds.begin(), options.thresholds.end()};
  void add_to(CLI::App& command);
  [[nodiscard]] detect::DetectorOptions get() const;
};

// The pictures of `inputs` (client::list_frames); what folders hold besides is told on stderr.
[[nodiscard]] Result<std::vector<client::FrameFile>> pictures_of(std::span<const std::filesystem::path> inputs);

// A pack opened for work.
struct Models {
  model::ModelPack pack;
  std::unique_ptr<const detect::Detector> detector;
};
[[nodiscard]] Result<Models> load_models(const std::filesystem::path& pack_folder,
                                         const detect::DetectorOptions& options);

// The preprocessing that `--mode NAME` names, or the pack's own for an empty name.
[[nodiscard]] Result<model::Preprocessing> choose_mode(const std::string& name, const model::Manifest& manifest);

// Each registers its subcommand; the command's work runs in its callback, which sets `status`.
void add_model_command(CLI::App& app, const Environment& environment, int& status);
void add_people_command(CLI::App& app, const Environment& environment, int& status);
void add_key_command(CLI::App& app, int& status);
void add_oneshot_commands(CLI::App& app, const Environment& environment, int& status);
void add_evaluate_command(CLI::App& app, const Environment& environment, int& status);
void add_serve_command(CLI::App& app, const Environment& environment, int& status);
void add_token_command(CLI::App& app, const Environment& environment, int& status);
void add_send_command(CLI::App& app, const Environment& environment, int& status);
void add_queue_command(CLI::App& app, const Environment& environment, int& status);
void add_kept_commands(CLI::App& app, const Environment& environment, int& status);
void add_doctor_command(CLI::App& app, const Environment& environment, int& status);
void add_backup_command(CLI::App& app, const Environment& environment, int& status);
void add_erase_command(CLI::App& app, const Environment& environment, int& status);

}  // namespace facepipe::app
