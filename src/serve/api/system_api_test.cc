// Dead letters, rates, tests of outputs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "queue/message.h"
#include "serve/api/test_api.h"
#include "wire/messages.h"

namespace facepipe::serve {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class SystemApi : public testing::ApiFixture {
 protected:
  // A message that failed for good, as its queue moved it here.
  void letter(const std::string& body, const std::string& reason) {
    queue::OutgoingMessage message;
    message.body = body;
    message.attributes[std::string(queue::kReasonAttribute)] = {"String", reason};
    message.attributes[std::string(queue::kReceiveCountAttribute)] = {"Number", "5"};
    const auto sent = queues_->send_batch("dead", {&message, 1});
    ASSERT_TRUE(sent && sent->front());
  }
  static std::string face_message(const std::string& request_id) {
    wire::FaceMessage message;
    message.request_id = request_id;
    message.camera = "door";
    message.face = Bytes(64, std::byte{0x41});
    return wire::to_json(message);
  }
  Result<std::optional<OutputTest>> test_output(const std::string& output) override {
    if (output != "bell") {
      return ApiFixture::test_output(output);
    }
    return ++tests_ > 1 ? std::optional<OutputTest>()
                        : std::optional(OutputTest{.key = "k",
                                                   .delivered = false,
                                                   .status = 500,
                                                   .error = "HTTP status 500",
                                                   .took = std::chrono::milliseconds(12)});
  }
  int tests_ = 0;
};

TEST_F(SystemApi, DeadLettersAreToldWithoutWhatTheyHold) {
  letter(face_message("frame-1"), "the network failed");
  letter("no JSON", "unreadable");
  const http::Response all = ask("GET", "/api/system/dead-letters");
  ASSERT_EQ(all.status, 200) << all.body;
  const auto document = JsonDocument::parse_object(all.body, {});
  ASSERT_TRUE(document);
  ASSERT_EQ((*document)["items"].size(), 2U);
  EXPECT_THAT(all.body, HasSubstr(R"("request_id":"frame-1","camera":"door")"));
  EXPECT_THAT(all.body, HasSubstr(R"("reason":"the network failed")"));
  EXPECT_THAT(all.body, HasSubstr(R"("received":5)"));
  EXPECT_THAT(all.body, HasSubstr(R"("next":null)"));
  EXPECT_THAT(all.body, Not(HasSubstr("QUFB"))) << "no picture";
  EXPECT_EQ(ask("GET", "/api/system/dead-letters").body, all.body) << "looking changes nothing";
  EXPECT_EQ(queues_->statistics("dead")->visible, 2);
}

TEST_F(SystemApi, DeadLettersComeInPages) {
  for (int i = 0; i < 25; ++i) {
    letter(face_message("frame-" + std::to_string(i)), "r");
  }
  std::set<std::string> ids;
  std::string query = "?limit=12";
  for (int pages = 0; pages < 3; ++pages) {
    const http::Response answer = ask("GET", "/api/system/dead-letters" + query);
    const auto page = JsonDocument::parse_object(answer.body, {});
    ASSERT_TRUE(page);
    ASSERT_TRUE((*page)["items"].each_item([&](const JsonValue& item) -> Status {
      ids.emplace(item["request_id"].as_string().value_or(""));
      return {};
    }));
    query = "?limit=12&cursor=" + std::string((*page)["next"].as_string().value_or("none"));
  }
  EXPECT_EQ(ids.size(), 25U);
  EXPECT_EQ(query, "?limit=12&cursor=none");
  EXPECT_EQ(ask("GET", "/api/system/dead-letters?cursor=letter:x").status, 422);
  EXPECT_EQ(ask("GET", "/api/system/dead-letters?limit=101").status, 400);
}

TEST_F(SystemApi, RatesOfTheLastMinute) {
  EXPECT_THAT(ask("GET", "/api/system").body,
              HasSubstr(R"("answers":{"window_seconds":60,"count":0,"per_second":0,"p50_seconds":null)"));
  for (int i = 1; i <= 100; ++i) {
    metrics_.answer_took(std::chrono::milliseconds(10 * i));
    metrics_.frame_took(std::chrono::milliseconds(250));
  }
  const http::Response system = ask("GET", "/api/system");
  const auto document = JsonDocument::parse_object(system.body, {});
  ASSERT_TRUE(document);
  EXPECT_EQ((*document)["answers"]["p50_seconds"].as_number(), 0.5);
  EXPECT_EQ((*document)["answers"]["p99_seconds"].as_number(), 0.99);
  EXPECT_EQ((*document)["frames"]["count"].as_integer(), 100);
  EXPECT_GT((*document)["frames"]["per_second"].as_number().value_or(0), 0);
}

TEST_F(SystemApi, OutputsAreTested) {
  const std::string bell = R"({"output":"bell"})";
  const http::Response tested = ask("POST", "/api/outputs/test", bell);
  ASSERT_EQ(tested.status, 200) << tested.body;
  EXPECT_EQ(tested.body, R"({"id":"k","delivered":false,"status":500,"error":"HTTP status 500","seconds":0.012})");
  const http::Response again = ask("POST", "/api/outputs/test", bell);
  EXPECT_EQ(again.status, 429);
  EXPECT_EQ(http::header(again.headers, "retry-after"), "1");
  EXPECT_EQ(ask("POST", "/api/outputs/test", R"({"output":"door"})").status, 404);
  EXPECT_EQ(ask("POST", "/api/outputs/test", "{}").status, 400);
}

TEST_F(SystemApi, DeadDeliveriesSayWhatTheyWere) {
  const std::vector<std::string> outputs{"bell"};
  ASSERT_TRUE(store_->set_outputs(outputs));
  faces::Batch batch;
  batch.events.push_back({"00112233445566778899aabbccddeeff", "visit.named", system_clock().now(), "{}"});
  const auto written = store_->write(batch);
  ASSERT_TRUE(written);
  ASSERT_TRUE(store_->put_off({.event = written->events[0],
                               .output = "bell",
                               .attempts = 5,
                               .due = {},
                               .dead = true,
                               .error = "HTTP status 400"}));
  const http::Response answer = ask("GET", "/api/outputs");
  EXPECT_THAT(answer.body, HasSubstr(R"("key":"00112233445566778899aabbccddeeff","type":"visit.named")"));
  EXPECT_THAT(answer.body, HasSubstr(R"("attempts":5,"error":"HTTP status 400")"));
  EXPECT_THAT(ask("POST", "/api/outputs/retry", R"({"output":"bell"})").body, HasSubstr(R"("deliveries":1)"));
}

}  // namespace
}  // namespace facepipe::serve
