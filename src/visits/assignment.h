// The cheapest way to give rows to columns, one to one.
#pragma once

#include <cstddef>
#include <limits>
#include <optional>
#include <span>
#include <vector>

namespace facepipe::visits {

// A pair that must not be.
inline constexpr double kNever = std::numeric_limits<double>::infinity();

// Of each row its column, or none: the sum of the costs of what is given, and of `none` for every row without one, is
// the smallest there is. `costs` holds rows * columns values, row by row, none of them NaN. Costs above `none` are
// never taken. By successive shortest paths with potentials (the Hungarian method), O(rows^2 * (rows + columns)).
[[nodiscard]] std::vector<std::optional<std::size_t>> assign(std::span<const double> costs, std::size_t rows,
                                                             std::size_t columns, double none);

}  // namespace facepipe::visits
