#include "people/page_end.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace facepipe::people {
namespace {

using ::testing::ElementsAre;

constexpr std::string_view kList = "at:";

// Where records 1, 2, 3... are now.
auto places(std::map<std::uint64_t, std::size_t> now) {
  return [now = std::move(now)](std::uint64_t id) {
    const auto found = now.find(id);
    return found != now.end() ? std::optional(found->second) : std::nullopt;
  };
}

TEST(PageEnd, IsReadAsItWasWritten) {
  const PageEnd end{.place = 50, .shown = {1, 2, 3, 4, 5, 6, 7, 8, 9}};
  const std::string text = end.text(kList);
  const auto again = PageEnd::read({.limit = 1, .after = text}, kList);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->place, 50U);
  EXPECT_THAT(again->shown, ElementsAre(2, 3, 4, 5, 6, 7, 8, 9));
  EXPECT_EQ(again->text(kList), text);
  EXPECT_EQ(PageEnd::read({.limit = 1, .after = "at:7"}, kList)->place, 7U) << "an older release's";
  EXPECT_EQ(PageEnd::read({.limit = 1, .after = {}}, kList)->place, 0U);
}

TEST(PageEnd, WhatIsNoCursorOfTheListIsRefused) {
  const std::string id = ":0000000000000001";
  std::string many = "at:50";
  for (std::size_t i = 0; i <= PageEnd::kShown; ++i) {
    many += id;
  }
  for (const std::string& text : {std::string("like:1"), std::string("at:"), std::string("at:x"), std::string("at:-1"),
                                  std::string("at:1:x"), "at:1:" + id, std::string("at:99999999999999999999"), many}) {
    EXPECT_EQ(PageEnd::read({.limit = 1, .after = text}, kList).error().code, ErrorCode::kInvalidArgument) << text;
  }
  for (const std::size_t limit : {std::size_t{0}, faces::kMaxPage + 1}) {
    EXPECT_EQ(PageEnd::read({.limit = limit, .after = {}}, kList).error().code, ErrorCode::kInvalidArgument) << limit;
  }
}

TEST(PageEnd, TheNextPageBeginsBehindTheLastThatIsStillThere) {
  const PageEnd end{.place = 3, .shown = {1, 2, 3}};
  EXPECT_EQ(end.next(places({{1, 0}, {2, 1}, {3, 2}})), 3U);
  EXPECT_EQ(end.next(places({{2, 0}, {3, 1}})), 2U) << "one before has gone";
  EXPECT_EQ(end.next(places({{1, 0}, {2, 1}})), 2U) << "the last has gone";
  EXPECT_EQ(end.next(places({{1, 0}, {2, 1}, {3, 9}})), 2U) << "the last went and came back";
  EXPECT_EQ(end.next(places({})), 0U) << "all have gone: from where the page began";
  EXPECT_EQ((PageEnd{.place = 7, .shown = {}}.next(places({}))), 7U);
}

}  // namespace
}  // namespace facepipe::people
