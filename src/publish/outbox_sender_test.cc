// On the SQLite store.
#include "publish/outbox_sender.h"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <deque>

#include "base/temporary_folder.h"
#include "faces/ids.h"
#include "faces/store/sqlite_face_store.h"

namespace facepipe::publish {
namespace {

using Kind = Outcome::Kind;
using std::chrono::milliseconds;

// Answers as it is told, and then delivers.
class ScriptedPublisher final : public Publisher {
 public:
  const std::string& name() const override { return name_; }
  Outcome send(const faces::Event& event) override {
    if (on_send) {
      on_send(event.what.type);
    }
    const std::lock_guard lock(mutex_);
    sent_.push_back(event.what.type);
    changed_.notify_all();
    if (script_.empty()) {
      return {};
    }
    const Outcome outcome = script_.front();
    script_.pop_front();
    return outcome;
  }
  void script(std::deque<Outcome> outcomes) {
    const std::lock_guard lock(mutex_);
    script_ = std::move(outcomes);
  }
  // What was sent once there are that many, or a minute is over.
  std::vector<std::string> sent(std::size_t count) {
    std::unique_lock lock(mutex_);
    (void)changed_.wait_for(lock, std::chrono::minutes(1), [&] { return sent_.size() >= count; });
    return sent_;
  }
  std::function<void(const std::string& type)> on_send;  // set before the first

 private:
  const std::string name_ = "scripted";
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Outcome> script_;
  std::vector<std::string> sent_;
};

class OutboxSenderTest : public ::testing::Test {
 protected:
  OutboxSenderTest() {
    auto opened = faces::SqliteFaceStore::open(folder_.path() / "faces.db", {});
    EXPECT_TRUE(opened);
    store_ = *std::move(opened);
    const std::vector<std::string> outputs = {"scripted"};
    EXPECT_TRUE(store_->set_outputs(outputs));
    auto publisher = std::make_unique<ScriptedPublisher>();
    publisher_ = publisher.get();
    policy_.retry.base = milliseconds{1};
    policy_.retry.cap = milliseconds{5};
    policy_.idle_poll = milliseconds{20};
    owned_ = std::move(publisher);
  }
  void start() {
    sender_ = std::make_unique<OutboxSender>(*store_, std::move(owned_), policy_, system_clock(), null_logger());
  }
  void write(const std::vector<std::string>& types) {
    faces::Batch batch;
    for (const std::string& type : types) {
      batch.events.push_back({faces::random_event_key(), type, system_clock().now(), "{}"});
    }
    EXPECT_TRUE(store_->write(batch));
  }
  // The outbox has nothing more for the output within a minute.
  bool is_empty() {
    for (int i = 0; i < 6'000; ++i) {
      if (store_->due("scripted", 1)->empty()) {
        return true;
      }
      std::this_thread::sleep_for(milliseconds(10));
    }
    return false;
  }

