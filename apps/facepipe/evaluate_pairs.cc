// facepipe evaluate pairs FILE: a list of labelled pairs. Tested by tests/e2e/test_evaluate.py.
#include "evaluate_pairs.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <memory>
#include <utility>

#include "base/file.h"
#include "evaluate/folds.h"
#include "evaluate/pairs_file.h"
#include "gallery/index/distance.h"
#include "output.h"

namespace facepipe::app {
namespace {

constexpr std::size_t kMaxListBytes = std::size_t{64} << 20U;

struct PairsOptions {
  EvaluateOptions common;
  std::filesystem::path list;
  std::filesystem::path pictures;
  std::size_t folds = 10;
  std::vector<double> rates = {1e-1, 1e-2, 1e-3};
  bool all_pairs = false;
  std::vector<double> all_rates = {1e-2, 1e-3, 1e-4, 1e-5, 1e-6};
};

// The list's pictures, each once, and which two each pair is of.
struct ListedPictures {
  LabelledFiles files;  // the person is the folder's name in the list
  std::vector<std::pair<std::size_t, std::size_t>> pairs;
};

ListedPictures pictures_in(const evaluate::PairList& list, const std::filesystem::path& folder) {
  ListedPictures listed;
  std::map<std::string, std::size_t> index;
  const auto place = [&](const std::string& picture) {
    const auto [entry, added] = index.try_emplace(picture, listed.files.files.size());
    if (added) {
      listed.files.files.push_back(folder / picture);
      listed.files.person.push_back(std::filesystem::path(picture).parent_path().string());
    }
    return entry->second;
  };
  for (const evaluate::LabelledPair& pair : list.pairs) {
    const std::size_t first = place(pair.first);
    listed.pairs.emplace_back(first, place(pair.second));
  }
  return listed;
}

std::vector<evaluate::ScoredPair> score_pairs(const evaluate::PairList& list, const ListedPictures& listed,
                                              const Photographs& photographs) {
  std::vector<evaluate::ScoredPair> scored;
  for (std::size_t i = 0; i < list.pairs.size(); ++i) {
    const std::vector<float>& first = photographs.all[listed.pairs[i].first].embedding;
    const std::vector<float>& second = photographs.all[listed.pairs[i].second].embedding;
    const bool both = !first.empty() && !second.empty();
    scored.push_back(
        {both ? std::sqrt(gallery::squared_distance(first, second)) : std::numeric_limits<float>::infinity(),
         list.pairs[i].same, list.pairs[i].fold});
  }
  return scored;
}

void describe_folds(evaluate::Summary& summary, const evaluate::PairList& list,
                    std::span<const evaluate::ScoredPair> scored, const evaluate::FoldAccuracy& accuracy) {
  const auto same = static_cast<std::size_t>(
      std::count_if(scored.begin(), scored.end(), [](const evaluate::ScoredPair& pair) { return pair.same; }));
  const auto without = std::count_if(scored.begin(), scored.end(),
                                     [](const evaluate::ScoredPair& pair) { return std::isinf(pair.distance); });
  summary.count("genuine_pairs", "pairs of one person", same);
  summary.count("impostor_pairs", "pairs of different people", scored.size() - same);
  summary.count("pairs_without_face", "pairs without two faces, never accepted", static_cast<std::size_t>(without));
  summary.count("folds", "folds", list.folds);
  summary.share("accuracy", "accuracy, the threshold chosen on the other folds", accuracy.mean);
  summary.share("accuracy_standard_error", "  standard error", accuracy.standard_error);
  double threshold = 0;
  for (const double one : accuracy.thresholds) {
    threshold += one / static_cast<double>(accuracy.thresholds.size());
  }
  summary.number("accuracy_distance", "  at a distance of (mean)", threshold);
}

struct PairDistances {
  std::vector<float> genuine;
  std::vector<float> impostor;  // in order
  evaluate::DistanceHistogram genuine_histogram;
  evaluate::DistanceHistogram impostor_histogram;
};

PairDistances distances_of(std::span<const evaluate::ScoredPair> scored) {
  PairDistances distances;
  for (const evaluate::ScoredPair& pair : scored) {
    (pair.same ? distances.genuine : distances.impostor).push_back(pair.distance);
    (pair.same ? distances.genuine_histogram : distances.impostor_histogram).add(pair.distance);
  }
  std::sort(distances.impostor.begin(), distances.impostor.end());
  return distances;
}

// The pairs that are wrong by most: of each kind, in that order.
std::vector<evaluate::SheetSection> worst_listed(const EvaluateOptions& options, const ListedPictures& listed,
                                                 const Photographs& photographs,
                                                 std::span<const evaluate::ScoredPair> scored) {
  std::vector<evaluate::SheetSection> sections;
  for (const bool same : {false, true}) {
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < scored.size(); ++i) {
      if (scored[i].same == same && !std::isinf(scored[i].distance)) {
        order.push_back(i);
      }
    }
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      return same ? scored[a].distance > scored[b].distance : scored[a].distance < scored[b].distance;
    });
    order.resize(std::min(order.size(), options.worst));
    evaluate::SheetSection section{same ? "One person, farthest" : "Different people, nearest", {}};
    for (const std::size_t i : order) {
      evaluate::Tile tile;
      for (const std::size_t picture : {listed.pairs[i].first, listed.pairs[i].second}) {
        tile.pictures.push_back(tile_of(options, listed.files.files[picture], photographs.all[picture].box));
        tile.captions.push_back(listed.files.files[picture].filename().string());
      }
      tile.captions.push_back("distance " + distance_text(scored[i].distance));
      section.tiles.push_back(std::move(tile));
    }
    sections.push_back(std::move(section));
  }
  return sections;
}

