#include "gallery_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/log.h"
#include "http/server.h"
#include "nn/preprocessing.h"

namespace facepipe::lambda_app {
namespace {

using ::testing::HasSubstr;

std::string gallery_with(const std::string& person) {
  gallery::Gallery gallery({"m1", nn::known_mode("whitened").value(), 2});
  EXPECT_TRUE(gallery.add(person, std::vector<float>{1, 2}));
  return std::string(as_text(gallery::gallery_to_bytes(gallery)));
}

// A server on loopback that answers from a script.
struct GallerySourceTest : ::testing::Test {
  GallerySourceTest() : logger(LogLevel::kError, stderr_sink()) {
    auto started = http::Server::start(
        {},
        [this](http::Request request, http::Responder responder) {
          const std::lock_guard lock(mutex);
          conditions.emplace_back(http::header(request.headers, "if-none-match"));
          http::Response response{599, {}, ""};
          if (!answers.empty()) {
            response = std::move(answers.front());
            answers.pop_front();
          }
          responder(std::move(response));
        },
        logger);
    EXPECT_TRUE(started.has_value());
    server = *std::move(started);
    config.gallery = "s3://people/gallery.fpg";
    config.region = "us-east-1";
    config.s3_endpoint = "http://127.0.0.1:" + std::to_string(server->port());
    config.credentials = aws::Credentials{"key", "secret", "", {}};
    config.gallery_refresh_s = 60;
  }
  GallerySource open() {
    auto source = GallerySource::open(config, clock);
    EXPECT_TRUE(source.has_value()) << source.error().message;
    return *std::move(source);
  }
  void answer(int status, const std::string& etag, std::string body) {
    const std::lock_guard lock(mutex);
    answers.push_back({status, {{"etag", etag}}, std::move(body)});
  }

  Config config;
  ManualClock clock{Clock::TimePoint{std::chrono::hours{400'000}}};
  std::mutex mutex;
  std::deque<http::Response> answers;
  std::vector<std::string> conditions;  // of each request: its if-none-match
  Logger logger;
  std::unique_ptr<http::Server> server;
};

TEST_F(GallerySourceTest, LoadsAndLooksAgainWhenTheIntervalIsOver) {
  GallerySource source = open();
  answer(200, "\"1\"", gallery_with("ada"));
  const auto first = source.load();
  ASSERT_TRUE(first.has_value()) << first.error().message;
  EXPECT_EQ(first->people()[0].name, "ada");
  EXPECT_EQ(source.version(), "\"1\"");

  clock.advance(std::chrono::seconds(59));
  auto same = source.refresh();
  ASSERT_TRUE(same.has_value());
  EXPECT_FALSE(same->has_value());
  EXPECT_EQ(conditions.size(), 1U);  // too early: nobody was asked

  clock.advance(std::chrono::seconds(1));
  answer(304, "\"1\"", "");
  same = source.refresh();
  ASSERT_TRUE(same.has_value());
  EXPECT_FALSE(same->has_value());

  clock.advance(std::chrono::seconds(60));
  answer(200, "\"2\"", gallery_with("grace"));
  const auto newer = source.refresh();
  ASSERT_TRUE(newer.has_value() && *newer);
  EXPECT_EQ((*newer)->people()[0].name, "grace");
  EXPECT_EQ(source.version(), "\"2\"");
  EXPECT_EQ(conditions, (std::vector<std::string>{"", "\"1\"", "\"1\""}));
}

TEST_F(GallerySourceTest, AFailureIsNotRepeatedBeforeTheIntervalIsOver) {
  GallerySource source = open();
  answer(200, "\"1\"", gallery_with("ada"));
  ASSERT_TRUE(source.load().has_value());
  clock.advance(std::chrono::seconds(60));
  answer(403, "", "<Error><Code>AccessDenied</Code></Error>");
  const auto refused = source.refresh();
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::kPermission);
  EXPECT_THAT(refused.error().message, HasSubstr("FACEPIPE_GALLERY"));
  EXPECT_THAT(refused.error().message, HasSubstr("s3://people/gallery.fpg"));
  EXPECT_TRUE(source.refresh().has_value());

  clock.advance(std::chrono::seconds(60));
  answer(200, "\"3\"", "no gallery");
  const auto broken = source.refresh();
  ASSERT_FALSE(broken.has_value());
  EXPECT_EQ(broken.error().code, ErrorCode::kInvalidData);
  clock.advance(std::chrono::seconds(60));
  answer(304, "\"3\"", "");  // the broken one is still there: no second error
  EXPECT_TRUE(source.refresh().has_value());
  EXPECT_EQ(conditions.back(), "\"3\"");
}

TEST_F(GallerySourceTest, AnIntervalOfNothingNeverLooksAgain) {
  config.gallery_refresh_s = 0;
  GallerySource source = open();
  answer(200, "\"1\"", gallery_with("ada"));
  ASSERT_TRUE(source.load().has_value());
  clock.advance(std::chrono::hours(100));
  ASSERT_TRUE(source.refresh().has_value());
  EXPECT_EQ(conditions.size(), 1U);
}

TEST_F(GallerySourceTest, FilesAndWhatIsNoUri) {
  config.gallery = "/nowhere/people.fpg";
  GallerySource file = open();
  const auto none = file.load();
  ASSERT_FALSE(none.has_value());
  EXPECT_EQ(none.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(none.error().message, HasSubstr("/nowhere/people.fpg"));
  ASSERT_TRUE(file.refresh().has_value());
  EXPECT_TRUE(conditions.empty());
  config.gallery = "s3://people";
  const auto wrong = GallerySource::open(config, clock);
  ASSERT_FALSE(wrong.has_value());
  EXPECT_THAT(wrong.error().message, HasSubstr("FACEPIPE_GALLERY: expected s3://BUCKET/KEY, got \"s3://people\""));
}

}  // namespace
}  // namespace facepipe::lambda_app
