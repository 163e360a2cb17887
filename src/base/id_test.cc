#include "base/id.h"

#include <gtest/gtest.h>

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
}

}  // namespace
}  // namespace facepipe
