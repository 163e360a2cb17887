#include "base/id.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <set>

namespace facepipe {
namespace {

TEST(Id, TextAndBack) {
  EXPECT_EQ(id_text(0x1f), "000000000000001f");
  EXPECT_EQ(parse_id("000000000000001f"), 0x1fU);
  EXPECT_EQ(parse_id("ffffffffffffffff"), ~std::uint64_t{0});
  for (const std::string_view text : {"", "1f", "000000000000001F", "00000000000000001f", "000000000000001g"}) {
    EXPECT_EQ(parse_id(text), std::nullopt) << text;
  }
}

TEST(Id, RandomOnesDiffer) {
  EXPECT_NE(random_id(), random_id());
  std::array<std::byte, 256> bytes{};
  fill_random(bytes);
  EXPECT_GT(std::set(bytes.begin(), bytes.end()).size(), 100U);
}

TEST(Id, AUuidTellsItsVersion) {
  const std::string uuid = random_uuid();
  EXPECT_THAT(uuid, ::testing::MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"));
  EXPECT_NE(uuid, random_uuid());
}

}  // namespace
}  // namespace facepipe
