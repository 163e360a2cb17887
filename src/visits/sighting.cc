// Tested by tracker_test.cc and votes_test.cc.
#include "visits/sighting.h"

#include <algorithm>

namespace facepipe::visits {
namespace {

constexpr float kWeakConfidence = 0.9F;
constexpr float kCertainConfidence = 0.95F;
constexpr float kFlawless = 0.5F;  // recognize::Quality::score: above it there is no flaw
constexpr float kNetworkSidePx = 112;
// Of a hundred such names of good faces less than one is wrong (docs/accuracy.md: the probabilities are calibrated).
constexpr float kSureProbability = 0.98F;
// Without probabilities: the distance is so much of the threshold at most.
constexpr float kSureShare = 0.75F;

// 0..1: how far within the threshold; half where there is none.
float margin(const faces::Decision& decision) {
  if (!decision.distance || !decision.threshold || *decision.threshold <= 0) {
    return 0.5F;
  }
  return std::clamp(4 * (1 - *decision.distance / *decision.threshold), 0.1F, 1.0F);
}

}  // namespace

bool is_weak(const Sighting& face) {
  return !face.usable || (face.confidence && *face.confidence < kWeakConfidence);
}

bool is_certain(const Sighting& face) {
  return face.usable && face.confidence && *face.confidence >= kCertainConfidence &&
         face.quality.value_or(1) > kFlawless;
}

float shown(const Sighting& face) {
  float area = 1;
  if (face.box) {
    const float side = std::max(std::min(face.box->width(), face.box->height()), 0.0F);
    area = std::min(1.0F, side / kNetworkSidePx);
    area *= area;
  }
  return area * std::clamp(face.quality.value_or(1), 0.0F, 1.0F);
}

float vote_of(const Sighting& face) {
  if (!face.decision.person) {
    return 0;
  }
  return shown(face) * face.decision.probability.value_or(margin(face.decision));
}

bool is_surely_named(const Sighting& face) {
  const faces::Decision& decision = face.decision;
  if (!decision.person || is_weak(face)) {
    return false;
  }
  if (decision.probability) {
    return *decision.probability >= kSureProbability;
  }
  return decision.distance && decision.threshold && *decision.distance <= kSureShare * *decision.threshold;
}

}  // namespace facepipe::visits
