#include <gtest/gtest.h>

#include "aws/credentials/profiles.h"

namespace facepipe::aws {
namespace {

TEST(Ini, SectionsKeysAndComments) {
  const auto ini = parse_ini(
      "\xEF\xBB\xBF# a comment\r\n"
      "; another\r\n"
      "[default]\r\n"
      "Region = eu-west-1 # here\r\n"
      "aws_secret_access_key=a/b+c=d#e;f\r\n"
      "\r\n"
      "[ profile   x ]  ; a comment\n"
      "empty =\n"
      "spaced key=v ;c\n"
      "[default]\n"
      "region=eu-west-2",
      "file");
  ASSERT_TRUE(ini) << ini.error().message;
  EXPECT_EQ(*ini, (Ini{{"default", {{"region", "eu-west-2"}, {"aws_secret_access_key", "a/b+c=d#e;f"}}},
                       {"profile x", {{"empty", ""}, {"spaced key", "v"}}}}));
  EXPECT_EQ(value_of(ini->at("profile x"), "spaced key"), "v");
  EXPECT_EQ(value_of(ini->at("profile x"), "absent"), "");
}

TEST(Ini, IndentedLinesNestOrGoOn) {
  const auto ini = parse_ini(
      "[services local]\n"
      "sqs =\n"
      "  endpoint_url = http://127.0.0.1:1\n"
      "\tother = v\n"
      "sts = \n"
      "  endpoint_url = http://127.0.0.1:2\n"
      "long = one\n"
      "  two\n"
      "  # no part of it\n"
      "  three\n",
      "file");
  ASSERT_TRUE(ini) << ini.error().message;
  EXPECT_EQ(ini->at("services local"), (IniSection{{"sqs", ""},
                                                   {"sqs.endpoint_url", "http://127.0.0.1:1"},
                                                   {"sqs.other", "v"},
                                                   {"sts", ""},
                                                   {"sts.endpoint_url", "http://127.0.0.1:2"},
                                                   {"long", "one\ntwo\nthree"}}));
}

TEST(Ini, NothingIsNoError) {
  EXPECT_TRUE(parse_ini("", "file")->empty());
  EXPECT_TRUE(parse_ini("\n\n# x\n", "file")->empty());
}

TEST(Ini, BadLinesAreNumberedAndNotQuoted) {
  const std::pair<const char*, const char*> cases[] = {
      {"SECRET = x", "file: line 1: expected a section ([...]) before any setting"},
      {"[a]\nSECRET", "file: line 2: expected NAME = VALUE"},
      {"[a]\n = SECRET", "file: line 2: expected NAME = VALUE"},
      {"[a]\nk =\n  SECRET", "file: line 3: expected NAME = VALUE"},
      {"[SECRET", "file: line 1: expected a section's title between [ and ]"},
      {"[  ]", "file: line 1: expected a section's title between [ and ]"},
  };
  for (const auto& [text, message] : cases) {
    const auto ini = parse_ini(text, "file");
    ASSERT_FALSE(ini) << text;
    EXPECT_EQ(ini.error().code, ErrorCode::kInvalidData);
    EXPECT_EQ(ini.error().message, message);
  }
}

}  // namespace
}  // namespace facepipe::aws
