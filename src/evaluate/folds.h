// Accuracy of telling pairs apart, each fold with a threshold that the others chose.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/result.h"

namespace facepipe::evaluate {

struct ScoredPair {
  float distance = 0;  // an infinity: never accepted (a picture without a face)
  bool same = false;
  std::size_t fold = 0;
};

struct FoldAccuracy {
  double mean = 0;
  double standard_error = 0;       // of the mean: sample deviation of the folds' accuracies by the root of their number
  std::vector<double> accuracy;    // of each fold
  std::vector<double> thresholds;  // that it was measured with
};

// The protocol of LFW's view 2 (Huang et al., "Labeled Faces in the Wild", 2007, section 6.2): of each fold the share
// of pairs that are right, "same" where the distance is at most the threshold that is best on the other folds.
// Thresholds lie halfway between neighbouring distances of those folds (and 0), and at the largest; of equally good
// ones the one in the middle is taken (the lower of two). With one fold, threshold and accuracy are of the same pairs,
// and the error is 0. kInvalidArgument unless every fold < `folds` has a pair, or for a distance that is NaN or
// negative.
[[nodiscard]] Result<FoldAccuracy> fold_accuracy(std::span<const ScoredPair> pairs, std::size_t folds);

// The threshold of these pairs with the most right answers, by the same rule; not empty.
[[nodiscard]] double best_threshold(std::vector<ScoredPair> pairs);

}  // namespace facepipe::evaluate
