// A message whose content cannot be read: it goes to the dead letters or aside, and the rest flows.
#include <gmock/gmock.h>

#include <functional>

#include "queue/store/maintenance.h"
#include "queue/store/schema.h"
#include "queue/store/test_store.h"

namespace facepipe::queue {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

class QueueStoreUnreadable : public StoreFixture {
 protected:
  QueueStoreUnreadable() {
    EXPECT_TRUE(SealingKey::make_file(folder_.path() / "key"));
    key_ = *SealingKey::from_file(folder_.path() / "key");
    use();
    create("dead");
    QueueAttributes attributes;
    attributes.dead_letter_queue = "dead";
    attributes.max_receive_count = 2;
    create("q", attributes);
    create("lone");
  }
  void use() {
    store_.reset();
    auto opened = QueueStore::open(file(), {.clock = &clock_, .key = key_});
    ASSERT_TRUE(opened) << opened.error().message;
    store_ = *std::move(opened);
  }
  // Runs SQL on the stopped store.
  void change(const std::string& sql) {
    store_.reset();
    {
      auto database = open_database(file(), 0);
      ASSERT_TRUE(database) << database.error().message;
      const Status done = (*database)->execute(sql);
      ASSERT_TRUE(done) << done.error().message;
    }
    use();
  }
  // One bit of the last byte, which is the seal's.
  static std::string flip(const std::string& column, const std::string& id) {
    return "UPDATE payload SET " + column + " = CAST(substr(" + column + ", 1, length(" + column +
           ") - 1) || (CASE substr(" + column +
           ", -1) WHEN x'00' THEN x'01' ELSE x'00' END) AS BLOB) WHERE message = "
           "(SELECT id FROM message WHERE message_id = '" +
           id + "')";
  }
  static std::string set(const std::string& change, const std::string& id) {
    return "UPDATE payload SET " + change + " WHERE message = (SELECT id FROM message WHERE message_id = '" + id + "')";
  }
  std::vector<StoredMessage> peek(const std::string& name) {
    auto messages = store_->peek(name, 0, 100);
    EXPECT_TRUE(messages) << messages.error().message;
    return messages ? *std::move(messages) : std::vector<StoredMessage>();
  }
  static OutgoingMessage with_attribute(const std::string& body) {
    OutgoingMessage sent = message(body);
    sent.attributes["camera"] = {"String", "front"};
    return sent;
  }

