#include "gallery_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/log.h"
#include "http/server/server.h"
#include "model/preprocessing.h"

namespace facepipe::lambda_app {
namespace {

using ::testing::HasSubstr;

std::string gallery_with(const std::string& person) {
  gallery::Gallery gallery({"m1", model::known_mode("whitened").value(), 2});
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
  // What refresh() does with a usable gallery: the name of its first person, "" for none, else the error's message.
  std::string refreshed(GallerySource& source) {
    std::string name;
    const auto done = source.refresh([&](gallery::Gallery gallery) -> Status {
      if (refuse) {
        return *refuse;
      }
      name = gallery.people()[0].name;
      return {};
    });
    return done ? name : done.error().message;
  }
  void answer(int status, const std::string& etag, std::string body) {
    const std::lock_guard lock(mutex);
    answers.push_back({status, {{"etag", etag}}, std::move(body)});
  }

  std::optional<Error> refuse;  // of who would use the gallery
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
  EXPECT_EQ(refreshed(source), "");
  EXPECT_EQ(conditions.size(), 1U);  // too early: nobody was asked

  clock.advance(std::chrono::seconds(1));
  answer(304, "\"1\"", "");
  EXPECT_EQ(refreshed(source), "");

  clock.advance(std::chrono::seconds(60));
  answer(200, "\"2\"", gallery_with("grace"));
  EXPECT_EQ(refreshed(source), "grace");
  EXPECT_EQ(source.version(), "\"2\"");
  EXPECT_EQ(conditions, (std::vector<std::string>{"", "\"1\"", "\"1\""}));
}

TEST_F(GallerySourceTest, AFailureIsNotRepeatedBeforeTheIntervalIsOver) {
  GallerySource source = open();
  answer(200, "\"1\"", gallery_with("ada"));
  ASSERT_TRUE(source.load().has_value());
  clock.advance(std::chrono::seconds(60));
  answer(403, "", "<Error><Code>AccessDenied</Code></Error>");
  const std::string refused = refreshed(source);
  EXPECT_THAT(refused, HasSubstr("FACEPIPE_GALLERY"));
  EXPECT_THAT(refused, HasSubstr("s3://people/gallery.fpg"));
  EXPECT_EQ(refreshed(source), "");
  EXPECT_FALSE(source.outdated_since().has_value()) << "nobody said that it has changed";
}

TEST_F(GallerySourceTest, AnObjectCountsAsLoadedOnceItIsInUse) {
  GallerySource source = open();
  answer(200, "\"1\"", gallery_with("ada"));
  ASSERT_TRUE(source.load().has_value());
  clock.advance(std::chrono::seconds(60));
  answer(200, "\"2\"", "no gallery");
  EXPECT_THAT(refreshed(source), HasSubstr("s3://people/gallery.fpg"));
  EXPECT_EQ(source.version(), "\"1\"");
  const auto since = clock.now();
  EXPECT_EQ(source.outdated_since(), since);

  clock.advance(GallerySource::kRetryBad - std::chrono::seconds(1));
  EXPECT_EQ(refreshed(source), "");
  EXPECT_EQ(conditions.size(), 2U);
  clock.advance(std::chrono::seconds(1));
  answer(200, "\"2\"", gallery_with("grace"));  // the same version, whole this time, and nobody can use it
  refuse = Error{ErrorCode::kMismatch, "another model"};
  EXPECT_THAT(refreshed(source), HasSubstr("another model"));
  EXPECT_EQ(source.outdated_since(), since);

  refuse.reset();
  clock.advance(GallerySource::kRetryBad);
  answer(200, "\"2\"", gallery_with("grace"));
  EXPECT_EQ(refreshed(source), "grace");
  EXPECT_EQ(source.version(), "\"2\"");
  EXPECT_FALSE(source.outdated_since().has_value());
  EXPECT_EQ(conditions, (std::vector<std::string>{"", "\"1\"", "\"1\"", "\"1\""})) << "the one in use each time";
}

TEST_F(GallerySourceTest, AnObjectThatIsPutBackIsTheOneInUse) {
  GallerySource source = open();
  answer(200, "\"1\"", gallery_with("ada"));
  ASSERT_TRUE(source.load().has_value());
  clock.advance(std::chrono::seconds(60));
  answer(200, "\"2\"", "no gallery");
  EXPECT_NE(refreshed(source), "");
  clock.advance(GallerySource::kRetryBad);
  answer(304, "\"1\"", "");
  EXPECT_EQ(refreshed(source), "");
  EXPECT_FALSE(source.outdated_since().has_value());
}

TEST_F(GallerySourceTest, AnIntervalOfNothingNeverLooksAgain) {
  config.gallery_refresh_s = 0;
  GallerySource source = open();
  answer(200, "\"1\"", gallery_with("ada"));
  ASSERT_TRUE(source.load().has_value());
  clock.advance(std::chrono::hours(100));
  EXPECT_EQ(refreshed(source), "");
  EXPECT_EQ(conditions.size(), 1U);
}

TEST_F(GallerySourceTest, FilesAndWhatIsNoUri) {
  config.gallery = "/nowhere/people.fpg";
  GallerySource file = open();
  const auto none = file.load();
  ASSERT_FALSE(none.has_value());
  EXPECT_EQ(none.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(none.error().message, HasSubstr("/nowhere/people.fpg"));
  EXPECT_EQ(refreshed(file), "");
  EXPECT_TRUE(conditions.empty());
  config.gallery = "s3://people";
  const auto wrong = GallerySource::open(config, clock);
  ASSERT_FALSE(wrong.has_value());
  EXPECT_THAT(wrong.error().message, HasSubstr("FACEPIPE_GALLERY: expected s3://BUCKET/KEY, got \"s3://people\""));
}

}  // namespace
}  // namespace facepipe::lambda_app
