// Tested by candidate_bound_test.cc.
#include "detect/mtcnn/candidate_bound.h"

#include <algorithm>
#include <functional>

namespace facepipe::detect {
namespace {

template <typename Measure>
bool keep_most(std::vector<Candidate>& candidates, std::size_t count, Measure measure) {
  if (candidates.size() <= count) {
    return false;
  }
  std::vector<float> values(candidates.size());
  std::transform(candidates.begin(), candidates.end(), values.begin(), measure);
  std::vector<float> sorted = values;
  std::nth_element(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(count), sorted.end(), std::greater<>());
  const float cut = sorted[count];  // the first that is too many
  std::size_t equal = count - static_cast<std::size_t>(std::count_if(values.begin(), values.end(),
                                                                     [cut](float value) { return value > cut; }));
  std::size_t kept = 0;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const bool tied = values[i] == cut && equal > 0;
    if (values[i] > cut || tied) {
      equal -= tied ? 1 : 0;
      candidates[kept++] = candidates[i];
    }
  }
  candidates.resize(kept);
  return true;
}

// NaN would not be ordered; a box that is none is the smallest.
float orderly(float value) {
  return value == value ? value : -1.0F;
}

}  // namespace

bool keep_best(std::vector<Candidate>& candidates, std::size_t count) {
  return keep_most(candidates, count, [](const Candidate& candidate) { return orderly(candidate.score); });
}

bool keep_largest(std::vector<Candidate>& candidates, std::size_t count) {
  return keep_most(candidates, count, [](const Candidate& candidate) { return orderly(candidate.box.area()); });
}

bool keep_coarsest(std::vector<Candidate>& candidates, const std::vector<std::size_t>& level_counts,
                   std::size_t count) {
  if (candidates.size() <= count) {
    return false;
  }
  std::size_t end = candidates.size();  // of the level
  std::size_t room = count;
  for (auto level = level_counts.rbegin(); level != level_counts.rend(); ++level) {
    const std::size_t begin = end - *level;
    if (*level > room) {  // its worst, and every finer level
      candidates.erase(candidates.begin() + static_cast<std::ptrdiff_t>(begin + room),
                       candidates.begin() + static_cast<std::ptrdiff_t>(end));
      candidates.erase(candidates.begin(), candidates.begin() + static_cast<std::ptrdiff_t>(begin));
      return true;
    }
    room -= *level;
    end = begin;
  }
  return true;
}

}  // namespace facepipe::detect
