// Tested by folds_test.cc.
#include "evaluate/folds.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <string>

namespace facepipe::evaluate {
namespace {

double right_share(std::span<const ScoredPair> pairs, std::size_t fold, double threshold) {
  std::size_t right = 0;
  std::size_t count = 0;
  for (const ScoredPair& pair : pairs) {
    if (pair.fold == fold) {
      ++count;
      right += (double{pair.distance} <= threshold) == pair.same ? 1U : 0U;
    }
  }
  return static_cast<double>(right) / static_cast<double>(count);
}

double standard_error(std::span<const double> values, double mean) {
  if (values.size() < 2) {
    return 0;
  }
  const double squares = std::accumulate(values.begin(), values.end(), 0.0, [&](double sum, double value) {
    return sum + (value - mean) * (value - mean);
  });
  const auto count = static_cast<double>(values.size());
  return std::sqrt(squares / (count - 1) / count);
}

std::vector<ScoredPair> without_fold(std::span<const ScoredPair> pairs, std::size_t fold) {
  std::vector<ScoredPair> others;
  std::copy_if(pairs.begin(), pairs.end(), std::back_inserter(others),
               [&](const ScoredPair& pair) { return pair.fold != fold; });
  return others;
}

Status check_pairs(std::span<const ScoredPair> pairs, std::size_t folds) {
  std::vector<char> seen(folds);
  for (const ScoredPair& pair : pairs) {
    if (pair.fold >= folds || !(pair.distance >= 0)) {
      return Error{ErrorCode::kInvalidArgument,
                   "expected pairs of folds below " + std::to_string(folds) + " with distances, found others"};
    }
    seen[pair.fold] = 1;
  }
  const auto empty = std::find(seen.begin(), seen.end(), 0);
  if (folds == 0 || empty != seen.end()) {
    return Error{ErrorCode::kInvalidArgument, "expected a pair in each of " + std::to_string(folds) +
                                                  " folds, found none in number " +
                                                  std::to_string(empty - seen.begin() + 1) + ": take fewer folds"};
  }
  return {};
}

}  // namespace

double best_threshold(std::vector<ScoredPair> pairs) {
  std::sort(pairs.begin(), pairs.end(),
            [](const ScoredPair& a, const ScoredPair& b) { return a.distance < b.distance; });
  // Right answers relative to "all different": a pair of one person within the threshold adds one, another takes one.
  std::int64_t gain = 0;
  std::int64_t most = 0;
  std::vector<double> best;
  const auto offer = [&](double threshold) {
    if (gain > most || best.empty()) {
      best.clear();
      most = gain;
    }
    if (gain == most) {
      best.push_back(threshold);
    }
  };
  // Below the smallest distance; none lies below 0. Half of an infinity would accept what never is.
  const float smallest = pairs.front().distance;
  offer(std::isinf(smallest) ? 0 : smallest > 0 ? double{smallest} / 2 : -1);
  for (std::size_t i = 0; i < pairs.size();) {
    const float distance = pairs[i].distance;
    if (std::isinf(distance)) {
      break;
    }
    for (; i < pairs.size() && pairs[i].distance == distance; ++i) {
      gain += pairs[i].same ? 1 : -1;
    }
    const bool last = i == pairs.size() || std::isinf(pairs[i].distance);
    offer(last ? double{distance} : (double{distance} + double{pairs[i].distance}) / 2);
  }
  return best[(best.size() - 1) / 2];
}

Result<FoldAccuracy> fold_accuracy(std::span<const ScoredPair> pairs, std::size_t folds) {
  FACEPIPE_TRY(check_pairs(pairs, folds));
  FoldAccuracy result;
  for (std::size_t fold = 0; fold < folds; ++fold) {
    const double threshold =
        best_threshold(folds == 1 ? std::vector<ScoredPair>(pairs.begin(), pairs.end()) : without_fold(pairs, fold));
    result.thresholds.push_back(threshold);
    result.accuracy.push_back(right_share(pairs, fold, threshold));
  }
  result.mean = std::accumulate(result.accuracy.begin(), result.accuracy.end(), 0.0) / static_cast<double>(folds);
  result.standard_error = standard_error(result.accuracy, result.mean);
  return result;
}

}  // namespace facepipe::evaluate
