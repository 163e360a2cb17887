#include "aws/s3/s3_object.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <utility>
#include <vector>

namespace facepipe::aws {
namespace {

using ::testing::HasSubstr;

struct S3ReaderTest : ::testing::Test {
  Result<S3Reader> reader(S3Uri object = {"people", "a b/c+d.fpg"}) {
    options.environment = {[this](std::chrono::milliseconds) { ++slept; }, [] { return 0.5; }};
    options.transport = [this](const http::Request& request) -> Result<http::Response> {
      requests.push_back(request);
      auto answer = std::move(answers.front());
      answers.pop_front();
      return answer;
    };
    return S3Reader::create(std::move(object), options);
  }
  Result<std::optional<S3Object>> get(std::string_view unless_etag = {}) {
    auto made = reader();
    EXPECT_TRUE(made.has_value());
    return made->get(unless_etag);
  }
  ErrorCode code_of(http::Response response) {
    answers.assign(1, std::move(response));
    const auto object = get();
    EXPECT_FALSE(object.has_value());
    message = object ? "" : object.error().message;
    return object ? ErrorCode::kInternal : object.error().code;
  }

  S3ReaderTest() { options.region = "eu-west-1"; }

  S3Options options;
  std::deque<Result<http::Response>> answers;
  std::vector<http::Request> requests;
  int slept = 0;
  std::string message;
};

TEST(S3Uri, BucketAndKey) {
  const auto uri = parse_s3_uri("s3://my-bucket.x/a/b c.fpg");
  ASSERT_TRUE(uri.has_value());
  EXPECT_EQ(uri->bucket, "my-bucket.x");
  EXPECT_EQ(uri->key, "a/b c.fpg");
}

TEST(S3Uri, RefusesWhatIsNone) {
  for (const std::string& wrong : {std::string("s3://bucket"), std::string("s3://bucket/"), std::string("s3:///key"),
                                   std::string("s3://Bucket/key"), std::string("s3://ab/key"), std::string("/a/file"),
                                   std::string("https://bucket/key"), "s3://bucket/" + std::string(1'025, 'k')}) {
    const auto uri = parse_s3_uri(wrong);
    ASSERT_FALSE(uri.has_value()) << wrong;
    EXPECT_EQ(uri.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(uri.error().message, HasSubstr("expected s3://BUCKET/KEY, got \""));
  }
}

TEST_F(S3ReaderTest, TheWholeObject) {
  answers.emplace_back(http::Response{200, {{"etag", "\"e1\""}, {"x-amz-version-id", "v7"}}, "bytes"});
  const auto object = get();
  ASSERT_TRUE(object.has_value() && *object);
  EXPECT_EQ((*object)->bytes, "bytes");
  EXPECT_EQ((*object)->etag, "\"e1\"");
  EXPECT_EQ((*object)->version_id, "v7");
  EXPECT_EQ(requests.at(0).method, "GET");
  EXPECT_EQ(requests.at(0).target, "/a%20b/c%2Bd.fpg");
  EXPECT_EQ(http::header(requests.at(0).headers, "if-none-match"), "");
  EXPECT_EQ(http::header(requests.at(0).headers, "x-amz-content-sha256"),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST_F(S3ReaderTest, NothingWhileTheTagIsTheSame) {
  answers.emplace_back(http::Response{304, {}, ""});
  const auto object = get("\"e1\"");
  ASSERT_TRUE(object.has_value());
  EXPECT_FALSE(object->has_value());
  EXPECT_EQ(http::header(requests.at(0).headers, "if-none-match"), "\"e1\"");
}

TEST_F(S3ReaderTest, TheBucketStandsInThePathWhereItCannotStandInTheHost) {
  answers.emplace_back(http::Response{200, {{"etag", "e"}}, ""});
  auto dotted = reader({"a.b.c", "k"});
  ASSERT_TRUE(dotted.has_value());
  EXPECT_TRUE(dotted->get().has_value());
  EXPECT_EQ(requests.at(0).target, "/a.b.c/k");
  options.endpoint = "http://127.0.0.1:1";
  answers.emplace_back(http::Response{200, {{"etag", "e"}}, ""});
  auto local = reader();
  ASSERT_TRUE(local.has_value());
  EXPECT_TRUE(local->get().has_value());
  EXPECT_EQ(requests.at(1).target, "/people/a%20b/c%2Bd.fpg");
}

TEST_F(S3ReaderTest, SignsForTheHostOfBucketAndRegion) {
  struct Noting final : Signer {
    Status sign(http::Request& request, const http::Url& origin) override {
      request.headers.emplace_back("authorization", "signed");
      host = origin.authority();
      return {};
    }
    std::string host;
  } signer;
  options.signer = &signer;
  answers.emplace_back(http::Response{200, {{"etag", "e"}}, ""});
  EXPECT_TRUE(get().has_value());
  EXPECT_EQ(signer.host, "people.s3.eu-west-1.amazonaws.com");
  EXPECT_EQ(http::header(requests.at(0).headers, "authorization"), "signed");
  options.region = "cn-north-1";
  answers.emplace_back(http::Response{200, {{"etag", "e"}}, ""});
  EXPECT_TRUE(get().has_value());
  EXPECT_EQ(signer.host, "people.s3.cn-north-1.amazonaws.com.cn");
}

TEST_F(S3ReaderTest, TriesAgainWhatMayPass) {
  answers.emplace_back(http::Response{503, {}, "<Error><Code>SlowDown</Code></Error>"});
  answers.emplace_back(Error{ErrorCode::kTimeout, "slow"});
  answers.emplace_back(http::Response{200, {{"etag", "e"}}, "x"});
  EXPECT_TRUE(get().has_value());
  EXPECT_EQ(slept, 2);
  options.retry.max_attempts = 2;
  answers.assign(2, http::Response{503, {}, "<Error><Code>SlowDown</Code></Error>"});
  const auto object = get();
  ASSERT_FALSE(object.has_value());
  EXPECT_EQ(object.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(object.error().message, "s3://people/a b/c+d.fpg: S3 answered 503 (SlowDown)");
}

TEST_F(S3ReaderTest, ErrorsSayWhatTheyAre) {
  EXPECT_EQ(code_of({403, {}, "<?xml?><Error><Code>AccessDenied</Code><Message>secret</Message></Error>"}),
            ErrorCode::kPermission);
  EXPECT_EQ(message, "s3://people/a b/c+d.fpg: S3 answered 403 (AccessDenied)");
  EXPECT_EQ(code_of({404, {}, "<Error><Code>NoSuchKey</Code></Error>"}), ErrorCode::kNotFound);
  EXPECT_EQ(code_of({301, {{"x-amz-bucket-region", "us-west-2"}}, ""}), ErrorCode::kInvalidArgument);
  EXPECT_THAT(message, HasSubstr("the bucket is in another region, \"us-west-2\""));
  EXPECT_EQ(code_of({304, {}, ""}), ErrorCode::kInvalidArgument);  // nothing was asked to be the same
  EXPECT_EQ(code_of({400, {}, "no xml"}), ErrorCode::kInvalidArgument);
  EXPECT_EQ(message, "s3://people/a b/c+d.fpg: S3 answered 400");
  EXPECT_EQ(code_of({200, {}, "x"}), ErrorCode::kInvalidData);
  EXPECT_EQ(slept, 0);
}

TEST_F(S3ReaderTest, NeedsARegionOrAnEndpoint) {
  options.region.clear();
  const auto without = reader();
  ASSERT_FALSE(without.has_value());
  EXPECT_EQ(without.error().code, ErrorCode::kInvalidArgument);
  options.endpoint = "no url";
  EXPECT_FALSE(reader().has_value());
}

}  // namespace
}  // namespace facepipe::aws