  TemporaryFolder folder_;
  std::unique_ptr<faces::FaceStore> store_;
  SendPolicy policy_;
  ScriptedPublisher* publisher_ = nullptr;
  std::unique_ptr<Publisher> owned_;
  std::unique_ptr<OutboxSender> sender_;
};

TEST_F(OutboxSenderTest, SendsWhatIsThereAndWhatComesInOrder) {
  write({"a", "b"});
  start();
  EXPECT_EQ(publisher_->sent(2), (std::vector<std::string>{"a", "b"}));
  write({"c"});
  EXPECT_EQ(publisher_->sent(3), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_TRUE(is_empty());
  EXPECT_EQ(sender_->counts().delivered, 3);
}

TEST_F(OutboxSenderTest, NothingOvertakesWhatFails) {
  publisher_->script({{Kind::kAgain, "away"}, {Kind::kAgain, "away"}});
  write({"a", "b"});
  start();
  EXPECT_EQ(publisher_->sent(4), (std::vector<std::string>{"a", "a", "a", "b"}));
  EXPECT_EQ(sender_->counts().failed, 2);
}

TEST_F(OutboxSenderTest, GivesUpAndGoesOn) {
  policy_.retry.max_attempts = 3;
  publisher_->script({{Kind::kAgain, "away"}, {Kind::kAgain, "away"}, {Kind::kAgain, "still away"}});
  write({"a", "b"});
  start();
  EXPECT_EQ(publisher_->sent(4), (std::vector<std::string>{"a", "a", "a", "b"}));
  EXPECT_TRUE(is_empty());
  const auto dead = store_->dead_deliveries({});
  ASSERT_EQ(dead->records.size(), 1U);
  EXPECT_EQ(dead->records.front().error, "still away");
  EXPECT_EQ(dead->records.front().attempts, 3);
  EXPECT_EQ(*store_->retry_dead("scripted"), 1);
  EXPECT_EQ(publisher_->sent(5).back(), "a");
}

TEST_F(OutboxSenderTest, ReceiverThatWantsNoMoreGetsNoMore) {
  policy_.max_refusals = 2;
  publisher_->script({{Kind::kNever, "gone"}, {Kind::kRefused, "no"}, {Kind::kRefused, "no"}});
  write({"a", "b", "c"});
  start();
  EXPECT_EQ(publisher_->sent(4), (std::vector<std::string>{"a", "b", "b", "c"}));
  EXPECT_TRUE(is_empty());
  EXPECT_EQ(store_->dead_deliveries({})->records.size(), 2U);
}

TEST_F(OutboxSenderTest, OldEventIsTriedOnce) {
  policy_.give_up = std::chrono::hours{0};
  publisher_->script({{Kind::kAgain, "away"}});
  write({"a", "b"});
  start();
  EXPECT_EQ(publisher_->sent(2), (std::vector<std::string>{"a", "b"}));
}

// Where for a time nothing can be stored, as on a full disk.
class FullOutbox final : public faces::Outbox {
 public:
  explicit FullOutbox(faces::Outbox& outbox) : outbox_(outbox) {}
  std::atomic<bool> full = true;
  std::atomic<int> refused = 0;

  Result<std::vector<faces::Event>> events_after(faces::EventId after, std::size_t limit) override {
    return outbox_.events_after(after, limit);
  }
  Result<faces::EventId> last_event() override { return outbox_.last_event(); }
  int add_listener(Listener listener) override { return outbox_.add_listener(std::move(listener)); }
  void remove_listener(int id) override { outbox_.remove_listener(id); }
  Status set_outputs(std::span<const std::string> outputs) override { return outbox_.set_outputs(outputs); }
  Result<std::vector<std::pair<faces::Delivery, faces::Event>>> due(const std::string& output,
                                                                    std::size_t limit) override {
    return outbox_.due(output, limit);
  }
  Status delivered(const std::string& output, std::span<const faces::EventId> events) override {
    FACEPIPE_TRY(has_room());
    return outbox_.delivered(output, events);
  }
  Status put_off(const faces::Delivery& delivery) override {
    FACEPIPE_TRY(has_room());
    return outbox_.put_off(delivery);
  }
  Result<faces::Page<faces::Delivery>> dead_deliveries(const faces::PageRequest& page) override {
    return outbox_.dead_deliveries(page);
  }
  Result<std::int64_t> retry_dead(const std::string& output) override { return outbox_.retry_dead(output); }

 private:
  Status has_room() {
    refused += full ? 1 : 0;
    return full ? Status(Error{ErrorCode::kExhausted, "full"}) : Status{};
  }
  faces::Outbox& outbox_;
};

TEST_F(OutboxSenderTest, WhatCannotBeStoredOfASendingIsNotSentAgainMeanwhile) {
  publisher_->script({{Kind::kAgain, "away"}});
  write({"a", "b"});
  FullOutbox outbox(*store_);
  sender_ = std::make_unique<OutboxSender>(outbox, std::move(owned_), policy_, system_clock(), null_logger());
  const auto wait_for_refusals = [&](int count) {
    for (int i = 0; i < 1'000 && outbox.refused < count; ++i) {
      std::this_thread::sleep_for(milliseconds(10));
    }
    EXPECT_GE(outbox.refused, count);
  };
  wait_for_refusals(4);
  EXPECT_EQ(publisher_->sent(1), (std::vector<std::string>{"a"})) << "put off, as soon as that can be stored";
  outbox.full = false;
  EXPECT_EQ(publisher_->sent(3), (std::vector<std::string>{"a", "a", "b"}));
  EXPECT_TRUE(is_empty());
  outbox.full = true;
  outbox.refused = 0;
  write({"c", "d"});
  wait_for_refusals(4);
  EXPECT_EQ(publisher_->sent(4), (std::vector<std::string>{"a", "a", "b", "c"})) << "delivered";
  outbox.full = false;
  EXPECT_EQ(publisher_->sent(5).back(), "d");
  EXPECT_TRUE(is_empty());
  EXPECT_EQ(sender_->counts().delivered, 4);
  EXPECT_EQ(sender_->counts().failed, 1);
  sender_.reset();
}

TEST_F(OutboxSenderTest, StopsAtOnce) {
  publisher_->script({{Kind::kAgain, "away", std::chrono::hours{1}}});
  write({"a"});
  start();
  EXPECT_EQ(publisher_->sent(1).size(), 1U);
  const auto begin = std::chrono::steady_clock::now();
  sender_.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::minutes(1)) << "of the hour";
  EXPECT_EQ(store_->due("scripted", 1)->size(), 0U) << "its time is stored";
}

TEST_F(OutboxSenderTest, WhatIsErasedWhileItWaitsIsNotSent) {
  faces::Batch batch;
  const auto add = [&batch](const std::string& type, const std::string& json) {
    batch.events.push_back({faces::random_event_key(), type, system_clock().now(), json});
  };
  add("one", "{}");
  add("hers", R"({"person":"0000000000000007"})");
  add("last", "{}");
  ASSERT_TRUE(store_->write(batch));
  publisher_->on_send = [&](const std::string& type) {
    if (type == "one") {
      EXPECT_TRUE(store_->erase(faces::PersonId{7}));
    }
  };
  start();
  EXPECT_EQ(publisher_->sent(2), (std::vector<std::string>{"one", "last"}));
  EXPECT_TRUE(is_empty());
}

}  // namespace
}  // namespace facepipe::publish
