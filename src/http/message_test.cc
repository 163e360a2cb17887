#include "http/message.h"

#include <gtest/gtest.h>

namespace facepipe::http {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

TEST(Message, FindsTheFirstHeaderOfAName) {
  const Headers headers{{"a", "1"}, {"b", "2"}, {"b", "3"}};
  EXPECT_EQ(header(headers, "b"), "2");
  EXPECT_EQ(header(headers, "c"), "");
}

TEST(Message, MakesAResponse) {
  const Response response = make_response(404, "text/plain", "no");
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(header(response.headers, "content-type"), "text/plain");
  EXPECT_EQ(response.body, "no");
}

TEST(Message, SplitsTargets) {
  EXPECT_EQ(target_path("/a%2Fb?c=d?e"), "/a%2Fb");
  EXPECT_EQ(target_path("/a"), "/a");
  EXPECT_EQ(query_pairs("/a?x=1&y=a%20b+c&z&&=v&x=2#f"),
            (Pairs{{"x", "1"}, {"y", "a b c"}, {"z", ""}, {"", "v"}, {"x", "2"}}));
  EXPECT_TRUE(query_pairs("/a").empty());
  EXPECT_TRUE(query_pairs("/a?").empty());
}

TEST(Message, ReadsForms) {
  EXPECT_EQ(form_pairs("Action=SendMessage&Body=a%26b%3D&"), (Pairs{{"Action", "SendMessage"}, {"Body", "a&b="}}));
  EXPECT_TRUE(form_pairs("").empty());
}

TEST(Message, AFormHasABoundOnWhatItBecomes) {
  std::string form;
  for (std::size_t i = 0; i < kMaxPairs; ++i) {
    form += "a&&";
  }
  EXPECT_FALSE(has_too_many_pairs(form)) << "empty pairs are none";
  EXPECT_EQ(form_pairs(form).size(), kMaxPairs);
  form += "b";
  EXPECT_TRUE(has_too_many_pairs(form));
  EXPECT_EQ(form_pairs(form).size(), kMaxPairs);
  EXPECT_EQ(query_pairs("/?" + form + "#x").size(), kMaxPairs);
  EXPECT_EQ(target_query("/a?x=1?y#z"), "x=1?y");
  EXPECT_EQ(target_query("/a"), "");
}

TEST(Message, RetryAfterIsWholeSecondsUpToABound) {
  const auto asked = [](const std::string& text) {
    return retry_after({.status = 429, .headers = {{"retry-after", text}}, .body = {}}, std::chrono::seconds(30));
  };
  EXPECT_EQ(asked(" 7 "), std::chrono::seconds(7));
  EXPECT_EQ(asked("0"), std::chrono::seconds(0));
  EXPECT_EQ(asked("86400"), std::chrono::seconds(30));
  for (const char* other : {"", "-1", "7s", "1.5", "Fri, 31 Dec 1999 23:59:59 GMT"}) {
    EXPECT_EQ(asked(other), std::nullopt) << other;
  }
}

}  // namespace
}  // namespace facepipe::http
