// A store with a key: what lies in its files, and who can open it.
#include <gtest/gtest.h>

#include <string>

#include "base/file.h"
#include "queue/store/schema.h"
#include "queue/store/test_store.h"
#include "sqlite/sqlite.h"

namespace facepipe::queue {
namespace {

class QueueStoreKey : public StoreFixture {
 protected:
  SealingKey new_key(const std::string& name) {
    EXPECT_TRUE(SealingKey::make_file(folder_.path() / name));
    return *SealingKey::from_file(folder_.path() / name);
  }

  Result<std::unique_ptr<QueueStore>> open_with(const std::optional<SealingKey>& key) {
    store_.reset();
    QueueStore::Options options;
    options.clock = &clock_;
    options.key = key;
    return QueueStore::open(file(), options);
  }

  void use(const std::optional<SealingKey>& key) {
    auto opened = open_with(key);
    ASSERT_TRUE(opened) << opened.error().message;
    store_ = *std::move(opened);
  }

  // Does any file of the store hold this text?
  [[nodiscard]] bool is_on_disk(const std::string& text) const {
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
      const auto content = read_file(entry.path(), std::size_t{64} << 20U);
      EXPECT_TRUE(content);
      if (as_text(*content).find(text) != std::string_view::npos) {
        return true;
      }
    }
    return false;
  }

  static OutgoingMessage secret_message() {
    OutgoingMessage message;
    message.body = "a face of somebody";
    message.attributes["camera"] = {"String", "front door"};
    return message;
  }
};

TEST_F(QueueStoreKey, NothingOfAMessageCanBeReadInTheFiles) {
  create("plain");
  send_ok("plain", secret_message());
  EXPECT_TRUE(is_on_disk("a face of somebody"));  // so the search finds what is there
  ASSERT_TRUE(store_->purge("plain"));
  store_.reset();
  std::filesystem::remove(file());
  use(new_key("key"));
  create("sealed");
  send_ok("sealed", secret_message());
  EXPECT_FALSE(is_on_disk("a face of somebody"));
  EXPECT_FALSE(is_on_disk("front door"));
  const auto received = receive("sealed");
  ASSERT_EQ(received.size(), 1U);
  EXPECT_EQ(received[0].body, "a face of somebody");
  EXPECT_EQ(received[0].attributes.at("camera").value, "front door");
}

TEST_F(QueueStoreKey, OpensWithItsKeyOnly) {
  const SealingKey key = new_key("key");
  use(key);
  create("q");
  send_ok("q", secret_message());
  const auto without = open_with(std::nullopt);
  ASSERT_FALSE(without);
  EXPECT_EQ(without.error().code, ErrorCode::kPermission);
  const auto with_another = open_with(new_key("other"));
  ASSERT_FALSE(with_another);
  EXPECT_EQ(with_another.error().code, ErrorCode::kMismatch);
  use(key);
  EXPECT_EQ(receive("q").size(), 1U);
}

TEST_F(QueueStoreKey, WhatLayThereBeforeTheKeyIsStillDelivered) {
  create("q");
  send_ok("q", secret_message());
  use(new_key("key"));
  send_ok("q", secret_message());
  ReceiveOptions options;
  options.max_messages = 10;
  const auto received = store_->receive_now("q", options);
  ASSERT_TRUE(received) << received.error().message;
  ASSERT_EQ(received->size(), 2U);
  EXPECT_EQ((*received)[0].body, (*received)[1].body);
  EXPECT_EQ((*received)[0].attributes, (*received)[1].attributes);
}

TEST_F(QueueStoreKey, AReasonIsAddedToADeadLetterAndTakenOffAgain) {
  use(new_key("key"));
  create("dead");
  QueueAttributes attributes;
  attributes.dead_letter_queue = "dead";
  attributes.max_receive_count = 1;
  attributes.visibility_timeout = Seconds(1);
  create("q", attributes);
  send_ok("q", secret_message());
  EXPECT_EQ(receive("q").size(), 1U);
  clock_.advance(Seconds(2));
  EXPECT_EQ(receive("q").size(), 0U);
  const auto dead = receive("dead");
  ASSERT_EQ(dead.size(), 1U);
  EXPECT_EQ(dead[0].attributes.size(), 3U);
  EXPECT_EQ(dead[0].body, "a face of somebody");
  clock_.advance(Seconds(60));
  const auto moved = store_->redrive("dead", "", 10);
  ASSERT_TRUE(moved) << moved.error().message;
  EXPECT_EQ(*moved, 1);
  const auto again = receive("q");
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again[0].attributes.size(), 1U);
}

TEST_F(QueueStoreKey, ContentPutInAnothersPlaceIsNoticed) {
  const SealingKey key = new_key("key");
  use(key);
  create("q");
  send_ok("q", secret_message());
  send_ok("q", message("another face"));
  store_.reset();
  {
    const auto database = open_database(file(), 0);
    ASSERT_TRUE(database) << database.error().message;
    ASSERT_TRUE(
        (*database)->execute("UPDATE payload SET body = (SELECT body FROM payload WHERE message > 0 "
                             "ORDER BY message LIMIT 1) WHERE message > 0"));
  }
  use(key);
  EXPECT_EQ(bodies(receive("q")), std::vector<std::string>{secret_message().body}) << "the other is set aside";
}

}  // namespace
}  // namespace facepipe::queue
