// The distance past which a probe is unknown, from labelled embeddings.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/result.h"

namespace facepipe::gallery {

// A threshold and what it does on the pairs that it was made from. A pair is accepted when distance <= threshold.
struct Calibration {
  float distance_threshold = 0;
  double false_accept_rate = 0;  // of the impostor pairs, measured at the threshold: never above the one asked for
  double true_accept_rate = 0;   // of the genuine pairs, measured at the threshold
  std::size_t impostor_pairs = 0;
  std::size_t genuine_pairs = 0;
};

// From distances between pictures of different people (impostor) and of the same person (genuine).
// With k = floor(far * impostors) false accepts allowed, the threshold lies halfway between the k-th and the (k+1)-th
// smallest impostor distance; where those are equal, halfway between the nearest smaller distance (or 0) and them, so
// that no more than k are ever accepted. kInvalidArgument: far outside (0, 1), fewer than 1/far impostor pairs or no
// genuine pair (the numbers are named), a negative or non-finite distance, more than k impostor pairs at distance 0.
[[nodiscard]] Result<Calibration> calibrate_threshold(std::vector<float> impostor_distances,
                                                      std::span<const float> genuine_distances, double far);

inline constexpr std::size_t kMaxCalibrationEmbeddings = 12'000;  // 72 million pairs: 288 MB of distances

// From every pair of the embeddings: `person` tells whose each is. kInvalidArgument also for lengths that differ, an
// empty embedding or a non-finite value; kTooLarge past kMaxCalibrationEmbeddings.
[[nodiscard]] Result<Calibration> calibrate_threshold(std::span<const std::vector<float>> embeddings,
                                                      std::span<const std::size_t> person, double far);

}  // namespace facepipe::gallery
