// How many candidates each stage of the detector takes on, whatever the picture shows: bounds time and memory.
#pragma once

#include <cstddef>
#include <vector>

#include "detect/mtcnn/boxes.h"

namespace facepipe::detect {

// Windows of one pyramid level. The suppression within the level compares each that it keeps with all the others. A
// level of a photograph has some hundred, of a large crowd a few thousand.
inline constexpr std::size_t kMaxLevelCandidates = 16'384;
// Windows of all levels that are compared across levels, and boxes that R-Net and O-Net look at; each of these costs
// some 0.1 and 0.5 ms.
inline constexpr std::size_t kMaxWindows = 16'384;
inline constexpr std::size_t kMaxProposals = 12'288;
inline constexpr std::size_t kMaxRefined = 3'072;

// Leaves the `count` candidates with the highest scores, of equal ones the earlier, in their order. False if there were
// no more than that. Dropping in between, as more are appended, leaves the same in the end as dropping once. O(size).
[[nodiscard]] bool keep_best(std::vector<Candidate>& candidates, std::size_t count);
// The same with the largest boxes.
[[nodiscard]] bool keep_largest(std::vector<Candidate>& candidates, std::size_t count);

// `level_counts` candidates of each level, one level after the other, the level of the smallest faces first and within
// a level the best first. Leaves `count`: those of the largest faces' levels, and the best of the level that is cut.
[[nodiscard]] bool keep_coarsest(std::vector<Candidate>& candidates, const std::vector<std::size_t>& level_counts,
                                 std::size_t count);

}  // namespace facepipe::detect
