// Thresholds at a rate of what must not be accepted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "base/result.h"

namespace facepipe::evaluate {

// k = floor(rate * count): how many may be accepted.
[[nodiscard]] std::uint64_t allowed_at(double rate, std::uint64_t count);
// How many distances a threshold at that rate needs: the least count with allowed_at >= 1.
[[nodiscard]] std::uint64_t needed_at(double rate);

// The threshold at a rate of wrong distances, of which `smallest` are the smallest, in order, and `count` are in all:
// it lies halfway between the k-th smallest and the next (allowed_at); where those are equal, halfway between the
// nearest smaller distance (or 0) and them, so that no more than k are ever accepted. A distance is accepted when it is
// at most the threshold. nullopt where fewer than needed_at(rate) are there, or more than k are 0. `smallest` holds k +
// 1 or all. rate in (0, 1).
[[nodiscard]] std::optional<float> threshold_at(std::span<const float> smallest, std::uint64_t count, double rate);

struct OperatingPoint {
  double rate = 0;                 // asked for
  std::optional<float> threshold;  // absent: the data do not support the rate
  double false_rate = 0;           // measured at the threshold: never above the one asked for
  double true_rate = 0;            // measured at the threshold
};

// `true_distances`: every one, in any order, infinities among them for what cannot be accepted at all; the true rate of
// none is 0.
[[nodiscard]] OperatingPoint operating_point(std::span<const float> smallest, std::uint64_t count,
                                             std::span<const float> true_distances, double rate);

// kInvalidArgument unless it lies in (0, 1).
[[nodiscard]] Status check_rate(double rate);
// "1e-3" for a power of ten from 1e-1 to 1e-9, else as %g has it: for keys.
[[nodiscard]] std::string rate_name(double rate);

}  // namespace facepipe::evaluate
