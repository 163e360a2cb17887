// Tested by unknowns_test.cc.
#include "visits/likeness.h"

#include <algorithm>

namespace facepipe::visits {
namespace {

// Shares of strangers who are so near to each other.
constexpr double kSameRate = 1e-4;
constexpr double kMaybeRate = 0.02;
// Of strangers who would be put into a group that is another's.
constexpr double kMisplaced = 0.01;
// Few groups would make the limit wide: there may be more people about than have been seen.
constexpr std::size_t kFewestGroups = 500;

// Without a decision: shares of the threshold up to which somebody is named; where there is none, of the distance that
// the Python original's network was given by its makers.
constexpr float kUsualThreshold = 1.1F;
constexpr float kSameShare = 0.9F;
constexpr float kMaybeShare = 1.2F;
constexpr float kGroupShare = 0.85F;

}  // namespace

float Likeness::group(std::size_t groups) const {
  return decision
             ? model::distance_threshold(*decision, static_cast<double>(std::max(groups, kFewestGroups)), kMisplaced)
             : group_without;
}

Likeness likeness_of(const std::optional<model::Decision>& decision, std::optional<float> threshold) {
  if (decision) {
    return {model::distance_threshold(*decision, 1, kSameRate), model::distance_threshold(*decision, 1, kMaybeRate),
            decision, 0};
  }
  const float usual = threshold.value_or(kUsualThreshold);
  return {kSameShare * usual, kMaybeShare * usual, std::nullopt, kGroupShare * usual};
}

Likeness likeness_of(const recognize::FaceRecognizer& recognizer) {
  const auto& rule = recognizer.rule();
  return likeness_of(rule ? std::optional(rule->decision) : std::nullopt, recognizer.threshold());
}

}  // namespace facepipe::visits
