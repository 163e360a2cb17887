// facepipe evaluate identify DIR: who gets a name, and whose. Tested by tests/e2e/test_evaluate.py.
#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <utility>

#include "evaluate/identification.h"
#include "evaluate/parallel.h"
#include "evaluate_roster.h"
#include "output.h"
#include "progress.h"
#include "recognize/naming.h"

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

Result<gallery::Gallery> enrol_roster(const EvaluateModels& models, const Roster& roster,
                                      const Photographs& photographs) {
  gallery::Gallery gallery = recognize::new_gallery(models.manifest(), models.mode);
  for (std::size_t i = 0; i < roster.roles.size(); ++i) {
    if (roster.roles[i] == evaluate::Role::kEnrolled && !photographs.all[i].embedding.empty()) {
      FACEPIPE_TRY(gallery.add(roster.files.person[i], photographs.all[i].embedding));
    }
  }
  if (gallery.people().empty()) {
    return Error{ErrorCode::kInvalidArgument,
                 "expected people with several photographs with a face in each, to enrol half of them; found nobody"};
  }
  return gallery;
}

// Whom a face without a name is nearest to, by the distance that names go by.
Result<std::string> nearest_person(const recognize::FaceRecognizer& recognizer, std::span<const float> embedding) {
  const float share = recognizer.rule() ? static_cast<float>(recognizer.rule()->decision.centroid) : 0.0F;
  FACEPIPE_ASSIGN(const auto candidates, recognizer.gallery().candidates(
                                             embedding, recognize::kCandidates,
                                             share > 0 ? gallery::Centroids::kMeasured : gallery::Centroids::kLeftOut));
  const auto nearest = std::ranges::min_element(candidates, {}, [share](const gallery::Candidate& candidate) {
    return candidate.nearest + share * (candidate.centroid - candidate.nearest);
  });
  return recognizer.gallery().people()[nearest->person].name;
}

// What the product answers (identify), and whom it would name if it named everybody. Somebody is enrolled.
Status ask(const recognize::FaceRecognizer& recognizer, const Roster& roster, const Photographs& photographs,
           Probed& probed) {
  const std::string& person = roster.files.person[probed.photograph];
  evaluate::ProbeResult& result = probed.result;
  result.stranger = roster.roles[probed.photograph] == evaluate::Role::kStranger;
  const std::vector<float>& embedding = photographs.all[probed.photograph].embedding;
  result.has_face = !embedding.empty();
  if (!result.has_face) {
    return {};
  }
  FACEPIPE_ASSIGN(const recognize::Identity identity, recognizer.identify(embedding));
  FACEPIPE_ASSIGN(probed.nearest,
                  identity.known ? Result<std::string>(identity.name) : nearest_person(recognizer, embedding));
  result.distance = *identity.distance;
  result.nearest_right = !result.stranger && probed.nearest == person;
  result.named = identity.known;
  result.named_right = identity.known && !result.stranger && identity.name == person;
  return {};
}

Result<std::vector<Probed>> ask_all(const EvaluateOptions& options, const recognize::FaceRecognizer& recognizer,
                                    const Roster& roster, const Photographs& photographs) {
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
    const Status asked = ask(recognizer, roster, photographs, probes[i]);
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
  IdentifySheet(const EvaluateOptions& options, const Roster& roster, const Photographs& photographs)
      : options_(options), roster_(roster), photographs_(photographs) {
    for (std::size_t i = 0; i < roster.roles.size(); ++i) {
      if (roster.roles[i] == evaluate::Role::kEnrolled && !photographs.all[i].embedding.empty()) {
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
          "distance " + distance_text(probed->result.distance) + (probed->result.named ? ", named" : "")};
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

std::optional<double> share_of(std::size_t part, std::size_t whole) {
  return whole == 0 ? std::nullopt : std::optional(static_cast<double>(part) / static_cast<double>(whole));
}

std::string percent(double rate) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%g %%", rate * 100);
  return text.data();
}

void describe_rates(evaluate::Summary& summary, const evaluate::Identification& scored) {
  for (const evaluate::OperatingPoint& point : scored.points) {
    const std::string name = evaluate::rate_name(point.rate);
    summary.share("right_names_at_strangers_" + name,
                  "right names, where " + percent(point.rate) + " of strangers get one",
                  point.threshold && scored.known > 0 ? std::optional(point.true_rate) : std::nullopt,
                  scored.known == 0 ? "no known person"
                                    : "needs " + std::to_string(evaluate::needed_at(point.rate)) + " strangers");
    summary.number("distance_at_strangers_" + name, "  at a distance of",
                   point.threshold ? std::optional(static_cast<double>(*point.threshold)) : std::nullopt);
  }
}

void describe_identification(evaluate::Summary& summary, const recognize::FaceRecognizer& recognizer,
                             const evaluate::Identification& scored) {
  const gallery::Gallery& gallery = recognizer.gallery();
  summary.count("people_enrolled", "people enrolled", gallery.people().size());
  summary.count("embeddings_enrolled", "  with embeddings", gallery.embedding_count());
  summary.count("known_probes", "probes of known people", scored.known);
  summary.count("known_without_face", "  without a face: never named", scored.known_without_face);
  summary.count("strangers", "probes of strangers", scored.strangers);
  summary.count("strangers_without_face", "  and without a face: not counted", scored.strangers_without_face);
  summary.share("nearest_right", "right person nearest", share_of(scored.nearest_right, scored.known),
                "no known person");
  describe_rates(summary, scored);
  summary.share("strangers_named", "strangers named, as shipped", share_of(scored.strangers_named, scored.strangers),
                "no stranger");
  summary.count("strangers_named_count", "", scored.strangers_named);
  summary.share("right_names", "right names, as shipped", share_of(scored.right_names, scored.known),
                "no known person");
  summary.count("right_names_count", "", scored.right_names);
  summary.share("wrong_names", "wrong names of known people, as shipped", share_of(scored.wrong_names, scored.known),
                "no known person");
  summary.count("wrong_names_count", "", scored.wrong_names);
  const std::optional<float> threshold = recognizer.threshold();
  summary.number("distance_as_shipped", "  at a distance of",
                 threshold ? std::optional(static_cast<double>(*threshold)) : std::nullopt);
}

Result<int> identify(const IdentifyOptions& options) {
  for (const double rate : options.rates) {
    FACEPIPE_TRY(evaluate::check_rate(rate));
  }
  FACEPIPE_ASSIGN(const Roster roster, roster_of(options.roster));
  FACEPIPE_ASSIGN(const EvaluateModels models, open_models(options.common));
  FACEPIPE_ASSIGN(const Photographs photographs, embed_photographs(options.common, models, roster.files.files));
  FACEPIPE_ASSIGN(gallery::Gallery gallery, enrol_roster(models, roster, photographs));
  FACEPIPE_ASSIGN(const recognize::FaceRecognizer recognizer,
                  recognize::FaceRecognizer::create(models.embedder, models.manifest(), std::move(gallery)));
  FACEPIPE_ASSIGN(const std::vector<Probed> probes, ask_all(options.common, recognizer, roster, photographs));
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
  describe_identification(output.summary, recognizer, scored);
  add_curves(output, evaluate::curve_of(scored.stranger_distances, scored.right_distances), evaluate::kProbeRates);
  output.sections = [&] { return IdentifySheet(options.common, roster, photographs).sections(probes); };
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
