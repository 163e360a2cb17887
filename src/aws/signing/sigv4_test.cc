// Expected signatures: the first is AWS's published example (get-vanilla of the SigV4 test suite); the others were
// computed with botocore for the same requests.
#include "aws/signing/sigv4.h"

#include <gtest/gtest.h>

namespace facepipe::aws {
namespace {

// 2015-08-30T12:36:00Z
constexpr Clock::TimePoint kTime{std::chrono::milliseconds{1'440'938'160'000}};
const Credentials kUser = {"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "", {}};

http::Url url(const std::string& text) {
  auto parsed = http::parse_url(text);
  EXPECT_TRUE(parsed.has_value());
  return *parsed;
}

http::Request request(const std::string& method, const std::string& target, http::Headers headers,
                      const std::string& body) {
  http::Request made;
  made.method = method;
  made.target = target;
  made.headers = std::move(headers);
  made.body = body;
  return made;
}

TEST(SigV4, PublishedExample) {
  http::Request get = request("GET", "/", {}, "");
  sign_v4(get, url("https://example.amazonaws.com/"), {"us-east-1", "service"}, kUser, kTime);
  EXPECT_EQ(http::header(get.headers, "x-amz-date"), "20150830T123600Z");
  EXPECT_EQ(http::header(get.headers, "x-amz-security-token"), "");
  EXPECT_EQ(http::header(get.headers, "authorization"),
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
            "SignedHeaders=host;x-amz-date, "
            "Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
}

TEST(SigV4, PathsOfS3AreEncodedOnce) {
  http::Request get =
      request("GET", "/a%20b/c%2Bd.fpg",
              {{"if-none-match", "\"tag\""},
               {"x-amz-content-sha256", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}},
              "");
  sign_v4(get, url("https://people.s3.us-east-1.amazonaws.com/"), {"us-east-1", "s3", false}, kUser, kTime);
  EXPECT_EQ(http::header(get.headers, "authorization"),
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/s3/aws4_request, "
            "SignedHeaders=host;if-none-match;x-amz-content-sha256;x-amz-date, "
            "Signature=f2fbc320dda03ad81bd7b0450e017621e60b5caf6662b071b383c615c1bf25a5");
}

TEST(SigV4, SendMessageWithASessionToken) {
  http::Request post =
      request("POST", "/", {{"content-type", "application/x-amz-json-1.0"}, {"x-amz-target", "AmazonSQS.SendMessage"}},
              R"({"QueueUrl":"http://127.0.0.1:9324/000000000000/q"})");
  Credentials temporary = kUser;
  temporary.session_token = "TOKEN/with+chars==";
  const http::Url origin = url("http://127.0.0.1:9324/");
  const std::string expected =
      "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/eu-west-1/sqs/aws4_request, "
      "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target, "
      "Signature=24a58875a4f1fb3c3fb8c1ee181b2f19b97e9c9a2e49bd812953ef6db2c58b38";
  sign_v4(post, origin, {"eu-west-1", "sqs"}, temporary, kTime);
  EXPECT_EQ(http::header(post.headers, "x-amz-security-token"), "TOKEN/with+chars==");
  EXPECT_EQ(http::header(post.headers, "authorization"), expected);
  // A retried request is signed again: nothing of the first signature stays.
  const std::size_t count = post.headers.size();
  sign_v4(post, origin, {"eu-west-1", "sqs"}, temporary, kTime);
  EXPECT_EQ(post.headers.size(), count);
  EXPECT_EQ(http::header(post.headers, "authorization"), expected);
}

TEST(SigV4, EncodedPathRepeatedQueryNamesAndSpacesInHeaders) {
  http::Request get =
      request("GET", "/a%20b/c?Param2=v%2F2&Param1=v1&Param1=a%20b", {{"x-amz-meta", "  two   spaces "}}, "");
  sign_v4(get, url("https://q.example.com/"), {"eu-west-1", "execute-api"}, kUser, kTime);
  EXPECT_EQ(http::header(get.headers, "authorization"),
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/eu-west-1/execute-api/aws4_request, "
            "SignedHeaders=host;x-amz-date;x-amz-meta, "
            "Signature=76252f0cfcae17421a42aa4116ae2e02bd4de79ccbb1c7dd52ca984a87c6153a");
}

TEST(SigV4, TheSignerSignsAtItsClocksTime) {
  const ManualClock clock(kTime);
  StaticCredentials user(kUser);
  SigV4Signer signer({"us-east-1", "service"}, user, clock);
  http::Request get = request("GET", "/", {}, "");
  ASSERT_TRUE(signer.sign(get, url("https://example.amazonaws.com/")).has_value());
  http::Request expected = request("GET", "/", {}, "");
  sign_v4(expected, url("https://example.amazonaws.com/"), {"us-east-1", "service"}, kUser, kTime);
  EXPECT_EQ(get.headers, expected.headers);
}

TEST(SigV4, TheProvidersErrorIsTheSigners) {
  class None final : public CredentialsProvider {
   public:
    Result<Credentials> get() override { return Error{ErrorCode::kNotFound, "nobody is asking"}; }
  };
  None none;
  SigV4Signer signer({"us-east-1", "service"}, none, system_clock());
  http::Request get = request("GET", "/", {}, "");
  const Status refused = signer.sign(get, url("https://example.amazonaws.com/"));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(refused.error().message, "nobody is asking");
  EXPECT_TRUE(get.headers.empty());
}

}  // namespace
}  // namespace facepipe::aws
