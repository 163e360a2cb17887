// Tested by detection_score_test.cc.
#include "evaluate/detection_score.h"

#include <algorithm>
#include <optional>

namespace facepipe::evaluate {
namespace {

struct Candidate {
  std::size_t scene = 0;
  const FoundBox* found = nullptr;
};

std::vector<Candidate> by_confidence(std::span<const Scene> scenes) {
  std::vector<Candidate> candidates;
  for (std::size_t i = 0; i < scenes.size(); ++i) {
    for (const FoundBox& found : scenes[i].found) {
      candidates.push_back({i, &found});
    }
  }
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const Candidate& a, const Candidate& b) { return a.found->confidence > b.found->confidence; });
  return candidates;
}

// The true box that takes a found one: the most overlapping of those that count and are free.
std::optional<std::size_t> taker(const Scene& scene, const std::vector<char>& taken, const image::Box& box,
                                 double min_overlap) {
  std::optional<std::size_t> best;
  double most = 0;
  for (std::size_t i = 0; i < scene.truth.size(); ++i) {
    const double share = overlap(scene.truth[i].box, box);
    if (!scene.truth[i].ignored && taken[i] == 0 && share >= min_overlap && share > most) {
      most = share;
      best = i;
    }
  }
  return best;
}

bool on_ignored(const Scene& scene, const image::Box& box, double min_overlap) {
  return std::any_of(scene.truth.begin(), scene.truth.end(),
                     [&](const TrueBox& truth) { return truth.ignored && overlap(truth.box, box) >= min_overlap; });
}

double area_under(const std::vector<RecallPoint>& curve) {
  double area = 0;
  double highest = 0;
  for (std::size_t i = curve.size(); i > 0; --i) {
    const double before = i > 1 ? curve[i - 2].recall : 0;
    highest = std::max(highest, curve[i - 1].precision);
    area += (curve[i - 1].recall - before) * highest;
  }
  return area;
}

void note_missed(std::span<const Scene> scenes, const std::vector<std::vector<char>>& taken, DetectionScore& score) {
  for (std::size_t i = 0; i < scenes.size(); ++i) {
    for (std::size_t k = 0; k < scenes[i].truth.size(); ++k) {
      const TrueBox& truth = scenes[i].truth[k];
      if (!truth.ignored && taken[i][k] == 0) {
        score.missed.push_back({i, truth.box, 0});
      }
    }
  }
  std::stable_sort(score.missed.begin(), score.missed.end(),
                   [](const DetectionMistake& a, const DetectionMistake& b) { return a.box.area() > b.box.area(); });
}

}  // namespace

double DetectionScore::recall() const {
  return boxes == 0 ? 0 : static_cast<double>(right) / static_cast<double>(boxes);
}

double DetectionScore::precision() const {
  return right + wrong == 0 ? 0 : static_cast<double>(right) / static_cast<double>(right + wrong);
}

double overlap(const image::Box& a, const image::Box& b) {
  const image::Box both{std::max(a.x1, b.x1), std::max(a.y1, b.y1), std::min(a.x2, b.x2), std::min(a.y2, b.y2)};
  const double shared = double{both.area()};
  const double all = double{a.area()} + double{b.area()} - shared;
  return all > 0 ? shared / all : 0;
}

DetectionScore score_detections(std::span<const Scene> scenes, double min_overlap) {
  DetectionScore score;
  std::vector<std::vector<char>> taken;
  taken.reserve(scenes.size());
  for (const Scene& scene : scenes) {
    taken.emplace_back(scene.truth.size(), 0);
    for (const TrueBox& truth : scene.truth) {
      ++(truth.ignored ? score.ignored : score.boxes);
    }
  }
  for (const Candidate& candidate : by_confidence(scenes)) {
    const image::Box& box = candidate.found->box;
    const auto match = taker(scenes[candidate.scene], taken[candidate.scene], box, min_overlap);
    if (match) {
      taken[candidate.scene][*match] = 1;
      ++score.right;
    } else if (on_ignored(scenes[candidate.scene], box, min_overlap)) {
      continue;
    } else {
      ++score.wrong;
      score.false_alarms.push_back({candidate.scene, box, candidate.found->confidence});
    }
    score.curve.push_back({double{candidate.found->confidence}, score.recall(), score.precision()});
  }
  score.average_precision = area_under(score.curve);
  note_missed(scenes, taken, score);
  return score;
}

}  // namespace facepipe::evaluate
