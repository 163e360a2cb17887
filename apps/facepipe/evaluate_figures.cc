// Tested by tests/e2e/test_evaluate.py.
#include "evaluate_figures.h"

#include <array>
#include <cstdio>
#include <optional>
#include <string>

#include "evaluate/operating_point.h"

namespace facepipe::app {
namespace {

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
                  point.threshold && scored.all.known > 0 ? std::optional(point.true_rate) : std::nullopt,
                  scored.all.known == 0 ? "no known person"
                                        : "needs " + std::to_string(evaluate::needed_at(point.rate)) + " strangers");
    summary.number("distance_at_strangers_" + name, "  at a distance of",
                   point.threshold ? std::optional(static_cast<double>(*point.threshold)) : std::nullopt);
  }
}

// What became of probes as shipped. `key` and `words` stand behind each figure's and say which probes they are; no
// words: for programs alone.
void describe_named(evaluate::Summary& summary, const evaluate::NamedProbes& named, std::optional<float> threshold,
                    const std::string& key, const std::string& words) {
  const auto describe = [&](const std::string& name, const std::string& said, std::size_t part, std::size_t whole,
                            std::string_view otherwise) {
    summary.share(name + key, words.empty() ? "" : said + words, share_of(part, whole), otherwise);
    summary.count(name + key + "_count", "", part);
  };
  describe("strangers_named", "strangers named", named.strangers_named, named.strangers, "no stranger");
  describe("right_names", "right names", named.right_names, named.known, "no known person");
  describe("wrong_names", "wrong names of known people", named.wrong_names, named.known, "no known person");
  summary.number("distance_as_shipped" + key, words.empty() ? "" : "  at a distance of",
                 threshold ? std::optional(static_cast<double>(*threshold)) : std::nullopt);
}

}  // namespace

void describe_identification(evaluate::Summary& summary, const RosterNamer& namer,
                             const evaluate::Identification& scored) {
  const gallery::Gallery& gallery = namer.recognizer().gallery();
  const bool any_cut = scored.cut.known + scored.cut.strangers > 0;
  const auto if_any = [](std::size_t count, const char* words) { return count > 0 ? words : ""; };
  summary.count("people_enrolled", "people enrolled", gallery.people().size());
  summary.count("embeddings_enrolled", "  with embeddings", gallery.embedding_count());
  summary.count("enrolment_refused", if_any(namer.refused(), "  photographs that enrolment refused"), namer.refused());
  summary.count("known_probes", "probes of known people", scored.all.known);
  summary.count("known_without_face", "  without a face: never named", scored.known_without_face);
  summary.count("known_refused", if_any(scored.known_refused, "  that cannot be told: never named"),
                scored.known_refused);
  summary.count("known_probes_cut", any_cut ? "  cut deep by the picture's edge" : "", scored.cut.known);
  summary.count("strangers", "probes of strangers", scored.all.strangers);
  summary.count("strangers_without_face", "  and without a face: not counted", scored.strangers_without_face);
  summary.count("strangers_refused", if_any(scored.strangers_refused, "  that cannot be told: never named"),
                scored.strangers_refused);
  summary.count("strangers_cut", any_cut ? "  cut deep by the picture's edge" : "", scored.cut.strangers);
  summary.share("nearest_right", "right person nearest", share_of(scored.nearest_right, scored.all.known),
                "no known person");
  describe_rates(summary, scored);
  describe_named(summary, scored.all, namer.recognizer().threshold(), "", ", as shipped");
  describe_named(summary, scored.cut, any_cut ? namer.threshold_of_cut() : std::nullopt, "_cut",
                 any_cut ? ", cut deep, as shipped" : "");
}

}  // namespace facepipe::app
