// facepipe evaluate identify DIR: who gets a name, and whose. Tested by tests/e2e/test_evaluate.py.
#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <utility>

#include "evaluate/identification.h"
#include "evaluate/parallel.h"
#include "evaluate_figures.h"
#include "evaluate_namer.h"
#include "evaluate_roster.h"
#include "output.h"
#include "progress.h"

namespace facepipe::app {
namespace {

struct IdentifyOptions {
  EvaluateOptions common;
  RosterOptions roster;
  std::vector<double> rates = {1e-1, 1e-2, 1e-3};
};

// One probe, whom the gallery takes for nearest, and its verdict.
struct Probed {
  std::size_t photograph = 0;
  evaluate::ProbeResult result;
  std::string nearest;
};

// What the product answers, and whom it would name if it named everybody.
Status ask(const RosterNamer& namer, const Roster& roster, const Photographs& photographs, Probed& probed) {
  const std::string& person = roster.files.person[probed.photograph];
  evaluate::ProbeResult& result = probed.result;
  result.stranger = roster.roles[probed.photograph] == evaluate::Role::kStranger;
  result.has_face = !photographs.all[probed.photograph].embedding.empty();
  if (!result.has_face) {
    return {};
  }
  FACEPIPE_ASSIGN(NamedFace face, namer.name(probed.photograph));
  probed.nearest = std::move(face.nearest);
  result.distance = face.distance;
  result.refused = face.refused;
  result.cut = face.cut;
  result.nearest_right = !result.stranger && probed.nearest == person;
  result.named = face.identity.known;
  result.named_right = face.identity.known && !result.stranger && face.identity.name == person;
  return {};
}

Result<std::vector<Probed>> ask_all(const EvaluateOptions& options, const RosterNamer& namer, const Roster& roster,
                                    const Photographs& photographs) {
  std::vector<Probed> probes;
  for (std::size_t i = 0; i < roster.roles.size(); ++i) {
    if (roster.roles[i] != evaluate::Role::kEnrolled && photographs.all[i].readable) {
      probes.push_back({i, {}, {}});
    }
  }
  ProgressBar progress("faces named", probes.size());
  std::mutex mutex;
  std::size_t done = 0;
  std::optional<Error> failure;
  evaluate::for_each_index(probes.size(), options.jobs, [&](std::size_t i, std::size_t) {
    const Status asked = ask(namer, roster, photographs, probes[i]);
    const std::lock_guard lock(mutex);
    if (!asked && !failure) {
      failure = asked.error();
    }
    progress.set(++done);
  });
  if (failure) {
    return *failure;
  }
  return probes;
}

// The mistakes of one kind, the nearest first.
template <typename Wanted>
std::vector<const Probed*> nearest_of(const std::vector<Probed>& probes, std::size_t count, Wanted wanted) {
  std::vector<const Probed*> chosen;
  for (const Probed& probed : probes) {
    if (probed.result.has_face && wanted(probed.result)) {
      chosen.push_back(&probed);
    }
  }
  std::stable_sort(chosen.begin(), chosen.end(),
                   [](const Probed* a, const Probed* b) { return a->result.distance < b->result.distance; });
  chosen.resize(std::min(chosen.size(), count));
  return chosen;
}

class IdentifySheet {
 public:
  IdentifySheet(const EvaluateOptions& options, const Roster& roster, const Photographs& photographs,
                const RosterNamer& namer)
      : options_(options), roster_(roster), photographs_(photographs) {
    for (std::size_t i = 0; i < roster.roles.size(); ++i) {
      if (namer.is_enrolled(i)) {
        enrolled_.try_emplace(roster.files.person[i], i);
      }
    }
  }

  [[nodiscard]] std::vector<evaluate::SheetSection> sections(const std::vector<Probed>& probes) const {
    std::vector<evaluate::SheetSection> parts;
    parts.push_back(section("Strangers, and whom they are taken for",
                            nearest_of(probes, options_.worst, [](const auto& probe) { return probe.stranger; })));
    parts.push_back(section("Known people, taken for others", nearest_of(probes, options_.worst, [](const auto& probe) {
                              return !probe.stranger && !probe.nearest_right;
                            })));
    parts.push_back(section("Known people without a name", nearest_of(probes, options_.worst, [](const auto& probe) {
                              return !probe.stranger && probe.nearest_right && !probe.named;
                            })));
    return parts;
  }

