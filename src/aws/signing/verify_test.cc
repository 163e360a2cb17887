#include "aws/signing/verify.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aws/signing/sigv4.h"
#include "base/hash.h"

namespace facepipe::aws {
namespace {

using ::testing::HasSubstr;

// 2015-08-30T12:36:00Z
constexpr Clock::TimePoint kNow{std::chrono::milliseconds{1'440'938'160'000}};
const Credentials kClient = {"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "", {}};

std::optional<std::string> secret_of(std::string_view key) {
  return key == kClient.access_key_id ? std::optional(kClient.secret_access_key) : std::nullopt;
}

// As it comes in: signed, with the host that the client's library adds.
http::Request signed_request(const Credentials& credentials = kClient, Clock::TimePoint time = kNow,
                             const std::string& service = "sqs", const http::Headers& more = {}) {
  http::Request request;
  request.method = "POST";
  request.target = "/a%20b/c?Param2=v%2F2&Param1=v1";
  request.headers = {{"content-type", "application/x-amz-json-1.0"}, {"x-amz-target", "AmazonSQS.SendMessage"}};
  request.headers.insert(request.headers.end(), more.begin(), more.end());
  request.body = R"({"QueueUrl":"q"})";
  const auto origin = http::parse_url("http://127.0.0.1:9324/");
  EXPECT_TRUE(origin);
  sign_v4(request, *origin, {"eu-west-1", service}, credentials, time);
  request.headers.emplace_back("host", "127.0.0.1:9324");
  return request;
}

std::optional<SignatureFault> fault(const http::Request& request, Clock::TimePoint now = kNow) {
  const auto found = verify_v4(request, "sqs", secret_of, now);
  return found ? std::optional(found->fault) : std::nullopt;
}

std::string& header_of(http::Request& request, std::string_view name) {
  for (auto& [header_name, value] : request.headers) {
    if (header_name == name) {
      return value;
    }
  }
  ADD_FAILURE() << "no header " << name;
  return request.headers.front().second;
}

void replace(std::string& text, std::string_view what, std::string_view with) {
  const std::size_t at = text.find(what);
  ASSERT_NE(at, std::string::npos) << what;
  text.replace(at, what.size(), with);
}

TEST(VerifySigV4, PublishedExample) {
  http::Request get;
  get.headers = {{"host", "example.amazonaws.com"},
                 {"x-amz-date", "20150830T123600Z"},
                 {"authorization",
                  "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
                  "SignedHeaders=host;x-amz-date, "
                  "Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"}};
  EXPECT_FALSE(verify_v4(get, "service", secret_of, kNow).has_value());
  EXPECT_EQ(fault(get), SignatureFault::kMismatch);  // signed for another service
}

TEST(VerifySigV4, WhatTheSignerSignsIsTaken) {
  EXPECT_EQ(fault(signed_request()), std::nullopt);
  Credentials temporary = kClient;
  temporary.session_token = "TOKEN";
  EXPECT_EQ(fault(signed_request(temporary)), std::nullopt);
}

TEST(VerifySigV4, AnyChangeIsAMismatch) {
  http::Request request = signed_request();
  request.method = "PUT";
  EXPECT_EQ(fault(request), SignatureFault::kMismatch);
  request = signed_request();
  request.target = "/a%20b/d?Param2=v%2F2&Param1=v1";
  EXPECT_EQ(fault(request), SignatureFault::kMismatch);
  request = signed_request();
  request.target += "&x=1";
  EXPECT_EQ(fault(request), SignatureFault::kMismatch);
  request = signed_request();
  request.body += " ";
  EXPECT_EQ(fault(request), SignatureFault::kMismatch);
  request = signed_request();
  header_of(request, "x-amz-target") = "AmazonSQS.DeleteQueue";
  EXPECT_EQ(fault(request), SignatureFault::kMismatch);
  request = signed_request();
  request.headers.emplace_back("x-amz-target", "AmazonSQS.DeleteQueue");  // a second one
  EXPECT_EQ(fault(request), SignatureFault::kMismatch);
  request = signed_request();
  header_of(request, "host") = "elsewhere";
  EXPECT_EQ(fault(request), SignatureFault::kMismatch);
  request = signed_request();
  replace(header_of(request, "authorization"), "eu-west-1", "eu-west-2");
  EXPECT_EQ(fault(request), SignatureFault::kMismatch);
}

TEST(VerifySigV4, AnUnsignedBodyDigestIsNotBelieved) {
  http::Request request = signed_request();
  request.headers.emplace_back("x-amz-content-sha256", "UNSIGNED-PAYLOAD");
  EXPECT_EQ(fault(request), SignatureFault::kIncomplete) << "it is not signed";
  request = signed_request(kClient, kNow, "sqs", {{"x-amz-content-sha256", "UNSIGNED-PAYLOAD"}});
  EXPECT_EQ(fault(request), std::nullopt);
  request.body = "changed";
  EXPECT_EQ(fault(request), SignatureFault::kMismatch);
}

TEST(VerifySigV4, EveryAmzHeaderMustBeSigned) {
  for (const char* name : {"x-amz-target", "x-amz-security-token", "x-amz-anything"}) {
    http::Request request = signed_request();
    std::erase_if(request.headers, [&](const auto& header) { return header.first == name; });
    std::string& authorization = header_of(request, "authorization");
    if (authorization.find(name) != std::string::npos) {
      replace(authorization, std::string(";") + name, "");
    }
    request.headers.emplace_back(name, "AmazonSQS.PurgeQueue");
    EXPECT_EQ(fault(request), SignatureFault::kIncomplete) << name;
  }
  http::Request request = signed_request();
  request.headers.emplace_back("x-amzn-trace-id", "Root=1");  // another family: proxies add it
  request.headers.emplace_back("accept", "*/*");
  EXPECT_EQ(fault(request), std::nullopt);
}

std::optional<SignatureFault> head_fault(http::Request request, const std::string& length = "16") {
  request.body.clear();
  request.headers.emplace_back("content-length", length);
  const auto found = verify_v4_head(request, "sqs", secret_of, kNow);
  return found ? std::optional(found->fault) : std::nullopt;
}

TEST(VerifySigV4, WhatAHeadTells) {
  EXPECT_EQ(head_fault(signed_request()), std::nullopt) << "the body's digest is not known yet";
  Credentials other = kClient;
  other.access_key_id = "AKIDOTHER";
  EXPECT_EQ(head_fault(signed_request(other)), SignatureFault::kUnknownKey);
  EXPECT_EQ(head_fault(signed_request(kClient, kNow - std::chrono::hours(1))), SignatureFault::kExpired);
  EXPECT_EQ(head_fault(signed_request(kClient, kNow, "s3")), SignatureFault::kMismatch);
  EXPECT_EQ(head_fault({}), SignatureFault::kMissing);
  other = kClient;
  other.secret_access_key = "another";
  EXPECT_EQ(head_fault(signed_request(other)), std::nullopt);
  EXPECT_EQ(head_fault(signed_request(other), "0"), SignatureFault::kMismatch) << "there is no body to wait for";
  const http::Headers declared = {{"x-amz-content-sha256", sha256_hex(as_bytes(signed_request().body))}};
  EXPECT_EQ(head_fault(signed_request(kClient, kNow, "sqs", declared)), std::nullopt);
  EXPECT_EQ(head_fault(signed_request(other, kNow, "sqs", declared)), SignatureFault::kMismatch);
  http::Request changed = signed_request(kClient, kNow, "sqs", declared);
  changed.body = "changed";
  EXPECT_EQ(fault(changed), SignatureFault::kMismatch);
}

TEST(VerifySigV4, OtherSecretsAndKeys) {
  Credentials other = kClient;
  other.secret_access_key = "another";
  EXPECT_EQ(fault(signed_request(other)), SignatureFault::kMismatch);
  other.access_key_id = "AKIDOTHER";
  EXPECT_EQ(fault(signed_request(other)), SignatureFault::kUnknownKey);
}

TEST(VerifySigV4, Time) {
  using std::chrono::minutes;
  using std::chrono::seconds;
  const http::Request request = signed_request();
  EXPECT_EQ(fault(request, kNow + minutes(15)), std::nullopt);
  EXPECT_EQ(fault(request, kNow - minutes(15)), std::nullopt);
  EXPECT_EQ(fault(request, kNow + minutes(15) + seconds(1)), SignatureFault::kExpired);
  EXPECT_EQ(fault(request, kNow - minutes(15) - seconds(1)), SignatureFault::kExpired);
  for (const char* time : {"", "yesterday", "20150830T123600", "20151330T123600Z", "20150830T243600Z",
                           "20150830 123600Z", "2015083-T123600Z", "20150831T123600Z"}) {
    http::Request changed = signed_request();
    header_of(changed, "x-amz-date") = time;
    EXPECT_EQ(fault(changed), SignatureFault::kIncomplete) << time;
  }
}

TEST(VerifySigV4, NoSignatureAndPresignedUrls) {
  http::Request request = signed_request();
  std::erase_if(request.headers, [](const auto& header) { return header.first == "authorization"; });
  EXPECT_EQ(fault(request), SignatureFault::kMissing);
  request.target = "/?Action=ListQueues&X-Amz-Signature=00";
  EXPECT_EQ(fault(request), SignatureFault::kIncomplete);
}

TEST(VerifySigV4, HeadersThatMustBeSigned) {
  http::Request request = signed_request();
  replace(header_of(request, "authorization"), "host;", "");
  EXPECT_EQ(fault(request), SignatureFault::kIncomplete);
  request = signed_request();
  replace(header_of(request, "authorization"), "x-amz-date;", "");
  EXPECT_EQ(fault(request), SignatureFault::kIncomplete);
  request = signed_request();
  replace(header_of(request, "authorization"), "SignedHeaders=", "SignedHeaders=absent;");
  EXPECT_EQ(fault(request), SignatureFault::kIncomplete);
}

TEST(VerifySigV4, MalformedHeaders) {
  const std::string signature(64, '0');
  const std::string credential = "Credential=K/20150830/r/sqs/aws4_request";
  const struct {
    std::string header;
    const char* message;
  } cases[] = {
      {"Bearer x", "algorithm"},
      {"AWS4-HMAC-SHA256", "algorithm"},
      {"AWS4-HMAC-SHA1 " + credential, "algorithm"},
      {"AWS4-HMAC-SHA256 SignedHeaders=host, Signature=" + signature, "'Credential'"},
      {"AWS4-HMAC-SHA256 Credential=K/20150830/r/sqs, SignedHeaders=host, Signature=" + signature, "KEY/DATE"},
      {"AWS4-HMAC-SHA256 Credential=K/2015/r/sqs/aws4_request, SignedHeaders=host", "KEY/DATE"},
      {"AWS4-HMAC-SHA256 " + credential + ", Signature=" + signature, "'SignedHeaders'"},
      {"AWS4-HMAC-SHA256 " + credential + ", SignedHeaders=host", "'Signature'"},
      {"AWS4-HMAC-SHA256 " + credential + ", SignedHeaders=host, Signature=xyz", "'Signature'"},
      {"AWS4-HMAC-SHA256 " + credential + ", SignedHeaders=host, Signature=" + std::string(64, 'x'), "'Signature'"},
      {"AWS4-HMAC-SHA256 " + credential + ", SignedHeaders=host, More=1, Signature=" + signature, "nothing but"},
  };
  for (const auto& test : cases) {
    const auto parsed = parse_authorization(test.header);
    ASSERT_FALSE(parsed) << test.header;
    EXPECT_THAT(parsed.error().message, HasSubstr(test.message)) << test.header;
  }
  const auto good =
      parse_authorization("AWS4-HMAC-SHA256 " + credential + ",SignedHeaders=host;x-amz-date,Signature=" + signature);
  ASSERT_TRUE(good) << good.error().message;
  EXPECT_EQ(good->access_key_id, "K");
  EXPECT_EQ(good->region, "r");
  EXPECT_EQ(good->signed_headers, (std::vector<std::string>{"host", "x-amz-date"}));
}

}  // namespace
}  // namespace facepipe::aws
