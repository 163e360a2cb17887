#include "serve/api/event_feed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "base/temporary_folder.h"
#include "faces/ids.h"
#include "faces/store/sqlite_face_store.h"
#include "http/server/stream_buffer.h"

namespace facepipe::serve {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::chrono::seconds kPatience{60};

// The connection's side of a stream.
struct Client {
  std::shared_ptr<http::StreamBuffer> stream;
  int status = 0;
  std::string text;

  http::Responder responder() {
    return http::Responder([this](const http::Response& response) { status = response.status; },
                           [this](const http::Response& head, http::StreamOptions options) {
                             status = head.status;
                             stream = std::make_shared<http::StreamBuffer>(std::move(options), [] {});
                             return http::StreamWriter(stream);
                           });
  }
  // Reads until `expected` has come, for kPatience at most.
  bool reads(const std::string& expected) {
    const auto until = std::chrono::steady_clock::now() + kPatience;
    while (text.find(expected) == std::string::npos && std::chrono::steady_clock::now() < until) {
      std::string bytes;
      if (stream->take(bytes) == http::StreamBuffer::Next::kData) {
        text += bytes;
      } else {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      }
    }
    return text.find(expected) != std::string::npos;
  }
};

class EventFeedTest : public ::testing::Test {
 protected:
  EventFeedTest() {
    auto store = faces::SqliteFaceStore::open(folder_ / "faces.db", {});
    EXPECT_TRUE(store);
    store_ = *std::move(store);
    feed_.emplace(*store_, [this] { return ready_.load(); }, null_logger());
  }
  faces::EventId happen(const std::string& type, std::size_t bytes = 0) {
    faces::Batch batch;
    batch.events.push_back(
        {faces::random_event_key(), type, system_clock().now(), "{\"filler\":\"" + std::string(bytes, 'x') + "\"}"});
    const auto written = store_->write(batch);
    EXPECT_TRUE(written);
    return written->events.front();
  }
  static std::string line(faces::EventId id, const std::string& type) {
    return "id: " + std::to_string(static_cast<std::int64_t>(id)) + "\nevent: " + type + "\n";
  }
  const TemporaryFolder folder_;
  std::atomic<bool> ready_ = true;
  std::unique_ptr<faces::FaceStore> store_;
  std::optional<EventFeed> feed_;
};

TEST_F(EventFeedTest, WhatHappensComesOnceAndInOrder) {
  const auto before = happen("visit.started");
  Client client;
  feed_->subscribe({}, client.responder());
  EXPECT_EQ(client.status, 200);
  const auto first = happen("visit.named");
  const auto second = happen("visit.ended");
  ASSERT_TRUE(client.reads(line(second, "visit.ended")));
  EXPECT_THAT(client.text, HasSubstr(line(first, "visit.named")));
  EXPECT_LT(client.text.find("visit.named"), client.text.find("visit.ended"));
  EXPECT_THAT(client.text, Not(HasSubstr(line(before, "visit.started")))) << "from now on";
  EXPECT_THAT(client.text, HasSubstr("event: health\ndata: {\"ready\":true}"));
  EXPECT_THAT(client.text, HasSubstr("retry: 2000\nid: " + std::to_string(static_cast<std::int64_t>(before))));
}

TEST_F(EventFeedTest, WhoComesBackMissesNothing) {
  const auto seen = happen("visit.started");
  std::vector<faces::EventId> missed;
  for (int i = 0; i < 450; ++i) {  // more than is read at once, and from before this feed
    missed.push_back(happen("face.seen"));
  }
  feed_.emplace(*store_, [] { return true; }, null_logger());
  Client client;
  feed_->subscribe({.after = seen, .types = {}}, client.responder());
  ASSERT_TRUE(client.reads(line(missed.back(), "face.seen")));
  std::size_t count = 0;
  for (std::size_t at = client.text.find("event: face.seen"); at != std::string::npos;
       at = client.text.find("event: face.seen", at + 1)) {
    ++count;
  }
  EXPECT_EQ(count, missed.size());
}

TEST_F(EventFeedTest, OnlyTheTypesThatAreWanted) {
  Client client;
  feed_->subscribe({.after = std::nullopt, .types = {"visit", "person.added"}}, client.responder());
  happen("face.seen");
  happen("person.removed");
  happen("person.added");
  ASSERT_TRUE(client.reads(line(happen("visit.named"), "visit.named")));
  EXPECT_THAT(client.text, HasSubstr("event: person.added"));
  EXPECT_THAT(client.text, Not(HasSubstr("face.seen")));
  EXPECT_THAT(client.text, Not(HasSubstr("person.removed")));
}

TEST_F(EventFeedTest, WhoHasSeenWhatIsNotThereIsToldToBeginAnew) {
  const auto last = happen("visit.started");
  Client client;
  feed_->subscribe({.after = faces::EventId{1'000'000}, .types = {}}, client.responder());
  ASSERT_TRUE(client.reads(line(last, "reset")));
  EXPECT_TRUE(client.reads(line(happen("visit.named"), "visit.named")));
}

TEST_F(EventFeedTest, WhatWasErasedIsNotAtHandEither) {
  const auto before = happen("visit.started");
  Client first;
  feed_->subscribe({}, first.responder());
  faces::Batch batch;
  batch.events.push_back({faces::random_event_key(), "person.added", system_clock().now(),
                          R"({"person":"0000000000000007","name":"Wilhelmina"})"});
  ASSERT_TRUE(store_->write(batch));
  ASSERT_TRUE(first.reads("Wilhelmina"));
  ASSERT_TRUE(store_->erase(faces::PersonId{7}));
  feed_->forget();
  const auto after = happen("visit.ended");
  Client again;
  feed_->subscribe({.after = before, .types = {}}, again.responder());
  ASSERT_TRUE(again.reads(line(after, "visit.ended")));
  EXPECT_THAT(again.text, Not(HasSubstr("Wilhelmina")));
}

TEST_F(EventFeedTest, ASlowReaderWaitsInItsPlaceAndOthersDoNot) {
  Client slow;
  Client quick;
  feed_->subscribe({}, slow.responder());
  feed_->subscribe({}, quick.responder());
  faces::EventId last{};
  for (int i = 0; i < 100; ++i) {
    last = happen("face.seen", 2'000);  // six times a subscriber's buffer
    ASSERT_TRUE(quick.reads(line(last, "face.seen")));
  }
  EXPECT_LE(slow.stream->buffered(), std::size_t{32} << 10U);
  EXPECT_TRUE(slow.reads(line(last, "face.seen"))) << "it goes on where it was";
  std::size_t count = 0;
  for (std::size_t at = slow.text.find("event: face"); at != std::string::npos;
       at = slow.text.find("event: face", at + 1)) {
    ++count;
  }
  EXPECT_EQ(count, 100U);
}

TEST_F(EventFeedTest, WhoHasGoneIsForgotten) {
  Client client;
  feed_->subscribe({}, client.responder());
  EXPECT_EQ(feed_->subscribers(), 1U);
  client.stream->end();
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (feed_->subscribers() > 0 && std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  EXPECT_EQ(feed_->subscribers(), 0U);
}

TEST_F(EventFeedTest, ThatTheServerIsReadyNoMoreIsTold) {
  Client client;
  feed_->subscribe({}, client.responder());
  ready_ = false;
  EXPECT_TRUE(client.reads("event: health\ndata: {\"ready\":false}"));
}

TEST_F(EventFeedTest, ThereIsABoundOnSubscribers) {
  std::vector<Client> clients(EventFeed::kMaxSubscribers + 1);
  for (Client& client : clients) {
    feed_->subscribe({}, client.responder());
  }
  EXPECT_EQ(clients[EventFeed::kMaxSubscribers - 1].status, 200);
  EXPECT_EQ(clients.back().status, 503);
  feed_.reset();
}

}  // namespace
}  // namespace facepipe::serve
