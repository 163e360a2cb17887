// Whether a face may be a track's, and at what cost. Tested by tracker_test.cc.
#include <algorithm>
#include <cmath>

#include "gallery/index/distance.h"
#include "visits/assignment.h"
#include "visits/tracker.h"

namespace facepipe::visits {
namespace {

using std::chrono::milliseconds;

// How far somebody may have moved, in widths of the face, at once and for each second; and for how long a place says
// anything. Somebody who walks by a camera makes about eight widths a second.
struct Gate {
  float at_once;
  float per_second;
  milliseconds longest;
};
constexpr Gate kGate{1, 8, milliseconds(3'000)};
// Of a face that cannot be told by its embedding.
constexpr Gate kWeakGate{0.7F, 2, milliseconds(2'000)};
// Where somebody else was: a face there may be theirs, half hidden.
constexpr Gate kOthersGate{1, 1, milliseconds(2'000)};

// What the whole way to the gate's end costs, in distance.
constexpr double kPlaceCost = 0.15;

image::Point centre(const image::Box& box) {
  return {(box.x1 + box.x2) / 2, (box.y1 + box.y2) / 2};
}

// Distance of the centres, as a share of how far it may be; above 1 beyond the gate.
double way(const image::Box& from, const image::Box& to, milliseconds apart, const Gate& gate) {
  if (apart > gate.longest) {
    return kNever;
  }
  const double width = std::max(1.0, 0.5 * (double{from.width()} + double{to.width()}));
  const double distance = double{std::hypot(centre(from).x - centre(to).x, centre(from).y - centre(to).y)} / width;
  const double seconds = std::chrono::duration<double>(apart).count();
  return distance / (double{gate.at_once} + double{gate.per_second} * seconds);
}

float distance_to(const std::vector<std::vector<float>>& embeddings, std::span<const float> face) {
  float nearest = 4;
  for (const std::vector<float>& embedding : embeddings) {
    if (embedding.size() == face.size()) {
      nearest = std::min(nearest, gallery::squared_distance(embedding, face));
    }
  }
  return std::sqrt(nearest);
}

}  // namespace

bool Tracker::in_time(const Track& track, Clock::TimePoint time) const {
  return time >= track.record.first_seen - options_.timeout && time <= track.record.last_seen + options_.timeout;
}

Tracker::Match Tracker::match(const Track& track, const Sighting& face, const Likeness& likeness) const {
  constexpr Match kNoMatch{kNever, false};
  // A weak face keeps no better one of its frame out, which may come in another batch.
  const bool in_frame = std::ranges::any_of(
      track.places, [&](const Place& at) { return at.frame == face.frame && (at.by_looks || is_weak(face)); });
  if (in_frame || !in_time(track, face.time)) {
    return kNoMatch;
  }
  const auto nearest = std::ranges::min_element(track.places, {}, [&](const Place& at) {
    return std::pair(at.frame == face.frame, std::chrono::abs(at.time - face.time));
  });
  // Of the way that it may have gone.
  const auto share = [&](const Gate& gate) {
    const bool known = nearest != track.places.end() && nearest->box && face.box;
    return known ? way(*nearest->box, *face.box, std::chrono::abs(nearest->time - face.time), gate) : kNever;
  };
  const Candidate* const told = track.votes.sure();
  const bool as_told = told != nullptr && face.decision.person == told->who.person;
  if (is_weak(face)) {
    const double place = share(kWeakGate);
    return place <= 1 ? Match{double{likeness.maybe} + place, false} : kNoMatch;
  }
  if (told != nullptr && !as_told && is_surely_named(face)) {
    return kNoMatch;
  }
  const double distance = double{distance_to(track.embeddings, face.embedding)};
  const double place = share(kGate);
  if (as_told) {
    return {0.5 * distance + kPlaceCost * std::min(place, 1.0), true};
  }
  if (distance <= double{likeness.same} || (distance <= double{likeness.maybe} && place <= 1)) {
    return {distance + kPlaceCost * std::min(place, 1.0), true};
  }
  return kNoMatch;
}

// Whether somebody who is not seen in its frame was a moment ago where this face is: it may be theirs, half hidden.
bool Tracker::is_anothers_place(std::size_t track, const Sighting& face) const {
  for (std::size_t other = 0; face.box && other < tracks_.size(); ++other) {
    const std::vector<Place>& places = tracks_[other].places;
    if (other == track || places.empty() || !places.back().box ||
        std::ranges::any_of(places, [&](const Place& at) { return at.frame == face.frame; })) {
      continue;
    }
    if (way(*places.back().box, *face.box, std::chrono::abs(places.back().time - face.time), kOthersGate) <= 1) {
      return true;
    }
  }
  return false;
}

}  // namespace facepipe::visits
