#include "visits/assignment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace facepipe::visits {
namespace {

using ::testing::ElementsAre;
using Given = std::optional<std::size_t>;

TEST(Assign, TheSumCountsNotTheFirstCome) {
  EXPECT_THAT(assign(std::vector<double>{1, 2, 1.1, 5}, 2, 2, 10), ElementsAre(Given(1), Given(0)));
}

TEST(Assign, WhatCostsMoreThanNothingIsNotGiven) {
  EXPECT_THAT(assign(std::vector<double>{3, kNever, 1, 2}, 2, 2, 2.5), ElementsAre(Given(), Given(0)));
  EXPECT_THAT(assign(std::vector<double>{kNever, kNever}, 2, 1, 1), ElementsAre(Given(), Given()));
  EXPECT_THAT(assign({}, 2, 0, 1), ElementsAre(Given(), Given()));
  EXPECT_TRUE(assign({}, 0, 0, 1).empty());
}

// Every way there is, of small tables.
double cheapest(const std::vector<double>& costs, std::size_t row, std::size_t rows, std::vector<bool>& taken,
                double none) {
  if (row == rows) {
    return 0;
  }
  double best = none + cheapest(costs, row + 1, rows, taken, none);
  for (std::size_t column = 0; column < taken.size(); ++column) {
    if (!taken[column] && costs[row * taken.size() + column] <= none) {
      taken[column] = true;
      best = std::min(best, costs[row * taken.size() + column] + cheapest(costs, row + 1, rows, taken, none));
      taken[column] = false;
    }
  }
  return best;
}

TEST(Assign, IsAsCheapAsTheCheapestOfAllWays) {
  std::mt19937 random(7);
  std::uniform_real_distribution<double> cost(0, 1);
  for (int turn = 0; turn < 500; ++turn) {
    const std::size_t rows = random() % 6;
    const std::size_t columns = random() % 6;
    std::vector<double> costs(rows * columns);
    std::ranges::generate(costs, [&] { return random() % 5 == 0 ? kNever : cost(random); });
    double sum = 0;
    std::vector<bool> taken(columns);
    const auto given = assign(costs, rows, columns, 0.6);
    for (std::size_t row = 0; row < rows; ++row) {
      sum += given[row] ? costs[row * columns + *given[row]] : 0.6;
      EXPECT_FALSE(given[row] && taken[*given[row]]);
      if (given[row]) {
        taken[*given[row]] = true;
      }
    }
    std::vector<bool> none_taken(columns);
    EXPECT_NEAR(sum, cheapest(costs, 0, rows, none_taken, 0.6), 1e-9) << "seed 7, turn " << turn;
  }
}

}  // namespace
}  // namespace facepipe::visits
