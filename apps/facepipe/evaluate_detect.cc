// facepipe evaluate detect BOXES: found faces against true boxes. Tested by tests/e2e/test_evaluate.py.
#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include "base/file.h"
#include "evaluate.h"
#include "evaluate/boxes_file.h"
#include "evaluate/detection_score.h"
#include "output.h"

namespace facepipe::app {
namespace {

constexpr std::size_t kMaxBoxesBytes = std::size_t{64} << 20U;
constexpr std::size_t kBoxFields = 5;  // corners and confidence

struct DetectionOptions {
  EvaluateOptions common;
  std::filesystem::path boxes;
  std::filesystem::path pictures;
  double overlap = 0.5;
  int min_box = 20;  // what the default detector finds
};

Result<std::vector<float>> record_of(const detect::Detector& detector, image::RgbView picture) {
  FACEPIPE_ASSIGN(const detect::Detection found, detector.detect(picture));
  std::vector<float> record = {static_cast<float>(found.faces.size())};
  for (const detect::Face& face : found.faces) {
    record.insert(record.end(), {face.box.x1, face.box.y1, face.box.x2, face.box.y2, face.confidence});
  }
  return record;
}

evaluate::Scene scene_of(const std::vector<float>& record, const evaluate::BoxedPicture& picture, int min_box) {
  evaluate::Scene scene;
  scene.truth = picture.boxes;
  for (evaluate::TrueBox& truth : scene.truth) {
    truth.ignored = truth.ignored || std::min(truth.box.width(), truth.box.height()) < static_cast<float>(min_box);
  }
  for (std::size_t i = 1; i + kBoxFields <= record.size(); i += kBoxFields) {
    scene.found.push_back({{record[i], record[i + 1], record[i + 2], record[i + 3]}, record[i + 4]});
  }
  return scene;
}

evaluate::SheetSection mistakes_section(const DetectionOptions& options, std::string title,
                                        std::span<const std::filesystem::path> files,
                                        std::span<const evaluate::DetectionMistake> mistakes) {
  evaluate::SheetSection section{std::move(title), {}};
  for (const evaluate::DetectionMistake& mistake : mistakes.first(std::min(mistakes.size(), options.common.worst))) {
    evaluate::Tile tile;
    tile.pictures.push_back(tile_of(options.common, files[mistake.scene], mistake.box));
    tile.captions.push_back(files[mistake.scene].filename().string());
    tile.captions.push_back(std::to_string(std::lround(mistake.box.width())) + " x " +
                            std::to_string(std::lround(mistake.box.height())) + " px");
    if (mistake.confidence > 0) {
      tile.captions.push_back("confidence " + distance_text(mistake.confidence));
    }
    section.tiles.push_back(std::move(tile));
  }
  return section;
}

void describe_detections(evaluate::Summary& summary, const DetectionOptions& options, std::size_t pictures,
                         const PictureRecords& records, const evaluate::DetectionScore& score) {
  summary.count("pictures", "pictures", pictures);
  summary.count("unreadable", records.unreadable > 0 ? "that cannot be read" : "", records.unreadable);
  summary.count("from_cache", records.from_cache > 0 ? "known from a run before" : "", records.from_cache);
  summary.count("boxes", "faces", score.boxes);
  summary.count("boxes_ignored", "faces that do not count", score.ignored);
  summary.number("min_overlap", "overlap of found and true box at least", options.overlap);
  summary.count("found", "found", score.right);
  summary.count("missed", "missed", score.missed.size());
  summary.count("false_alarms", "found, and no face", score.wrong);
  const bool boxes = score.boxes > 0;
  summary.share("recall", "recall", boxes ? std::optional(score.recall()) : std::nullopt, "no face");
  summary.share("precision", "precision",
                score.right + score.wrong > 0 ? std::optional(score.precision()) : std::nullopt, "nothing found");
  summary.share("average_precision", "average precision", boxes ? std::optional(score.average_precision) : std::nullopt,
                "no face");
}

Result<int> score_detection(const DetectionOptions& options) {
  FACEPIPE_ASSIGN(const Bytes text, read_file(options.boxes, kMaxBoxesBytes));
  FACEPIPE_ASSIGN(const std::vector<evaluate::BoxedPicture> pictures,
                  evaluate::parse_boxes(as_text(text), options.boxes.string()));
  std::vector<std::filesystem::path> files;
  files.reserve(pictures.size());
  for (const evaluate::BoxedPicture& picture : pictures) {
    files.push_back((options.pictures.empty() ? options.boxes.parent_path() : options.pictures) / picture.picture);
  }
  FACEPIPE_ASSIGN(const Models models, load_models(options.common.pack.folder(), options.common.detector.get()));
  FACEPIPE_ASSIGN(
      const PictureRecords records,
      compute_records(
          options.common, "detections", "detection 1\n" + describe_detection(options.common, models.pack.manifest()),
          files, [&](image::RgbView picture) { return record_of(*models.detector, picture); },
          [](const std::vector<float>& record) { return record.size() % kBoxFields == 1; }));
  std::vector<evaluate::Scene> scenes;
  std::vector<std::filesystem::path> scored_files;
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (records.records[i].readable()) {
      scenes.push_back(scene_of(records.records[i].values, pictures[i], options.min_box));
      scored_files.push_back(files[i]);
    }
  }
  const evaluate::DetectionScore score = evaluate::score_detections(scenes, options.overlap);
  EvaluateOutput output;
  output.name = "detect";
  output.unreadable = records.unreadable;
  output.summary.text("pack", "model pack", models.pack.manifest().name);
  describe_detections(output.summary, options, scenes.size(), records, score);
  output.files.emplace_back("detect-recall.csv", evaluate::recall_csv(score.curve));
  output.files.emplace_back("detect-recall.svg", evaluate::recall_svg(score.curve, "facepipe evaluate detect"));
  output.sections = [&] {
    std::vector<evaluate::SheetSection> sections;
    sections.push_back(mistakes_section(options, "Found, and no face", scored_files, score.false_alarms));
    sections.push_back(mistakes_section(options, "Missed", scored_files, score.missed));
    return sections;
  };
  return finish_evaluation(options.common, output);
}

}  // namespace

void add_detection_score_command(CLI::App& parent, const Environment& environment, int& status) {
  const auto options = std::make_shared<DetectionOptions>();
  CLI::App* command = parent.add_subcommand("detect", "Faces found against true boxes: precision, recall, AP");
  command->add_option("boxes", options->boxes, "The boxes: CSV with image, x, y, w, h; or WIDER FACE's list")
      ->required();
  command->add_option("--pictures", options->pictures, "Folder of the pictures (default: the list's own)");
  command->add_option("--overlap", options->overlap, "Intersection over union from which a face is found")
      ->check(CLI::Range(0.01, 1.0))
      ->capture_default_str();
  command
      ->add_option("--min-box", options->min_box, "True boxes with a shorter side below this do not count, in pixels")
      ->check(CLI::Range(0, 100'000))
      ->capture_default_str();
  options->common.add_to(*command, environment);
  command->callback([options, &status] { status = finish_command(score_detection(*options)); });
}

}  // namespace facepipe::app
