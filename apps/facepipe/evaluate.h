// What the subcommands of `facepipe evaluate` share.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "command.h"
#include "embed/embedder.h"
#include "evaluate/contact_sheet.h"
#include "evaluate/face_choice.h"
#include "evaluate/operating_point.h"
#include "evaluate/plot.h"
#include "evaluate/summary.h"
#include "image/image.h"
#include "recognize/cut_faces.h"
#include "recognize/quality.h"
#include "recognize/recognizer.h"

namespace facepipe::app {

struct EvaluateOptions {
  PackOption pack;
  DetectorOption detector;
  image::DecodeOptions decode;
  std::string mode;
  std::string face = "central";
  std::size_t jobs = 1;
  std::filesystem::path out;    // empty: nothing is written
  std::filesystem::path cache;  // empty: `out`
  bool json = false;
  std::size_t worst = 25;  // of each kind, on the contact sheet

  // Those of every subcommand, and those of the ones that embed.
  void add_to(CLI::App& command, const Environment& environment);
  void add_embedding_to(CLI::App& command);
};

// What was computed of one picture: the numbers, or why there are none.
struct PictureRecord {
  std::vector<float> values;
  std::string error;
  [[nodiscard]] bool readable() const { return error.empty(); }
};

struct PictureRecords {
  std::vector<PictureRecord> records;  // one a file, in their order
  std::size_t from_cache = 0;
  std::size_t unreadable = 0;  // each of the first is told on stderr
};

using ComputeRecord = std::function<Result<std::vector<float>>(image::RgbView picture)>;

// compute(picture) of every file, `options.jobs` at once, with a progress bar. Records are kept in `options.cache`
// under the name `kind`, by the files' content, as long as `made_by` is the same; one that `valid` does not take is
// computed anew. Errors are the cache's.
[[nodiscard]] Result<PictureRecords> compute_records(const EvaluateOptions& options, std::string_view kind,
                                                     std::string_view made_by,
                                                     std::span<const std::filesystem::path> files,
                                                     const ComputeRecord& compute,
                                                     const std::function<bool(const std::vector<float>&)>& valid);

// What detections depend on: detector, its options, how pictures are decoded. Text for `made_by`.
[[nodiscard]] std::string describe_detection(const EvaluateOptions& options, const model::Manifest& manifest);

// Models opened once: the recogniser's gallery is empty, in the mode asked for.
struct EvaluateModels {
  Models models;
  std::shared_ptr<const embed::Embedder> embedder;
  model::Preprocessing mode;
  evaluate::FaceRule rule = evaluate::FaceRule::kLargest;
  [[nodiscard]] const model::Manifest& manifest() const { return models.pack.manifest(); }
};
[[nodiscard]] Result<EvaluateModels> open_models(const EvaluateOptions& options);

// The face that a picture's label means.
struct Photograph {
  bool readable = false;
  bool several_faces = false;
  image::Box box;
  std::vector<float> embedding;  // empty: no face was found
  std::optional<float> norm;     // of it
  // Without what the norm says. Absent: no face, or a record that an earlier release kept.
  std::optional<recognize::Quality> quality;
};
struct Photographs {
  std::vector<Photograph> all;  // one a file, in their order
  std::size_t from_cache = 0;
  std::size_t unreadable = 0;
  std::size_t without_face = 0;
  std::size_t several_faces = 0;
};
// kYes: a kept record without quality is computed anew.
enum class WithQuality { kNo, kYes };
[[nodiscard]] Result<Photographs> embed_photographs(const EvaluateOptions& options, const EvaluateModels& models,
                                                    std::span<const std::filesystem::path> files,
                                                    WithQuality with_quality = WithQuality::kNo);
// The same by the pack's network for cut faces, whatever the faces.
[[nodiscard]] Result<Photographs> embed_cut_photographs(const EvaluateOptions& options, const EvaluateModels& models,
                                                        const recognize::CutFaceNetwork& network,
                                                        std::span<const std::filesystem::path> files);

// The pictures of a folder of people and whose each is: the folder that it lies in, as it is called inside `folder`;
// for one that lies in `folder` itself that folder's own name.
struct LabelledFiles {
  std::vector<std::filesystem::path> files;
  std::vector<std::string> person;
};
[[nodiscard]] Result<LabelledFiles> people_of(const std::filesystem::path& folder);

// The figures that every subcommand that embeds begins with.
void describe_photographs(evaluate::Summary& summary, const EvaluateModels& models, const Photographs& photographs);

// Prints the figures (a table, or with --json an object) and writes what goes into --out: NAME.json, the `files` (names
// and content) and, if there are sections, NAME-worst.png. `sections` is asked only then. Files that have no content
// are of an earlier run, where they are there, and are removed: what lies in the folder is of one run.
struct EvaluateOutput {
  std::string name;
  evaluate::Summary summary;
  std::vector<std::pair<std::string, std::string>> files;
  std::function<std::vector<evaluate::SheetSection>()> sections;
  std::size_t unreadable = 0;  // more than 0: the command fails in the end
};
[[nodiscard]] Result<int> finish_evaluation(const EvaluateOptions& options, const EvaluateOutput& output);
// ROC and DET of a curve, as CSV and SVG, for `files`; without content for an empty one.
void add_curves(EvaluateOutput& output, const std::vector<evaluate::CurvePoint>& curve,
                const evaluate::RateNames& names);

// The picture's part around `box`, for a contact sheet; empty if the file cannot be read any more.
[[nodiscard]] image::RgbImage tile_of(const EvaluateOptions& options, const std::filesystem::path& file,
                                      const image::Box& box);

// Makes it and those above it, unless it is there.
[[nodiscard]] Status make_folder(const std::filesystem::path& folder);
// "0.966"
[[nodiscard]] std::string distance_text(float distance);
// Runs the work of a subcommand; its exit status.
[[nodiscard]] int finish_command(const Result<int>& status);

void add_verify_command(CLI::App& parent, const Environment& environment, int& status);
void add_pairs_command(CLI::App& parent, const Environment& environment, int& status);
void add_identify_command(CLI::App& parent, const Environment& environment, int& status);
void add_detection_score_command(CLI::App& parent, const Environment& environment, int& status);

}  // namespace facepipe::app
