#include "gallery/person_id.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace facepipe::gallery {
namespace {

TEST(PersonId, TextIsSixteenLowerCaseDigitsBothWays) {
  EXPECT_EQ(to_string(PersonId{0x00AB12CD34EF5678}), "00ab12cd34ef5678");
  EXPECT_EQ(parse_person_id("00ab12cd34ef5678"), PersonId{0x00AB12CD34EF5678});
  EXPECT_EQ(parse_person_id("ffffffffffffffff"), PersonId{0xFFFFFFFFFFFFFFFF});
  EXPECT_EQ(parse_person_id("0000000000000000"), PersonId{0});
  for (const char* bad : {"", "0", "00AB12CD34EF5678", "0ab12cd34ef5678", "00ab12cd34ef56780", "00ab12cd34ef567g",
                          " 0ab12cd34ef5678", "-0ab12cd34ef5678", "0x00000000000001"}) {
    EXPECT_EQ(parse_person_id(bad), std::nullopt) << bad;
  }
}

TEST(PersonId, RandomOnesDiffer) {
  std::set<PersonId> ids;
  for (int i = 0; i < 1000; ++i) {
    ids.insert(random_person_id());
  }
  EXPECT_EQ(ids.size(), 1000U);
}

// Files of format 1 keep these ids at their next change: they must never come out otherwise.
TEST(PersonId, DerivedOnesAreTheStartOfASha256) {
  EXPECT_EQ(to_string(derived_person_id("", "abc")), "ba7816bf8f01cfea");  // FIPS 180-2, B.1
  EXPECT_EQ(derived_person_id("a", "bc"), derived_person_id("a", "bc"));
  EXPECT_NE(derived_person_id("d1", "ada"), derived_person_id("d2", "ada"));
  EXPECT_NE(derived_person_id("d1", "ada"), derived_person_id("d1", "bob"));
}

}  // namespace
}  // namespace facepipe::gallery
