#include "http/body.h"

#include <gtest/gtest.h>

namespace facepipe::http {
namespace {

TEST(BodyCapacity, GrowsByHalvesOfTheWholeAndEndsAtIt) {
  for (const std::size_t whole :
       {std::size_t{1}, std::size_t{65'536}, std::size_t{65'537}, std::size_t{1'000'001}, std::size_t{50'331'648}}) {
    std::size_t capacity = 0;
    while (capacity < whole) {
      const std::size_t next = body_capacity(capacity + 1, whole);
      ASSERT_GT(next, capacity) << whole;
      ASSERT_LE(next, whole);
      // The old one and its copy together never exceed the new one, but for a byte of rounding a step.
      ASSERT_LE(2 * capacity, next + 1) << whole;
      capacity = next;
    }
    EXPECT_EQ(capacity, whole);
  }
  EXPECT_LE(body_capacity(3, 50'000'000), 131'072U);
}

TEST(BodyCapacity, AStringGetsWhatWasAskedFor) {
  std::string body(1'000'000, 'a');
  give_capacity(body, 1'500'000);
  EXPECT_EQ(body, std::string(1'000'000, 'a'));
  EXPECT_EQ(body.capacity(), 1'500'000U);  // not twice what it was
}

}  // namespace
}  // namespace facepipe::http
