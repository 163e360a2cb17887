// Who a probe is near to. Tested by gallery_test.cc.
#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "gallery/gallery.h"
#include "gallery/index/distance.h"

namespace facepipe::gallery {

Result<std::vector<Candidate>> Gallery::candidates(std::span<const float> probe, std::size_t count,
                                                   Centroids centroids) const {
  FACEPIPE_TRY(check_probe(probe));
  std::vector<Candidate> near;
  for (const Neighbour& neighbour : index_->search(probe, count)) {
    near.push_back({people_.slots().place(neighbour.owner), neighbour.distance, neighbour.distance});
  }
  if (centroids == Centroids::kMeasured) {
    for (Candidate& candidate : near) {
      measure_centroid(probe, candidate);
    }
  }
  return near;
}

void Gallery::measure_centroid(std::span<const float> probe, Candidate& candidate) const {
  const std::size_t slot = people_.slots().number(candidate.person);
  if (index_->count_of(slot) == 1) {
    return;
  }
  std::vector<float> mean(probe.size());
  for (const std::size_t row : index_->rows_of(slot)) {
    std::ranges::transform(mean, index_->embedding(row), mean.begin(), std::plus<>());
  }
  const float length = std::sqrt(std::inner_product(mean.begin(), mean.end(), mean.begin(), 0.0F));
  if (length > 0) {  // pictures that cancel each other out have no direction
    std::ranges::transform(mean, mean.begin(), [length](float value) { return value / length; });
    candidate.centroid = std::sqrt(squared_distance(mean, probe));
  }
}

Result<std::optional<Match>> Gallery::search(std::span<const float> probe) const {
  FACEPIPE_TRY(check_probe(probe));
  constexpr std::size_t kNearestAndRunnerUp = 2;
  const std::vector<Neighbour> nearest = index_->search(probe, kNearestAndRunnerUp);
  if (nearest.empty()) {
    return std::optional<Match>{};
  }
  Match match;
  match.person = people_.slots().place(nearest[0].owner);
  match.distance = nearest[0].distance;
  if (nearest.size() > 1) {
    match.second_person = people_.slots().place(nearest[1].owner);
    match.second_distance = nearest[1].distance;
  }
  return std::optional<Match>(match);
}

}  // namespace facepipe::gallery
