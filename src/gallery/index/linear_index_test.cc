#include "gallery/index/linear_index.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <vector>

#include "gallery/index/distance.h"

namespace facepipe::gallery {
namespace {

using Row = std::vector<float>;

constexpr PersonId kAda{0xA};
constexpr PersonId kBob{0xB};
constexpr PersonId kEve{0xE};

std::unique_ptr<Index> index_of(const std::vector<std::pair<PersonId, Row>>& rows) {
  auto index = make_linear_index(rows.front().second.size());
  for (const auto& [person, row] : rows) {
    index->add(person, row);
  }
  return index;
}

void expect_neighbours(const std::vector<Neighbour>& found, const std::vector<Neighbour>& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(found[i].person, expected[i].person) << i;
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
      index->add(PersonId{random() % 12}, draw());
    }
    index->remove(PersonId{3});
    const Row probe = draw();
    std::map<PersonId, Neighbour> nearest;
    for (std::size_t row = 0; row < index->size(); ++row) {
      const Neighbour here{index->owner(row), row, std::sqrt(squared_distance(index->embedding(row), probe))};
      const auto [entry, is_new] = nearest.try_emplace(here.person, here);
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
    std::vector<std::pair<PersonId, Row>> rows;
    for (std::uint64_t person = 0; person < 40; ++person) {
      const Row middle = near(Row(kWidth), scale);
      for (int i = 0; i < 20; ++i) {
        rows.emplace_back(PersonId{person}, near(middle, scale * 1e-4F));
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

TEST(LinearIndex, RemovalKeepsTheOrderOfTheRest) {
  auto index = index_of({{kAda, {0, 1}}, {kBob, {2, 3}}, {kAda, {4, 5}}, {kEve, {6, 7}}, {kBob, {8, 9}}});
  index->remove(kAda);
  ASSERT_EQ(index->size(), 3U);
  const std::vector<std::pair<PersonId, Row>> left = {{kBob, {2, 3}}, {kEve, {6, 7}}, {kBob, {8, 9}}};
  for (std::size_t row = 0; row < left.size(); ++row) {
    EXPECT_EQ(index->owner(row), left[row].first);
    EXPECT_TRUE(std::ranges::equal(index->embedding(row), left[row].second)) << row;
  }
  index->remove(kAda);  // who is not there
  EXPECT_EQ(index->size(), 3U);
}

TEST(LinearIndex, OneRowCanBeRemoved) {
  auto index = index_of({{kAda, {0, 1}}, {kBob, {2, 3}}, {kAda, {4, 5}}});
  index->remove_row(0);
  ASSERT_EQ(index->size(), 2U);
  EXPECT_EQ(index->owner(0), kBob);
  EXPECT_TRUE(std::ranges::equal(index->embedding(1), Row{4, 5}));
  expect_neighbours(index->search(Row{4, 1}, 3), {{kBob, 0, std::sqrt(8.0F)}, {kAda, 1, 4}});
  index->remove_row(1);
  index->remove_row(0);
  EXPECT_EQ(index->size(), 0U);
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
  EXPECT_EQ(found[0].person, kBob);
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
