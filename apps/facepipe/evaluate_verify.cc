// facepipe evaluate verify DIR: every photograph against every other. Tested by tests/e2e/test_evaluate.py.
#include <map>
#include <memory>
#include <utility>

#include "evaluate_pairs.h"
#include "output.h"
#include "progress.h"

namespace facepipe::app {
namespace {

struct VerifyOptions {
  EvaluateOptions common;
  std::filesystem::path folder;
  std::vector<double> rates = {1e-2, 1e-3, 1e-4, 1e-5, 1e-6};
};

evaluate::Tile pair_tile(const EvaluateOptions& options, const LabelledFiles& files, const Photographs& photographs,
                         const ScannedFaces& faces, const evaluate::PairOfRows& pair) {
  evaluate::Tile tile;
  for (const std::uint32_t row : {pair.first, pair.second}) {
    const std::size_t photograph = faces.photograph[row];
    tile.pictures.push_back(tile_of(options, files.files[photograph], photographs.all[photograph].box));
    tile.captions.push_back(files.person[photograph] + "/" + files.files[photograph].filename().string());
  }
  tile.captions.push_back("distance " + distance_text(pair.distance));
  return tile;
}

std::vector<evaluate::SheetSection> worst_pairs(const EvaluateOptions& options, const LabelledFiles& files,
                                                const Photographs& photographs, const ScannedFaces& faces) {
  const auto section = [&](std::string title, const std::vector<evaluate::PairOfRows>& pairs) {
    evaluate::SheetSection part{std::move(title), {}};
    for (const evaluate::PairOfRows& pair : pairs) {
      part.tiles.push_back(pair_tile(options, files, photographs, faces, pair));
    }
    return part;
  };
  std::vector<evaluate::SheetSection> sections;
  sections.push_back(section("Different people, nearest", faces.scan.closest_impostors));
  sections.push_back(section("One person, farthest", faces.scan.farthest_genuine));
  return sections;
}

Result<int> verify(const VerifyOptions& options) {
  for (const double rate : options.rates) {
    FACEPIPE_TRY(evaluate::check_rate(rate));
  }
  FACEPIPE_ASSIGN(const LabelledFiles files, people_of(options.folder));
  FACEPIPE_ASSIGN(const EvaluateModels models, open_models(options.common));
  FACEPIPE_ASSIGN(const Photographs photographs, embed_photographs(options.common, models, files.files));
  FACEPIPE_ASSIGN(const ScannedFaces faces, scan_faces(options.common, photographs, files.person, options.rates));
  EvaluateOutput output;
  output.name = "verify";
  output.unreadable = photographs.unreadable;
  describe_photographs(output.summary, models, photographs);
  describe_scan(output.summary, faces);
  add_curves(output, evaluate::curve_of(faces.scan.impostor, faces.scan.genuine), evaluate::kPairRates);
  output.sections = [&] { return worst_pairs(options.common, files, photographs, faces); };
  return finish_evaluation(options.common, output);
}

}  // namespace

Result<ScannedFaces> scan_faces(const EvaluateOptions& options, const Photographs& photographs,
                                std::span<const std::string> person, const std::vector<double>& rates) {
  ScannedFaces faces;
  evaluate::EmbeddingTable table;
  std::map<std::string, std::size_t> people;
  for (std::size_t i = 0; i < photographs.all.size(); ++i) {
    const std::vector<float>& embedding = photographs.all[i].embedding;
    if (embedding.empty()) {
      continue;
    }
    table.size = embedding.size();
    table.values.insert(table.values.end(), embedding.begin(), embedding.end());
    table.person.push_back(people.try_emplace(person[i], people.size()).first->second);
    faces.photograph.push_back(i);
  }
  faces.people = people.size();
  if (table.rows() == 0) {
    return Error{ErrorCode::kNotFound, "expected photographs with faces, found none"};
  }
  ProgressBar progress("faces compared", table.rows());
  evaluate::PairScanOptions scan;
  scan.rates = rates;
  scan.threads = options.jobs;
  scan.worst = options.out.empty() ? 0 : options.worst;
  scan.progress = [&](std::size_t done) { progress.set(done); };
  FACEPIPE_ASSIGN(faces.scan, evaluate::scan_pairs(table, scan));
  return faces;
}

void describe_scan(evaluate::Summary& summary, const ScannedFaces& faces) {
  const evaluate::PairScan& scan = faces.scan;
  summary.count("people", "people", faces.people);
  summary.count("faces", "faces", faces.photograph.size());
  summary.count("nearest_right", "whose nearest other face is the same person's", scan.nearest_right);
  summary.count("genuine_pairs", "pairs of one person", scan.genuine_pairs);
  summary.count("impostor_pairs", "pairs of different people", scan.impostor_pairs);
  summary.share("equal_error_rate", "equal error rate",
                evaluate::equal_error_rate(evaluate::curve_of(scan.impostor, scan.genuine)));
  describe_points(summary, scan.points, "pairs of different people");
}

void describe_points(evaluate::Summary& summary, std::span<const evaluate::OperatingPoint> points,
                     std::string_view of_what) {
  for (const evaluate::OperatingPoint& point : points) {
    const std::string name = evaluate::rate_name(point.rate);
    summary.share("tar_at_far_" + name, "accepted of one person, where " + name + " of different people are",
                  point.threshold ? std::optional(point.true_rate) : std::nullopt,
                  "needs " + std::to_string(evaluate::needed_at(point.rate)) + " " + std::string(of_what));
    summary.number("distance_at_far_" + name, "  at a distance of",
                   point.threshold ? std::optional(static_cast<double>(*point.threshold)) : std::nullopt);
    summary.number("far_at_far_" + name, "", point.threshold ? std::optional(point.false_rate) : std::nullopt);
  }
}

void add_verify_command(CLI::App& parent, const Environment& environment, int& status) {
  const auto options = std::make_shared<VerifyOptions>();
  CLI::App* command = parent.add_subcommand(
      "verify", "All pairs of a folder of people: how many of one person are accepted at a rate of false ones");
  command->add_option("folder", options->folder, "Folder that holds a folder a person")->required();
  command->add_option("--far", options->rates, "False-accept rates, each with its threshold: 1e-3,1e-5")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->capture_default_str();
  options->common.add_to(*command, environment);
  options->common.add_embedding_to(*command);
  command->callback([options, &status] { status = finish_command(verify(*options)); });
}

}  // namespace facepipe::app
