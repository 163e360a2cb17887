#include "gallery/index/owners.h"

#include <gtest/gtest.h>

#include "gallery/index/index.h"

namespace facepipe::gallery {
namespace {

using Rows = std::vector<std::size_t>;

TEST(Owners, RowsOfEachAscend) {
  constexpr auto kNobody = static_cast<std::uint32_t>(Index::kNobody);
  const std::vector<std::uint32_t> rows = {1, 0, kNobody, 1, 1, 3};
  Owners owners(rows, 4);
  EXPECT_EQ(owners.end(), 6U);
  EXPECT_EQ(owners.rows_of(1), (Rows{0, 3, 4}));
  EXPECT_EQ(owners.rows_of(0), Rows{1});
  EXPECT_TRUE(owners.rows_of(2).empty());
  EXPECT_TRUE(owners.rows_of(99).empty());
  owners.add(1);
  owners.add(7);
  EXPECT_EQ(owners.rows_of(1), (Rows{0, 3, 4, 6}));
  EXPECT_EQ(owners.rows_of(7), Rows{7});
  EXPECT_EQ(owners.count_of(7), 1U);
}

TEST(Owners, RemovalFirstMiddleLastAndOnly) {
  Owners owners;
  for (int i = 0; i < 4; ++i) {
    owners.add(2);
  }
  owners.remove(3);
  owners.add(2);
  EXPECT_EQ(owners.rows_of(2), (Rows{0, 1, 2, 4}));
  owners.remove(0);
  owners.remove(2);
  EXPECT_EQ(owners.rows_of(2), (Rows{1, 4}));
  owners.remove(1);
  owners.remove(4);
  EXPECT_EQ(owners.count_of(2), 0U);
  owners.skip_to(9);
  owners.add(2);
  EXPECT_EQ(owners.rows_of(2), Rows{9});
  EXPECT_EQ(owners.of(8), Index::kNobody);
}

}  // namespace
}  // namespace facepipe::gallery
