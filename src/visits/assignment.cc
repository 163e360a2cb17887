// Tested by assignment_test.cc.
#include "visits/assignment.h"

#include "base/check.h"

namespace facepipe::visits {
namespace {

constexpr std::size_t kFree = std::numeric_limits<std::size_t>::max();

// Every row has a column of its own beside the real ones, which costs `none`: so there is always a whole assignment.
struct Matching {
  Matching(std::span<const double> given, std::size_t row_count, std::size_t column_count, double none_cost)
      : costs(given),
        real(column_count),
        all(column_count + row_count),
        none(none_cost),
        row_potential(row_count),
        column_potential(all),
        row_of(all, kFree) {}

  [[nodiscard]] double reduced_cost(std::size_t row, std::size_t column) const {
    double cost = kNever;
    if (column < real) {
      cost = costs[row * real + column];
      cost = cost > none ? kNever : cost;
    } else if (column == real + row) {
      cost = none;
    }
    return cost - row_potential[row] - column_potential[column];
  }

  // Finds the shortest path from the row to a free column, and turns it over.
  void add(std::size_t row) {
    std::vector<double> distance(all, kNever);
    std::vector<std::size_t> before(all, kFree);  // the column before it on the path; kFree: the row itself
    std::vector<bool> done(all, false);
    std::size_t at_row = row;
    std::size_t at_column = kFree;
    double here = 0;
    while (true) {
      std::size_t next = kFree;
      for (std::size_t column = 0; column < all; ++column) {
        if (done[column]) {
          continue;
        }
        if (const double through = here + reduced_cost(at_row, column); through < distance[column]) {
          distance[column] = through;
          before[column] = at_column;
        }
        if (distance[column] < kNever && (next == kFree || distance[column] < distance[next])) {
          next = column;
        }
      }
      FACEPIPE_CHECK(next != kFree);
      here = distance[next];
      done[next] = true;
      at_column = next;
      if (row_of[next] == kFree) {
        break;
      }
      at_row = row_of[next];
    }
    row_potential[row] += here;
    for (std::size_t column = 0; column < all; ++column) {
      if (done[column] && column != at_column) {
        row_potential[row_of[column]] += here - distance[column];
        column_potential[column] -= here - distance[column];
      }
    }
    for (std::size_t column = at_column; column != kFree;) {
      const std::size_t previous = before[column];
      row_of[column] = previous == kFree ? row : row_of[previous];
      column = previous;
    }
  }

  std::span<const double> costs;
  std::size_t real;
  std::size_t all;
  double none;
  std::vector<double> row_potential;
  std::vector<double> column_potential;
  std::vector<std::size_t> row_of;
};

}  // namespace

std::vector<std::optional<std::size_t>> assign(std::span<const double> costs, std::size_t rows, std::size_t columns,
                                               double none) {
  FACEPIPE_CHECK(costs.size() == rows * columns);
  Matching matching(costs, rows, columns, none);
  for (std::size_t row = 0; row < rows; ++row) {
    matching.add(row);
  }
  std::vector<std::optional<std::size_t>> columns_of(rows);
  for (std::size_t column = 0; column < columns; ++column) {
    if (matching.row_of[column] != kFree) {
      columns_of[matching.row_of[column]] = column;
    }
  }
  return columns_of;
}

}  // namespace facepipe::visits
