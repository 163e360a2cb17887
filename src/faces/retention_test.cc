#include "faces/retention.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace facepipe::faces {
namespace {

using ::testing::HasSubstr;

TEST(Retention, ValuesAreWhatItIsMadeOf) {
  Retention retention;
  retention.known.reset();
  const RetentionValues values = values_of(retention);
  EXPECT_EQ(values.size(), retention_classes().size() + 1);
  EXPECT_EQ(values.at("known"), std::nullopt);
  EXPECT_EQ(values.at("unknown"), 48 * 3600);
  EXPECT_EQ(values.at("bytes"), std::int64_t{10} << 30U);
  Retention other{{}, {}, {}, {}, {}, {}, 0};
  set_values(values, other);
  EXPECT_EQ(values_of(other), values);
}

TEST(Retention, OnlyWhatIsNamedChanges) {
  Retention retention;
  set_values({{"frames", std::nullopt}, {"bytes", 5}}, retention);
  EXPECT_EQ(retention.frames, std::nullopt);
  EXPECT_EQ(retention.max_bytes, 5);
  EXPECT_EQ(retention.known, Retention{}.known);
}

TEST(Retention, BoundsAreNamed) {
  EXPECT_TRUE(check({{"known", 0}, {"events", 60}, {"changes", std::nullopt}, {"bytes", 0}}));
  EXPECT_THAT(check({{"events", 59}}).error().message, HasSubstr("\"events\": expected 60 to"));
  EXPECT_THAT(check({{"known", -1}}).error().message, HasSubstr("got -1"));
  EXPECT_THAT(check({{"known", kMaxAgeS + 1}}).error().message, HasSubstr("or for ever"));
  EXPECT_FALSE(check({{"bytes", std::nullopt}}));
  EXPECT_THAT(check({{"pictures", 60}}).error().message, HasSubstr("\"pictures\""));
}

TEST(Retention, JsonAndBack) {
  const RetentionValues values{{"known", 60}, {"frames", std::nullopt}, {"bytes", 7}};
  JsonWriter json;
  write(json, values);
  const std::string text = std::move(json).text();
  EXPECT_EQ(text, R"({"bytes":7,"frames":null,"known":60})");
  const auto document = JsonDocument::parse_object(text, {});
  ASSERT_TRUE(document);
  EXPECT_EQ(read_retention_values(document->root()).value(), values);
  const auto wrong = JsonDocument::parse_object(R"({"known":"7d"})", {});
  EXPECT_FALSE(read_retention_values(wrong->root()));
}

}  // namespace
}  // namespace facepipe::faces
