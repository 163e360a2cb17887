#include "embed/embedder.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace facepipe::embed {
namespace {

using Values = std::vector<float>;

TEST(Embedding, LengthIsEuclidean) {
  EXPECT_EQ(length_of(Values{3, -4}), 5);
  EXPECT_EQ(length_of({}), 0);
}

TEST(Embedding, NearIsByTheFarthestValue) {
  EXPECT_TRUE(are_near(Values{1, 2}, Values{1.25F, 1.75F}, 0.25));
  EXPECT_FALSE(are_near(Values{1, 2}, Values{1, 2.5F}, 0.25));
  EXPECT_FALSE(are_near(Values{1, 2}, Values{1}, 1));
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_FALSE(are_near(Values{nan}, Values{nan}, 1));
}

}  // namespace
}  // namespace facepipe::embed