  std::optional<SealingKey> key_;
};

// Each way in which a row's content can fail.
TEST_F(QueueStoreUnreadable, GoesToTheDeadLettersWithItsReasonAndTheRestFlows) {
  const std::vector<std::function<std::string(const std::string&)>> damages = {
      [](const std::string& id) { return flip("body", id); },
      [](const std::string& id) { return flip("attributes", id); },
      [](const std::string& id) { return set("body = x''", id); },
      [](const std::string& id) { return set("body = x'ff00'", id); },
      [](const std::string& id) { return set("attributes = x'05'", id); },
      [](const std::string& id) { return set("attributes = x'ffffffff00'", id); },
      [](const std::string& id) { return set("body = x'465053454c310000'", id); },
      [](const std::string& id) {
        return "DELETE FROM payload WHERE message = (SELECT id FROM message WHERE message_id = '" + id + "')";
      },
      [](const std::string& id) { return "UPDATE message SET message_id = x'ff' WHERE message_id = '" + id + "'"; },
      [](const std::string& id) { return "UPDATE message SET group_id = x'ff' WHERE message_id = '" + id + "'"; },
  };
  std::size_t dead = 0;
  for (const auto& damage : damages) {
    send_ok("q", message("before"));
    const std::string bad = send_ok("q", with_attribute("bad"));
    send_ok("q", message("after"));
    change(damage(bad));
    const auto received = receive("q");
    EXPECT_THAT(bodies(received), ElementsAre("before", "after")) << damage(bad);
    EXPECT_TRUE(store_->health());
    for (const ReceivedMessage& good : received) {
      ASSERT_TRUE(remove("q", good.receipt_handle));
    }
    EXPECT_EQ(statistics("dead").visible, ++dead) << damage(bad);
    const auto letters = receive("dead", 1);
    ASSERT_THAT(letters, SizeIs(1));
    const auto reason = letters.front().attributes.find(std::string(kReasonAttribute));
    ASSERT_NE(reason, letters.front().attributes.end());
    EXPECT_THAT(reason->second.value, StartsWith("unreadable: "));
    EXPECT_THAT(letters.front().body, HasSubstr("cannot be read"));
    EXPECT_EQ(letters.front().dead_letter_source, "q");
    ASSERT_TRUE(remove("dead", letters.front().receipt_handle));
    --dead;
  }
}

TEST_F(QueueStoreUnreadable, StaysOnTheDeadLettersThroughPeekAndRedrive) {
  const std::string bad = send_ok("q", message("bad"));
  send_ok("q", message("good"));
  change(flip("body", bad));
  const auto good = receive("q");
  ASSERT_THAT(bodies(good), ElementsAre("good"));
  ASSERT_THAT(peek("dead"), SizeIs(1));
  EXPECT_THAT(peek("dead").front().unreadable, StartsWith("unreadable: "));
  EXPECT_EQ(peek("dead").front().body, "");
  EXPECT_EQ(peek("dead").front().message_id, bad);
  EXPECT_EQ(*store_->redrive("dead", "", 100), 0);
  EXPECT_EQ(*store_->redrive("dead", "lone", 100), 0);
  EXPECT_EQ(statistics("dead").visible, 1);
  store_.reset();
  EXPECT_TRUE(backup_store(file(), folder_.path() / "copy"));
  use();
  ASSERT_TRUE(store_->purge("dead"));
  EXPECT_THAT(peek("dead"), IsEmpty());
}

// What its queue would only send back is not said to be moved.
TEST_F(QueueStoreUnreadable, ARowThatIsDamagedStaysOnTheDeadLettersToo) {
  const std::string bad = send_ok("q", message("bad"));
  change("UPDATE message SET trace_header = x'ff' WHERE message_id = '" + bad + "'");
  ASSERT_THAT(receive("q"), IsEmpty());
  EXPECT_EQ(*store_->redrive("dead", "", 100), 0);
  EXPECT_EQ(statistics("dead").visible, 1);
}

TEST_F(QueueStoreUnreadable, ADeadLetterThatBecomesSoBreaksNothing) {
  for (const std::string body : {"first", "bad", "last"}) {
    send_ok("q", message(body));
  }
  for (int i = 0; i < 2; ++i) {
    ASSERT_THAT(receive("q"), SizeIs(3));
    clock_.advance(Seconds(31));
  }
  EXPECT_THAT(receive("q"), IsEmpty());
  change(flip("body", peek("dead").at(1).message_id));
  EXPECT_THAT(bodies(receive("dead")), ElementsAre("first", HasSubstr("cannot be read"), "last"));
}

TEST_F(QueueStoreUnreadable, WithoutDeadLettersItIsPutAsideAndSeen) {
  const std::string bad = send_ok("lone", message("bad"));
  send_ok("lone", message("good"));
  change(flip("body", bad));
  EXPECT_THAT(bodies(receive("lone")), ElementsAre("good"));
  EXPECT_THAT(receive("lone"), IsEmpty());
  EXPECT_TRUE(store_->health());
  ASSERT_THAT(peek("lone"), SizeIs(2)) << "it is kept";
  EXPECT_THAT(peek("lone").front().unreadable, StartsWith("unreadable: "));
  // With dead letters to go to it goes there, from the next opening on.
  QueueAttributes attributes = *store_->attributes("lone");
  attributes.dead_letter_queue = "dead";
  attributes.max_receive_count = 2;
  ASSERT_TRUE(store_->set_attributes("lone", attributes));
  use();
  EXPECT_THAT(receive("lone"), IsEmpty());
  EXPECT_EQ(statistics("dead").visible, 1);
}

TEST_F(QueueStoreUnreadable, OnAFifoQueueItsGroupGoesOn) {
  create("f.fifo", fifo_attributes());
  const std::string bad = send_ok("f.fifo", message("bad", "g"));
  send_ok("f.fifo", message("next", "g"));
  change(flip("body", bad));
  const auto next = receive("f.fifo");
  ASSERT_THAT(bodies(next), ElementsAre("next"));
  ASSERT_TRUE(remove("f.fifo", next.front().receipt_handle));
  send_ok("f.fifo", message("later", "g"));
  EXPECT_THAT(bodies(receive("f.fifo")), ElementsAre("later"));
}

TEST_F(QueueStoreUnreadable, TheCheckOpensWhatItHasTheKeyForAndNamesWhatItCannotRead) {
  const std::string bad = send_ok("q", message("bad"));
  send_ok("q", message("good"));
  change(flip("body", bad));
  store_.reset();
  const auto with_key = check_store(file(), key_);
  ASSERT_TRUE(with_key);
  EXPECT_THAT(with_key->problems, IsEmpty());
  EXPECT_EQ(with_key->unreadable, 1);
  EXPECT_THAT(with_key->unreadable_ids, ElementsAre(bad));
  EXPECT_EQ(with_key->unchecked, 0);
  const auto without = check_store(file());
  EXPECT_EQ(without->unchecked, 2);
  EXPECT_EQ(without->unreadable, 0);
}

TEST_F(QueueStoreUnreadable, ErasureGoesOnAndSaysHowManyItCouldNotRead) {
  const std::string bad = send_ok("q", message("about SOMEBODY"));
  send_ok("q", message("SOMEBODY too"));
  change(flip("body", bad));
  store_.reset();
  std::int64_t unreadable = 0;
  const auto about = [](std::string_view body) { return body.find("SOMEBODY") != std::string_view::npos; };
  EXPECT_EQ(*erase_messages(file(), key_, about, &unreadable), 1);
  EXPECT_EQ(unreadable, 1);
  const auto search = search_store(file(), key_, about);
  ASSERT_TRUE(search);
  EXPECT_EQ(search->found, 0);
  EXPECT_EQ(search->unread, 1);
  EXPECT_TRUE(search->whole);
}

}  // namespace
}  // namespace facepipe::queue
