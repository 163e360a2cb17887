// The nearest people of a search so far.
#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

#include "gallery/index/index.h"

namespace facepipe::gallery {

// Sorted. Only a strictly smaller distance replaces another, so that ties stay with the first enrolled; whoever was
// pushed out can only come back by a nearer row. Distances are squared here.
class NearestPeople {
 public:
  explicit NearestPeople(std::size_t k) : k_(k) { people_.reserve(k); }

  // What has no distance (NaN: values that are being overwritten) is nobody.
  void offer(const Neighbour& candidate) {
    if (!(candidate.distance <= std::numeric_limits<float>::infinity()) ||
        (people_.size() == k_ && !(candidate.distance < people_.back().distance))) {
      return;
    }
    auto place = std::ranges::find(people_, candidate.owner, &Neighbour::owner);
    if (place != people_.end() && !(candidate.distance < place->distance)) {
      return;
    }
    if (place == people_.end()) {
      if (people_.size() == k_) {
        people_.pop_back();
      }
      people_.push_back(candidate);
      place = people_.end() - 1;
    }
    *place = candidate;
    const auto behind_equals =
        std::ranges::upper_bound(people_.begin(), place, candidate.distance, {}, &Neighbour::distance);
    std::rotate(behind_equals, place, place + 1);
  }

  // A row at this squared distance or more changes nothing. Infinity while there is room.
  [[nodiscard]] float bound() const {
    return people_.size() == k_ ? people_.back().distance : std::numeric_limits<float>::infinity();
  }

  [[nodiscard]] std::vector<Neighbour> take() && { return std::move(people_); }

 private:
  std::size_t k_;
  std::vector<Neighbour> people_;
};

}  // namespace facepipe::gallery
