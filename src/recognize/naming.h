// Who an embedding is, among the people of a gallery.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "gallery/gallery.h"
#include "model/model_pack.h"
#include "recognize/quality.h"

namespace facepipe::recognize {

// Whose a face is.
struct Identity {
  std::string name;  // the person's, or "unknown"
  bool known = false;
  std::optional<gallery::PersonId> person;  // if known
  std::optional<float> distance;            // to the nearest person, also when unknown; absent for an empty gallery
  std::string second_name;                  // the nearest other person; empty if there is none, or for an unknown face
  std::optional<gallery::PersonId> second_person;  // with second_name
  std::optional<float> second_distance;            // with second_name
  // By a naming rule alone: the distance up to which somebody is named; of a known face the probabilities that the name
  // is right, and that the second would have been.
  std::optional<float> threshold;
  std::optional<float> probability;
  std::optional<float> second_probability;  // with second_name
};
inline constexpr std::string_view kUnknown = "unknown";

// The pack's decision for the people of one gallery. A person's distance is then made of that to the nearest embedding
// and that to their mean (model::Decision::centroid), else it is that to the nearest embedding.
struct NamingRule {
  model::Decision decision;
  double strangers = 0;   // the share of strangers who may get a name
  float threshold = 0;    // model::distance_threshold
  float min_quality = 0;  // of a face that gets a name (Quality::score)
  std::optional<model::NormLimits> norm = {};
};

// The same face without a name: distance and threshold alone.
[[nodiscard]] Identity unnamed(const Identity& identity);

// What the rule makes of a face of that quality: without a name where it cannot be told or is below the rule's quality,
// and by a narrower threshold where the picture's edge cuts it (model::Decision::cut).
[[nodiscard]] Identity judged(const Identity& identity, const Quality& quality, const NamingRule& rule);

// The narrower threshold of a face that the picture's edge cuts, never negative.
[[nodiscard]] float threshold_of_cut(const NamingRule& rule);

// For a gallery that states a share of strangers, where the manifest has a decision and the gallery is of its mode.
// None otherwise: the gallery's own threshold counts.
[[nodiscard]] std::optional<NamingRule> naming_rule(const gallery::Gallery& gallery, const model::Manifest& manifest);

// The rule as it would be for the gallery by another share of strangers and quality.
[[nodiscard]] NamingRule changed(const NamingRule& rule, const gallery::Gallery& gallery, double strangers,
                                 float min_quality);

// An empty gallery for the pack in that mode; the pack's threshold and share of strangers where the mode is the pack's
// own.
[[nodiscard]] gallery::Gallery new_gallery(const model::Manifest& manifest, const model::Preprocessing& mode);

// States a share of strangers for the gallery, in place of its own. kInvalidArgument for what is no share; kUnsupported
// where naming_rule would find no rule, saying why.
[[nodiscard]] Status set_strangers(gallery::Gallery& gallery, const model::Manifest& manifest, double strangers);

// Somebody with the distance that counts.
struct RankedPerson {
  std::size_t person = 0;  // index into people()
  float distance = 0;
};

// The `count` nearest people, at most kCandidates, the nearest first; of equal distances whoever was enrolled first.
// Whoever has a rejected picture that is nearer than all their own is left out. Errors of Gallery::search.
[[nodiscard]] Result<std::vector<RankedPerson>> nearest_people(const gallery::Gallery& gallery,
                                                               const std::optional<NamingRule>& rule,
                                                               std::span<const float> embedding, std::size_t count);

// The nearest person, or "unknown": an empty gallery, or nobody within the threshold (a distance equal to it is
// within), of nearest_people. Its errors. Of many people only the kCandidates of the nearest embeddings are compared,
// which by a rule may miss one whose mean is near and whose pictures are not.
[[nodiscard]] Result<Identity> identify(const gallery::Gallery& gallery, const std::optional<NamingRule>& rule,
                                        std::span<const float> embedding);
inline constexpr std::size_t kCandidates = 16;

// What identify() makes of `nearest`, the two nearest people by a rule of the same decision: for whoever compares
// rules.
[[nodiscard]] Identity identify_among(const gallery::Gallery& gallery, const std::optional<NamingRule>& rule,
                                      std::span<const RankedPerson> nearest);

}  // namespace facepipe::recognize
