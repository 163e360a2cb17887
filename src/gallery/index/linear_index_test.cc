#include "gallery/index/linear_index.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <vector>

#include "gallery/index/distance.h"
#include "gallery/index/row_store.h"

namespace facepipe::gallery {
namespace {

using Row = std::vector<float>;

constexpr std::size_t kAda = 0xA;
constexpr std::size_t kBob = 0xB;
constexpr std::size_t kEve = 0xE;

std::unique_ptr<Index> index_of(const std::vector<std::pair<std::size_t, Row>>& rows) {
  auto index = make_linear_index(rows.front().second.size());
  for (const auto& [person, row] : rows) {
    index->add(person, row);
  }
  return index;
}

void expect_neighbours(const std::vector<Neighbour>& found, const std::vector<Neighbour>& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(found[i].owner, expected[i].owner) << i;
    EXPECT_EQ(found[i].row, expected[i].row) << i;
    EXPECT_EQ(found[i].distance, expected[i].distance) << i;
  }
}

TEST(LinearIndex, GivesEachPersonOnceByTheNearestRow) {
  const auto index = index_of({{kAda, {0}}, {kBob, {8}}, {kAda, {6}}, {kEve, {20}}, {kBob, {1}}});
  expect_neighbours(index->search(Row{5}, 3), {{kAda, 2, 1}, {kBob, 1, 3}, {kEve, 3, 15}});
  expect_neighbours(index->search(Row{5}, 2), {{kAda, 2, 1}, {kBob, 1, 3}});
  expect_neighbours(index->search(Row{5}, 1), {{kAda, 2, 1}});
  EXPECT_EQ(index->search(Row{5}, 9).size(), 3U);
  EXPECT_TRUE(index->search(Row{5}, 0).empty());
  EXPECT_TRUE(make_linear_index(1)->search(Row{5}, 2).empty());
}

TEST(LinearIndex, TiesGoToTheLowerRow) {
  const auto index = index_of({{kBob, {7}}, {kAda, {3}}, {kEve, {3}}, {kBob, {3}}, {kAda, {3}}});
  expect_neighbours(index->search(Row{5}, 3), {{kBob, 0, 2}, {kAda, 1, 2}, {kEve, 2, 2}});
  expect_neighbours(index->search(Row{5}, 2), {{kBob, 0, 2}, {kAda, 1, 2}});
}

// Against the definition: each person's nearest row, sorted by distance and row. Few values, so that ties are common.
TEST(LinearIndex, AgreesWithTheDefinition) {
  constexpr std::size_t kWidth = 19;
  std::mt19937 random(11);  // NOLINT: a fixed seed, so that a failure repeats
  const auto draw = [&random] {
    Row row(kWidth);
    std::ranges::generate(row, [&random] { return static_cast<float>(random() % 3); });
    return row;
  };
  for (int round = 0; round < 200; ++round) {
    auto index = make_linear_index(kWidth);
    const std::size_t rows = 1 + random() % 60;
    for (std::size_t i = 0; i < rows; ++i) {
      index->add(random() % 12, draw());
    }
    for (const std::size_t row : index->rows_of(3)) {
      index->remove(row);
    }
    const Row probe = draw();
    std::map<std::size_t, Neighbour> nearest;
    for (std::size_t row = 0; row < index->end(); ++row) {
      if (index->owner(row) == Index::kNobody) {
        continue;
      }
      const Neighbour here{index->owner(row), row, std::sqrt(squared_distance(index->embedding(row), probe))};
      const auto [entry, is_new] = nearest.try_emplace(here.owner, here);
      if (!is_new && here.distance < entry->second.distance) {
        entry->second = here;
      }
    }
    std::vector<Neighbour> expected;
    for (const auto& [person, neighbour] : nearest) {
      expected.push_back(neighbour);
    }
    std::ranges::sort(expected, [](const Neighbour& a, const Neighbour& b) {
      return a.distance != b.distance ? a.distance < b.distance : a.row < b.row;
    });
    const std::size_t k = 1 + random() % 14;
    expected.resize(std::min(k, expected.size()));
    expect_neighbours(index->search(probe, k), expected);
  }
}

// Rows that differ by less than their codes can tell, at every scale: nearly equal ones of unit length, as pictures of
// one face, among others.
TEST(LinearIndex, CodesDecideNothingThatTheValuesWouldNot) {
  constexpr std::size_t kWidth = 192;
  std::mt19937 random(12);  // NOLINT: a fixed seed, so that a failure repeats
  std::normal_distribution<float> normal;
  const auto near = [&](const Row& middle, float spread) {
    Row row(kWidth);
    std::ranges::transform(middle, row.begin(), [&](float value) { return value + spread * normal(random); });
    return row;
  };
  for (const float scale : {1e-20F, 1.0F, 1e18F}) {
    std::vector<std::pair<std::size_t, Row>> rows;
    for (std::size_t person = 0; person < 40; ++person) {
      const Row middle = near(Row(kWidth), scale);
      for (int i = 0; i < 20; ++i) {
        rows.emplace_back(person, near(middle, scale * 1e-4F));
      }
    }
    const auto index = index_of(rows);
    for (std::size_t at = 0; at < rows.size(); at += 37) {
      const Row probe = near(rows[at].second, scale * 1e-4F);
      std::size_t nearest = 0;
      for (std::size_t row = 1; row < rows.size(); ++row) {
        if (squared_distance(rows[row].second, probe) < squared_distance(rows[nearest].second, probe)) {
          nearest = row;
        }
      }
      const auto found = index->search(probe, 2);
      ASSERT_EQ(found.size(), 2U);
      EXPECT_EQ(found[0].row, nearest) << scale;
      EXPECT_EQ(found[0].distance, std::sqrt(squared_distance(rows[nearest].second, probe)));
    }
  }
}

TEST(LinearIndex, RemovedRowsLeaveGaps) {
  auto index = index_of({{kAda, {0, 1}}, {kBob, {2, 3}}, {kAda, {4, 5}}, {kEve, {6, 7}}});
  index->remove(0);
  EXPECT_EQ(index->end(), 4U);
  EXPECT_EQ(index->owner(0), Index::kNobody);
  EXPECT_EQ(index->rows_of(kAda), std::vector<std::size_t>{2});
  EXPECT_TRUE(std::ranges::equal(index->embedding(2), Row{4, 5}));
  expect_neighbours(index->search(Row{4, 1}, 9),
                    {{kBob, 1, std::sqrt(8.0F)}, {kAda, 2, 4}, {kEve, 3, std::sqrt(40.0F)}});
  index->remove(2);
  EXPECT_EQ(index->count_of(kAda), 0U);
  index->skip_to(20);
  index->add(kAda, Row{1, 1});
  EXPECT_EQ(index->end(), 21U);
  expect_neighbours(index->search(Row{1, 1}, 1), {{kAda, 20, 0}});
  EXPECT_EQ(index->search(Row{1, 1}, 9).size(), 3U);
}

// A base and rows behind it answer as one index of all the rows, whichever of them are removed.
TEST(LinearIndex, StartsWithRowsThatLieElsewhere) {
  constexpr std::size_t kWidth = 13;
  std::mt19937 random(15);  // NOLINT: a fixed seed, so that a failure repeats
  std::normal_distribution<float> normal;
  const auto draw = [&] {
    Row row(kWidth);
    std::ranges::generate(row, [&] { return normal(random); });
    return row;
  };
  RowStore store(kWidth);
  std::vector<std::uint32_t> owners;
  const auto whole = make_linear_index(kWidth);
  for (std::uint32_t i = 0; i < 37; ++i) {
    const Row row = draw();
    store.add(row);
    owners.push_back(i % 9);
    whole->add(i % 9, row);
  }
  owners[5] = static_cast<std::uint32_t>(Index::kNobody);
  whole->remove(5);
  const auto split = make_linear_index(BaseRows{store.rows(), owners, 9, nullptr});
  for (std::size_t i = 0; i < 40; ++i) {
    const Row row = draw();
    split->add(i % 11, row);
    whole->add(i % 11, row);
  }
  for (const std::size_t gone : {0U, 36U, 40U, 76U}) {
    split->remove(gone);
    whole->remove(gone);
  }
  for (int round = 0; round < 30; ++round) {
    const Row probe = draw();
    expect_neighbours(split->search(probe, 5), whole->search(probe, 5));
  }
  for (std::size_t owner = 0; owner < 12; ++owner) {
    EXPECT_EQ(split->rows_of(owner), whole->rows_of(owner));
  }
}

TEST(LinearIndex, TakesARowOfItsOwn) {
  auto index = index_of({{kAda, {1, 2}}});
  for (std::size_t i = 1; i < 50; ++i) {
    index->add(kBob, index->embedding(i - 1));
  }
  EXPECT_TRUE(std::ranges::equal(index->embedding(49), Row{1, 2}));
}

TEST(LinearIndex, AnInfiniteDistanceIsStillADistance) {
  constexpr float kHuge = 3e38F;
  const auto index = index_of({{kAda, {kHuge}}, {kBob, {-kHuge}}});
  const auto found = index->search(Row{-kHuge}, 2);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].owner, kBob);
  EXPECT_TRUE(std::isinf(found[1].distance));
}

TEST(SquaredDistance, LiteralValues) {
  const std::vector<float> a{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17};
  const std::vector<float> zero(17);
  EXPECT_EQ(squared_distance(a, a), 0.0F);
  EXPECT_EQ(squared_distance(a, zero), 1785.0F);  // 17 * 18 * 35 / 6
}

}  // namespace
}  // namespace facepipe::gallery