// All pairs of the list's pictures, where their folders tell the people.
Status describe_all_pairs(const PairsOptions& options, const ListedPictures& listed, const Photographs& photographs,
                          evaluate::Summary& summary) {
  if (std::any_of(listed.files.person.begin(), listed.files.person.end(),
                  [](const std::string& person) { return person.empty(); })) {
    return Error{ErrorCode::kInvalidArgument,
                 "--all-pairs: expected every picture of the list in a folder of its person, found some in none"};
  }
  FACEPIPE_ASSIGN(const ScannedFaces faces,
                  scan_faces(options.common, photographs, listed.files.person, options.all_rates));
  evaluate::Summary all;
  describe_scan(all, faces);
  summary.append("all_pairs_", "all pairs: ", all);
  return {};
}

Result<int> pairs(const PairsOptions& options) {
  for (const double rate : options.rates) {
    FACEPIPE_TRY(evaluate::check_rate(rate));
  }
  FACEPIPE_ASSIGN(const Bytes text, read_file(options.list, kMaxListBytes));
  FACEPIPE_ASSIGN(const evaluate::PairList list,
                  evaluate::parse_pairs(as_text(text), options.list.string(), options.folds));
  const ListedPictures listed =
      pictures_in(list, options.pictures.empty() ? options.list.parent_path() : options.pictures);
  FACEPIPE_ASSIGN(const EvaluateModels models, open_models(options.common));
  FACEPIPE_ASSIGN(const Photographs photographs, embed_photographs(options.common, models, listed.files.files));
  const std::vector<evaluate::ScoredPair> scored = score_pairs(list, listed, photographs);
  FACEPIPE_ASSIGN(const evaluate::FoldAccuracy accuracy, evaluate::fold_accuracy(scored, list.folds));
  const PairDistances distances = distances_of(scored);
  EvaluateOutput output;
  output.name = "pairs";
  output.unreadable = photographs.unreadable;
  describe_photographs(output.summary, models, photographs);
  describe_folds(output.summary, list, scored, accuracy);
  std::vector<evaluate::OperatingPoint> points;
  points.reserve(options.rates.size());
  for (const double rate : options.rates) {
    points.push_back(evaluate::operating_point(distances.impostor, distances.impostor.size(), distances.genuine, rate));
  }
  describe_points(output.summary, points, "pairs of different people");
  if (options.all_pairs) {
    FACEPIPE_TRY(describe_all_pairs(options, listed, photographs, output.summary));
  }
  add_curves(output, evaluate::curve_of(distances.impostor_histogram, distances.genuine_histogram),
             evaluate::kPairRates);
  output.sections = [&] { return worst_listed(options.common, listed, photographs, scored); };
  return finish_evaluation(options.common, output);
}

}  // namespace

void add_pairs_command(CLI::App& parent, const Environment& environment, int& status) {
  const auto options = std::make_shared<PairsOptions>();
  CLI::App* command = parent.add_subcommand("pairs", "A list of labelled pairs: LFW's pairs.txt, or CSV");
  command->add_option("list", options->list, "The list")->required();
  command->add_option("--pictures", options->pictures, "Folder of the pictures (default: the list's own)");
  command->add_option("--folds", options->folds, "Folds of a CSV, which has none of its own")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  command->add_option("--far", options->rates, "False-accept rates, each with its threshold: 1e-2,1e-3")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->capture_default_str();
  command->add_flag("--all-pairs", options->all_pairs,
                    "Compare also every picture of the list with every other, their folders being people");
  options->common.add_to(*command, environment);
  options->common.add_embedding_to(*command);
  command->callback([options, &status] { status = finish_command(pairs(*options)); });
}

}  // namespace facepipe::app
