#include "gallery/people_table.h"

#include <gtest/gtest.h>

namespace facepipe::gallery {
namespace {

TEST(Numbering, PlacesAreThoseOfWhatIsLeft) {
  Numbering numbers;
  for (int i = 0; i < 6; ++i) {
    numbers.add();
  }
  numbers.remove(3);
  numbers.remove(0);
  numbers.remove(4);
  EXPECT_EQ(numbers.size(), 3U);
  EXPECT_EQ(numbers.number(0), 1U);
  EXPECT_EQ(numbers.number(1), 2U);
  EXPECT_EQ(numbers.number(2), 5U);
  EXPECT_EQ(numbers.place(5), 2U);
  EXPECT_FALSE(numbers.has(3));
  EXPECT_FALSE(numbers.has(6));
  numbers.skip_to(9);
  numbers.add();
  EXPECT_EQ(numbers.number(3), 9U);
  EXPECT_EQ(numbers.place(9), 3U);
  EXPECT_EQ(numbers.end(), 10U);
}

// Two people of a file, and others behind them.
TEST(PeopleTable, PeopleOfAFileAndOthersAreFoundAlike) {
  const std::uint64_t ids[] = {11, 12};
  const std::uint32_t ends[] = {3, 6};
  PeopleTable people({ids, ends, "adabob", nullptr});
  people.add(PersonId{13}, "eve");
  EXPECT_EQ(people.find("bob"), 1U);
  EXPECT_EQ(people.find(PersonId{11}), 0U);
  EXPECT_EQ(people.find("eve"), 2U);
  EXPECT_EQ(people.name(1), "bob");
  people.rename(1, "rob");
  EXPECT_EQ(people.find("bob"), std::nullopt);
  EXPECT_EQ(people.find("rob"), 1U);
  people.rename(1, "ron");
  EXPECT_EQ(people.find("rob"), std::nullopt);
  people.remove(1);
  EXPECT_EQ(people.find("ron"), std::nullopt);
  EXPECT_EQ(people.find(PersonId{12}), std::nullopt);
  people.add(PersonId{14}, "bob");
  EXPECT_EQ(people.find("bob"), 3U);
  people.remove(2);
  EXPECT_EQ(people.find("eve"), std::nullopt);
  EXPECT_EQ(people.slots().size(), 2U);
  people.skip_to(7);
  people.add(PersonId{15}, "new");
  EXPECT_EQ(people.find("new"), 7U);
  EXPECT_EQ(people.slots().place(7), 2U);
}

TEST(PeopleTable, AFormerNameIsItsNewOwners) {
  const std::uint64_t ids[] = {11, 12};
  const std::uint32_t ends[] = {3, 6};
  PeopleTable people({ids, ends, "adabob", nullptr});
  people.rename(0, "bob");  // as a file's changes may have it, between two of them
  people.rename(1, "ada");
  EXPECT_EQ(people.find("bob"), 0U);
  EXPECT_EQ(people.find("ada"), 1U);
  people.add(PersonId{13}, "");
  people.rename(2, "ada");
  people.remove(1);
  EXPECT_EQ(people.find("ada"), 2U);
}

}  // namespace
}  // namespace facepipe::gallery