 private:
  [[nodiscard]] evaluate::SheetSection section(std::string title, const std::vector<const Probed*>& probes) const {
    evaluate::SheetSection part{std::move(title), {}};
    for (const Probed* probed : probes) {
      const std::size_t other = enrolled_.at(probed->nearest);
      evaluate::Tile tile;
      tile.pictures.push_back(tile_for(probed->photograph));
      tile.pictures.push_back(tile_for(other));
      tile.captions = {
          roster_.files.person[probed->photograph] + "/" + roster_.files.files[probed->photograph].filename().string(),
          probed->nearest,
          "distance " + distance_text(probed->result.distance) +
              (probed->result.named     ? ", named"
               : probed->result.refused ? ", cannot be told"
                                        : "")};
      part.tiles.push_back(std::move(tile));
    }
    return part;
  }
  [[nodiscard]] image::RgbImage tile_for(std::size_t photograph) const {
    return tile_of(options_, roster_.files.files[photograph], photographs_.all[photograph].box);
  }

  const EvaluateOptions& options_;
  const Roster& roster_;
  const Photographs& photographs_;
  std::map<std::string, std::size_t> enrolled_;  // a photograph of each
};

Result<int> identify(const IdentifyOptions& options) {
  for (const double rate : options.rates) {
    FACEPIPE_TRY(evaluate::check_rate(rate));
  }
  FACEPIPE_ASSIGN(const Roster roster, roster_of(options.roster));
  FACEPIPE_ASSIGN(const EvaluateModels models, open_models(options.common));
  FACEPIPE_ASSIGN(const Photographs photographs,
                  embed_photographs(options.common, models, roster.files.files, WithQuality::kYes));
  FACEPIPE_ASSIGN(const RosterNamer namer, RosterNamer::create(options.common, models, roster, photographs));
  FACEPIPE_ASSIGN(const std::vector<Probed> probes, ask_all(options.common, namer, roster, photographs));
  std::vector<evaluate::ProbeResult> results;
  results.reserve(probes.size());
  for (const Probed& probed : probes) {
    results.push_back(probed.result);
  }
  FACEPIPE_ASSIGN(const evaluate::Identification scored, evaluate::score_identification(results, options.rates));
  EvaluateOutput output;
  output.name = "identify";
  output.unreadable = photographs.unreadable;
  describe_photographs(output.summary, models, photographs);
  output.summary.count("seed", "seed", options.roster.split.seed);
  describe_identification(output.summary, namer, scored);
  add_curves(output, evaluate::curve_of(scored.stranger_distances, scored.right_distances), evaluate::kProbeRates);
  output.sections = [&] { return IdentifySheet(options.common, roster, photographs, namer).sections(probes); };
  return finish_evaluation(options.common, output);
}

}  // namespace

void add_identify_command(CLI::App& parent, const Environment& environment, int& status) {
  const auto options = std::make_shared<IdentifyOptions>();
  CLI::App* command = parent.add_subcommand(
      "identify", "A folder of people, half of each one's photographs enrolled: right names, and strangers named");
  command
      ->add_option("folder", options->roster.folder,
                   "Folder that holds a folder a person; who has one photograph is a stranger")
      ->required();
  command->add_option("--enrol", options->roster.enrol,
                      "Another such folder, all of which is enrolled; every photograph of the first is a probe then");
  command
      ->add_option("--seed", options->roster.split.seed,
                   "Which photographs are enrolled: 0: the first half by name; any other: half of a shuffled order")
      ->capture_default_str();
  command
      ->add_option("--people-share", options->roster.split.people_share,
                   "Of people with several photographs, the share that is enrolled; the others are strangers")
      ->capture_default_str();
  command
      ->add_option("--without", options->roster.split.without,
                   "Somebody who is not enrolled; may be given several times")
      ->allow_extra_args(false);
  command->add_option("--rate", options->rates, "Rates of strangers that get a name: 1e-1,1e-2")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->capture_default_str();
  options->common.add_to(*command, environment);
  options->common.add_embedding_to(*command);
  command->callback([options, &status] { status = finish_command(identify(*options)); });
}

}  // namespace facepipe::app
