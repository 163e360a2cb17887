// Against our own HTTP server.
#include "publish/webhook.h"

#include <gtest/gtest.h>

#include <atomic>
#include <mutex>

#include "http/server/server.h"

namespace facepipe::publish {
namespace {

class WebhookTest : public ::testing::Test {
 protected:
  WebhookTest() {
    auto started = http::Server::start(
        {},
        [this](const http::Request& request, http::Responder respond) {
          const std::lock_guard lock(mutex_);
          last_ = request;
          ++requests_;
          respond(answer_);
        },
        null_logger());
    EXPECT_TRUE(started);
    server_ = *std::move(started);
  }

  [[nodiscard]] std::string url() const {
    return "http://127.0.0.1:" + std::to_string(server_->port()) + "/hook/very-secret?token=very-secret";
  }
  [[nodiscard]] std::unique_ptr<Publisher> webhook(const std::string& secret = "s3cret") const {
    auto made = make_webhook({.url = url(), .secret = secret, .clock = &clock_});
    EXPECT_TRUE(made);
    return *std::move(made);
  }
  Outcome send_with(int status, http::Headers headers = {}) {
    answer_.status = status;
    answer_.headers = std::move(headers);
    return webhook()->send(event_);
  }

  ManualClock clock_{Clock::TimePoint(std::chrono::milliseconds(1'700'000'000'123))};
  faces::Event event_{faces::EventId{5},
                      {"00112233445566778899aabbccddeeff", "visit.named", clock_.now(), R"({"name":"Ann"})"}};
  std::mutex mutex_;
  http::Request last_;
  int requests_ = 0;
  http::Response answer_;
  std::unique_ptr<http::Server> server_;
};

TEST_F(WebhookTest, PostsTheEventSigned) {
  EXPECT_EQ(webhook()->send(event_).kind, Outcome::Kind::kDelivered);
  EXPECT_EQ(last_.method, "POST");
  EXPECT_EQ(last_.target, "/hook/very-secret?token=very-secret");
  EXPECT_EQ(last_.body,
            R"({"id":"00112233445566778899aabbccddeeff","type":"visit.named","time":"2023-11-14T22:13:20.123Z",)"
            R"("data":{"name":"Ann"}})");
  EXPECT_EQ(http::header(last_.headers, "content-type"), "application/json");
  EXPECT_EQ(http::header(last_.headers, "x-facepipe-event-id"), "00112233445566778899aabbccddeeff");
  EXPECT_EQ(http::header(last_.headers, "x-facepipe-signature"),
            webhook_signature("s3cret", 1'700'000'000, last_.body));
}

// The value is OpenSSL's: printf '1700000000.{}' | openssl dgst -sha256 -hmac s3cret
TEST_F(WebhookTest, SignatureIsTheHmacOfTimeAndBody) {
  EXPECT_EQ(webhook_signature("s3cret", 1'700'000'000, "{}"),
            "t=1700000000,v1=97926816e98fbb41ccb1673225ff29a2f35369099990e1b1561651e7bd097ebf");
}

TEST_F(WebhookTest, NoSecretNoSignature) {
  EXPECT_EQ(webhook("")->send(event_).kind, Outcome::Kind::kDelivered);
  EXPECT_EQ(http::header(last_.headers, "x-facepipe-signature"), "");
}

TEST_F(WebhookTest, StatusDecides) {
  EXPECT_EQ(send_with(204).kind, Outcome::Kind::kDelivered);
  EXPECT_EQ(send_with(500).kind, Outcome::Kind::kAgain);
  EXPECT_EQ(send_with(401).kind, Outcome::Kind::kAgain);
  EXPECT_EQ(send_with(422).kind, Outcome::Kind::kRefused);
  EXPECT_EQ(send_with(410).kind, Outcome::Kind::kNever);
  EXPECT_EQ(send_with(500).error, "HTTP status 500");
}

TEST_F(WebhookTest, ReceiversWishIsHeard) {
  EXPECT_EQ(send_with(429, {{"retry-after", "7"}}).after, std::chrono::seconds{7});
  EXPECT_EQ(send_with(503, {{"retry-after", "99999999"}}).after, std::chrono::hours{1});
  EXPECT_FALSE(send_with(503, {{"retry-after", "-1"}}).after);
  EXPECT_FALSE(send_with(503).after);
}

TEST_F(WebhookTest, RedirectIsNotFollowed) {
  EXPECT_EQ(send_with(307, {{"location", "/elsewhere"}}).kind, Outcome::Kind::kAgain);
  EXPECT_EQ(requests_, 1);
}

TEST_F(WebhookTest, NameAndErrorsHoldNoSecret) {
  const auto hook = webhook();
  EXPECT_EQ(hook->name().find("very-secret"), std::string::npos) << hook->name();
  EXPECT_EQ(hook->name(), webhook()->name()) << "the same at every start";
  server_.reset();
  const Outcome refused = hook->send(event_);
  EXPECT_EQ(refused.kind, Outcome::Kind::kAgain);
  EXPECT_EQ(refused.error.find("secret"), std::string::npos) << refused.error;
  EXPECT_EQ(refused.error.find("Ann"), std::string::npos) << refused.error;
}

TEST_F(WebhookTest, UrlThatIsNone) {
  for (const std::string bad : {"ftp://x/", "x", "http://user:password@x/", ""}) {
    const auto made = make_webhook({.url = bad, .secret = {}});
    ASSERT_FALSE(made) << bad;
    EXPECT_EQ(made.error().code, ErrorCode::kInvalidArgument);
    EXPECT_EQ(made.error().message.find("password"), std::string::npos);
  }
}

}  // namespace
}  // namespace facepipe::publish
