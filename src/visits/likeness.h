// How alike two faces must be to count as one person's: distances from what was measured of the pack's network.
#pragma once

#include <cstddef>
#include <optional>

#include "model/decision.h"
#include "recognize/recognizer.h"

namespace facepipe::visits {

// Euclidean distances of unit vectors. docs/visits.md has the figures behind the shares.
struct Likeness {
  float same = 0;   // faces that one camera sees within seconds: so near, they are one person's wherever they are
  float maybe = 0;  // the same of faces that are near in place too
  std::optional<model::Decision> decision;
  float group_without = 0;  // group() without a decision

  // An unknown face and the middle of a group of `groups`: so near, it is one of them.
  [[nodiscard]] float group(std::size_t groups) const;
};

// By the decision of the recogniser's pack, whose table says how often strangers are so near to each other; else by
// shares of its threshold.
[[nodiscard]] Likeness likeness_of(const recognize::FaceRecognizer& recognizer);
[[nodiscard]] Likeness likeness_of(const std::optional<model::Decision>& decision, std::optional<float> threshold);

}  // namespace facepipe::visits
