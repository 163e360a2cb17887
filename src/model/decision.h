// How distances become names: what was measured of a pack's network on people whom it was to tell apart.
// docs/accuracy.md says how. JSON: docs/formats/model-pack.md.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "base/json_reader.h"
#include "base/json_writer.h"
#include "base/result.h"

namespace facepipe::model {

// How often a stranger's picture lies within `distance` of somebody who is enrolled with one picture.
struct FalseAccept {
  float distance = 0;  // Euclidean, of unit vectors
  double rate = 0;
  friend bool operator==(const FalseAccept&, const FalseAccept&) = default;
};
inline constexpr std::size_t kMaxFalseAccepts = 256;

struct Decision {
  // 2..kMaxFalseAccepts; distances within (0, 2], rates within (0, 1), both strictly rising.
  std::vector<FalseAccept> false_accepts;
  // A person's distance is (1 - centroid) times that to the nearest of their embeddings, plus `centroid` times that to
  // the direction of their mean. 0..1.
  double centroid = 0.5;
  // Somebody with k pictures is as easily taken for as k^pictures people with one. 0..1.
  double pictures = 0.5;
  // The share of strangers who may get a name, unless a gallery or an option says another. Within (0, 1).
  double strangers = 0.01;
  // By how much the threshold is narrower for a face that the picture's edge cuts (Flaw::kCut of recognize/quality.h):
  // such faces are taken for one another. 0..2.
  double cut = 0;
  // The odds that a person is the right one against being a stranger, where each is as likely beforehand:
  // exp(bias + slope * (threshold - distance)). bias -100..100, slope above 0 and at most 10,000.
  double bias = 0;
  double slope = 1;
  friend bool operator==(const Decision&, const Decision&) = default;
};

// Of the manifest's object "decision". kInvalidData names the field and what it must be; fields that this version does
// not know are ignored.
[[nodiscard]] Result<Decision> read_decision(const JsonValue& value);
// The object, as read_decision reads it.
void write_decision(JsonWriter& json, const Decision& decision);

// The distance up to which somebody is named, so that the share `strangers`, within (0, 1), of strangers gets a name
// among `people` >= 0 (each with one picture; see Decision::pictures): the d of 1 - (1 - rate(d))^people = strangers,
// strangers taken as independent of each other. Between the table's rows the logarithm of the rate is linear; below the
// first it goes on as between the first two, above the last the distance stays. Never negative.
[[nodiscard]] float distance_threshold(const Decision& decision, double people, double strangers);

// The probabilities that the nearest person, and the second, is the right one: of odds o1 and o2 as Decision has them,
// o1 / (1 + o1 + o2) and o2 / (1 + o1 + o2).
struct Probabilities {
  float first = 0;
  float second = 0;
};
// `margin`: threshold - distance, of each. Without a second one: minus infinity.
[[nodiscard]] Probabilities probabilities(const Decision& decision, double margin, double second_margin);

}  // namespace facepipe::model
