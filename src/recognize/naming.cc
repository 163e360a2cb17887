// Tested by naming_test.cc and recognizer_test.cc.
#include "recognize/naming.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "base/check.h"
#include "gallery/index/distance.h"

namespace facepipe::recognize {
namespace {

bool is_rejected(const gallery::Gallery& gallery, const gallery::Candidate& candidate,
                 std::span<const float> embedding) {
  const auto pictures = gallery.rejected(gallery.people()[candidate.person].id);
  return std::ranges::any_of(pictures, [&](const std::vector<float>& picture) {
    return std::sqrt(gallery::squared_distance(picture, embedding)) < candidate.nearest;
  });
}

void set_probabilities(const NamingRule& rule, Identity& identity) {
  const double margin = double{*identity.threshold} - double{*identity.distance};
  const double second_margin = identity.second_distance
                                   ? double{*identity.threshold} - double{*identity.second_distance}
                                   : -std::numeric_limits<double>::infinity();
  const model::Probabilities both = model::probabilities(rule.decision, margin, second_margin);
  identity.probability = both.first;
  if (identity.second_distance) {
    identity.second_probability = both.second;
  }
}

bool of_the_packs_mode(const gallery::Gallery& gallery, const model::Manifest& manifest) {
  return model::same_pixels(gallery.origin().preprocessing, manifest.preprocessing);
}

}  // namespace

std::optional<NamingRule> naming_rule(const gallery::Gallery& gallery, const model::Manifest& manifest) {
  if (!manifest.decision || !gallery.strangers() || !of_the_packs_mode(gallery, manifest)) {
    return std::nullopt;
  }
  const model::Decision& decision = *manifest.decision;
  const double people = gallery.weighted_people(decision.pictures);
  return NamingRule{decision, *gallery.strangers(), model::distance_threshold(decision, people, *gallery.strangers()),
                    gallery.min_quality(), manifest.norm};
}

NamingRule changed(const NamingRule& rule, const gallery::Gallery& gallery, double strangers, float min_quality) {
  const double people = gallery.weighted_people(rule.decision.pictures);
  return {rule.decision, strangers, model::distance_threshold(rule.decision, people, strangers), min_quality,
          rule.norm};
}

gallery::Gallery new_gallery(const model::Manifest& manifest, const model::Preprocessing& mode) {
  gallery::Gallery gallery({manifest.model_id, mode, manifest.embedding_size});
  if (mode == manifest.preprocessing) {
    gallery.set_distance_threshold(manifest.distance_threshold);
    if (manifest.decision) {  // one that was read is a share
      FACEPIPE_CHECK(gallery.set_strangers(manifest.decision->strangers));
    }
  }
  return gallery;
}

Status set_strangers(gallery::Gallery& gallery, const model::Manifest& manifest, double strangers) {
  if (!manifest.decision) {
    return Error{ErrorCode::kUnsupported,
                 "a share of strangers needs a pack that was measured for it (\"decision\" in "
                 "its manifest); this is " +
                     manifest.name};
  }
  if (!of_the_packs_mode(gallery, manifest)) {
    return Error{ErrorCode::kUnsupported, "a share of strangers needs a gallery of the pack's own mode, \"" +
                                              manifest.preprocessing.mode + "\"; this is of mode \"" +
                                              gallery.origin().preprocessing.mode + "\""};
  }
  return gallery.set_strangers(strangers);
}

Identity unnamed(const Identity& identity) {
  Identity unknown;
  unknown.name = kUnknown;
  unknown.distance = identity.distance;
  unknown.threshold = identity.threshold;
  return unknown;
}

float threshold_of_cut(const NamingRule& rule) {
  return std::max(rule.threshold - static_cast<float>(rule.decision.cut), 0.0F);
}

Identity judged(const Identity& identity, const Quality& quality, const NamingRule& rule) {
  Identity judged = quality.usable && quality.score >= rule.min_quality ? identity : unnamed(identity);
  if (!is_cut(quality)) {
    return judged;
  }
  judged.threshold = threshold_of_cut(rule);
  if (!judged.known) {
    return judged;
  }
  if (*judged.distance > *judged.threshold) {
    return unnamed(judged);
  }
  set_probabilities(rule, judged);
  return judged;
}

Result<std::vector<RankedPerson>> nearest_people(const gallery::Gallery& gallery, const std::optional<NamingRule>& rule,
                                                 std::span<const float> embedding, std::size_t count) {
  // Only a rule and what is rejected can change the index's order.
  const std::size_t looked_at = rule || gallery.any_rejected() ? kCandidates : std::min(count, kCandidates);
  const auto share = rule ? static_cast<float>(rule->decision.centroid) : 0.0F;
  const auto centroids = share > 0 ? gallery::Centroids::kMeasured : gallery::Centroids::kLeftOut;
  FACEPIPE_ASSIGN(const auto candidates, gallery.candidates(embedding, looked_at, centroids));
  std::vector<RankedPerson> people;
  for (const gallery::Candidate& candidate : candidates) {
    if (!is_rejected(gallery, candidate, embedding)) {
      people.push_back({candidate.person, candidate.nearest + share * (candidate.centroid - candidate.nearest)});
    }
  }
  std::ranges::stable_sort(people, {}, &RankedPerson::distance);
  people.resize(std::min(people.size(), count));
  return people;
}

Result<Identity> identify(const gallery::Gallery& gallery, const std::optional<NamingRule>& rule,
                          std::span<const float> embedding) {
  FACEPIPE_ASSIGN(const auto people, nearest_people(gallery, rule, embedding, 2));
  return identify_among(gallery, rule, people);
}

Identity identify_among(const gallery::Gallery& gallery, const std::optional<NamingRule>& rule,
                        std::span<const RankedPerson> people) {
  Identity identity;
  identity.name = kUnknown;
  const std::optional<float> threshold = rule ? std::optional(rule->threshold) : gallery.distance_threshold();
  if (rule) {
    identity.threshold = rule->threshold;
  }
  if (people.empty()) {
    return identity;
  }
  identity.distance = people[0].distance;
  if (threshold && people[0].distance > *threshold) {
    return identity;
  }
  const gallery::Person& nearest = gallery.people()[people[0].person];
  identity.known = true;
  identity.name = nearest.name;
  identity.person = nearest.id;
  if (people.size() > 1) {
    const gallery::Person& second = gallery.people()[people[1].person];
    identity.second_name = second.name;
    identity.second_person = second.id;
    identity.second_distance = people[1].distance;
  }
  if (rule) {
    set_probabilities(*rule, identity);
  }
  return identity;
}

}  // namespace facepipe::recognize
