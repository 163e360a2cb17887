// A recognised face as the tracker and the groups of unknown faces see it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "faces/records.h"

namespace facepipe::visits {

// Views live as long as the call that it is passed to.
struct Sighting {
  faces::FaceId face{};
  std::uint64_t frame = 0;          // the same for all faces of one frame
  Clock::TimePoint time{};          // of the frame
  std::optional<image::Box> box;    // frame pixels
  std::optional<float> confidence;  // of the detection
  std::optional<float> quality;     // recognize::Quality::score; absent where no rule measures it
  bool usable = true;               // false: it cannot be told who it is
  std::vector<std::string> reasons;
  std::span<const float> embedding;  // unit length
  faces::Decision decision;
};

// A box that the detector is not sure of, or a face that cannot be told: it shows that somebody is still there, and
// nothing else.
[[nodiscard]] bool is_weak(const Sighting& face);
// So sure a face that one is enough to say that somebody is there.
[[nodiscard]] bool is_certain(const Sighting& face);
// How much of a person it shows, 0..1: quality times area, the area counted up to what a network sees of it (112 px a
// side). A face without a box, or without a measured quality, counts as a good one.
[[nodiscard]] float shown(const Sighting& face);
// shown() times how sure the decision is: the probability of its name, or how far within the threshold the distance is.
// 0 of an unknown face.
[[nodiscard]] float vote_of(const Sighting& face);
// As sure a name as one face can give.
[[nodiscard]] bool is_surely_named(const Sighting& face);

}  // namespace facepipe::visits
