#include <gtest/gtest.h>

#include "aws/credentials/source.h"

namespace facepipe::aws {
namespace {

// 2030-01-01T00:00:00Z
constexpr Clock::TimePoint kExpiry{std::chrono::milliseconds{1'893'456'000'000}};

TEST(CredentialsJson, OfAnEndpoint) {
  const auto credentials = parse_credentials(
      R"({"Code":"Success","LastUpdated":"x","Type":"AWS-HMAC","AccessKeyId":"A","SecretAccessKey":"S","Token":"T",)"
      R"("Expiration":"2030-01-01T00:00:00Z"})",
      CredentialsFormat::kEndpoint);
  ASSERT_TRUE(credentials) << credentials.error().message;
  EXPECT_EQ(credentials->access_key_id, "A");
  EXPECT_EQ(credentials->secret_access_key, "S");
  EXPECT_EQ(credentials->session_token, "T");
  EXPECT_EQ(credentials->expires_at, kExpiry);
}

TEST(CredentialsJson, OfAProgram) {
  const auto whole = parse_credentials(R"({"Version":1,"AccessKeyId":"A","SecretAccessKey":"S","SessionToken":"T",)"
                                       R"("Expiration":"2030-01-01T00:00:00+00:00"})",
                                       CredentialsFormat::kProcess);
  ASSERT_TRUE(whole) << whole.error().message;
  EXPECT_EQ(whole->session_token, "T");
  EXPECT_EQ(whole->expires_at, kExpiry);
  const auto least = parse_credentials(R"({"Version":1,"AccessKeyId":"A","SecretAccessKey":"S","Expiration":null})",
                                       CredentialsFormat::kProcess);
  ASSERT_TRUE(least) << least.error().message;
  EXPECT_EQ(least->session_token, "");
  EXPECT_EQ(least->expires_at, std::nullopt);
}

TEST(CredentialsJson, WhatIsWrongIsNamedAndNotQuoted) {
  using enum CredentialsFormat;
  const std::tuple<CredentialsFormat, const char*, const char*> cases[] = {
      {kEndpoint, "", "expected a JSON object"},
      {kEndpoint, "[\"SECRET\"]", "expected a JSON object"},
      {kEndpoint, "{\"SecretAccessKey\":\"SECRET\"", "expected a JSON object"},
      {kEndpoint, "{}", "expected a field AccessKeyId"},
      {kEndpoint, R"({"AccessKeyId":"A","SecretAccessKey":""})", "expected a field SecretAccessKey"},
      {kEndpoint, R"({"AccessKeyId":"A","SecretAccessKey":5})", "expected a string in the field SecretAccessKey"},
      {kEndpoint, R"({"AccessKeyId":"A","SecretAccessKey":"SECRET","Expiration":"SECRET"})",
       "the field Expiration: expected a time such as 2026-11-24T12:34:56Z"},
      {kEndpoint, R"({"Code":"Failed"})", "expected the field Code to be Success, got Failed"},
      {kProcess, R"({"AccessKeyId":"A","SecretAccessKey":"SECRET"})", "expected the field Version to be 1"},
      {kProcess, R"({"Version":2,"AccessKeyId":"A","SecretAccessKey":"SECRET"})", "expected the field Version to be 1"},
  };
  for (const auto& [format, json, message] : cases) {
    const auto credentials = parse_credentials(json, format);
    ASSERT_FALSE(credentials) << json;
    EXPECT_EQ(credentials.error().code, ErrorCode::kInvalidData);
    EXPECT_EQ(credentials.error().message, message);
  }
  EXPECT_EQ(parse_credentials(std::string(65'537, ' '), kEndpoint).error().message,
            "expected at most 65536 bytes of JSON, got 65537");
}

}  // namespace
}  // namespace facepipe::aws
