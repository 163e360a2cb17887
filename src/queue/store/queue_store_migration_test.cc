// A file of format version 1, as the first release made it, is brought to the present version with all that it holds.
#include <gmock/gmock.h>

#include "queue/store/schema.h"
#include "queue/store/test_store.h"
#include "sqlite/sqlite.h"

namespace facepipe::queue {
namespace {

using ::testing::ElementsAre;

constexpr const char* kVersion1 = R"sql(
CREATE TABLE secret (
  receipt_key BLOB NOT NULL
);
CREATE TABLE queue (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE,
  visibility_s INTEGER NOT NULL,
  delay_s INTEGER NOT NULL,
  receive_wait_s INTEGER NOT NULL,
  retention_s INTEGER NOT NULL,
  maximum_message_bytes INTEGER NOT NULL,
  dead_letter_queue TEXT NOT NULL,
  max_receive_count INTEGER NOT NULL,
  fifo INTEGER NOT NULL,
  content_based_deduplication INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  modified_ms INTEGER NOT NULL,
  purged_ms INTEGER,
  last_sequence INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE queue_tag (
  queue_id INTEGER NOT NULL,
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (queue_id, name)
) WITHOUT ROWID;
CREATE TABLE message (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  queue_id INTEGER NOT NULL,
  turn INTEGER NOT NULL,
  ready INTEGER NOT NULL,
  visible_ms INTEGER NOT NULL,
  sent_ms INTEGER NOT NULL,
  received_ms INTEGER,
  first_received_ms INTEGER,
  receive_count INTEGER NOT NULL DEFAULT 0,
  moved_receive_count INTEGER NOT NULL DEFAULT 0,
  message_id TEXT NOT NULL,
  group_id TEXT NOT NULL,
  deduplication_id TEXT NOT NULL,
  trace_header TEXT NOT NULL,
  dead_letter_source TEXT NOT NULL DEFAULT ''
);
CREATE INDEX message_ready ON message (queue_id, turn, id) WHERE ready = 1;
CREATE INDEX message_hidden ON message (queue_id, visible_ms) WHERE ready = 0;
CREATE INDEX message_hidden_group ON message (queue_id, group_id, turn) WHERE ready = 0;
CREATE INDEX message_group ON message (queue_id, group_id, turn);
CREATE INDEX message_sent ON message (queue_id, sent_ms);
CREATE TABLE payload (
  message INTEGER PRIMARY KEY,
  body BLOB NOT NULL,
  attributes BLOB NOT NULL
);
CREATE TABLE fifo_group (
  queue_id INTEGER NOT NULL,
  group_id TEXT NOT NULL,
  head INTEGER,
  PRIMARY KEY (queue_id, group_id)
) WITHOUT ROWID;
CREATE INDEX fifo_group_head ON fifo_group (queue_id, head) WHERE head IS NOT NULL;
CREATE TABLE deduplication (
  queue_id INTEGER NOT NULL,
  deduplication_id TEXT NOT NULL,
  message_id TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  expires_ms INTEGER NOT NULL,
  PRIMARY KEY (queue_id, deduplication_id)
) WITHOUT ROWID;
CREATE INDEX deduplication_expiry ON deduplication (expires_ms);
)sql";

// One queue with its dead-letter queue, three messages, one of them a dead letter.
constexpr const char* kContent = R"sql(
INSERT INTO secret (receipt_key) VALUES (x'000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f');
INSERT INTO queue VALUES (1, 'dead', 30, 0, 0, 1209600, 1048576, '', 0, 0, 0, 1700000000000, 1700000000000, NULL, 0);
INSERT INTO queue VALUES (2, 'faces', 30, 0, 0, 345600, 1048576, 'dead', 5, 0, 0, 1700000000000, 1700000000000, NULL, 0);
INSERT INTO message VALUES (7, 2, 0, 1, 1699999990000, 1699999990000, NULL, NULL, 0, 0, 'id-7', '', '', '', '');
INSERT INTO payload VALUES (7, 'seven', x'');
INSERT INTO message VALUES (8, 2, 1, 0, 1700000009000, 1699999991000, 1699999992000, 1699999992000, 1, 0, 'id-8', '', '',
                            '', '');
INSERT INTO payload VALUES (8, 'eight', x'');
INSERT INTO message VALUES (9, 1, 0, 1, 1699999993000, 1699999989000, NULL, 1699999990000, 5, 5, 'id-9', '', '', '',
                            'faces');
INSERT INTO payload VALUES (9, 'nine', x'');
PRAGMA application_id = 1179668819;
PRAGMA user_version = 1;
)sql";

class QueueStoreMigration : public StoreFixture {
 protected:
  QueueStoreMigration() {
    store_.reset();
    std::filesystem::remove(file());
    auto database = sqlite::Database::open(file(), kStoreKind);
    EXPECT_TRUE(database);
    for (const char* sql : {kVersion1, kContent}) {
      const Status status = (*database)->execute(sql);
      EXPECT_TRUE(status) << status.error().message;
    }
  }
  std::int64_t read(const std::string& sql) {
    auto database = sqlite::Database::open(file(), kStoreKind);
    EXPECT_TRUE(database);
    const auto value = (*database)->query_integer(sql);
    EXPECT_TRUE(value) << value.error().message;
    return value ? *value : -1;
  }
};

TEST_F(QueueStoreMigration, KeepsEverything) {
  reopen();
  EXPECT_EQ(store_->attributes("faces")->dead_letter_queue, "dead");
  EXPECT_EQ(store_->attributes("dead")->retention, Seconds(1'209'600));
  EXPECT_THAT(bodies(receive("faces")), ElementsAre("seven"));
  clock_.advance(Seconds(10));
  const auto eight = receive("faces");
  ASSERT_THAT(bodies(eight), ElementsAre("eight"));
  EXPECT_EQ(eight.front().receive_count, 2);
  EXPECT_EQ(eight.front().message_id, "id-8");
  const auto letters = store_->peek("dead", 0, 10);
  ASSERT_TRUE(letters);
  ASSERT_EQ(letters->size(), 1U);
  EXPECT_EQ(letters->front().body, "nine");
  EXPECT_EQ(letters->front().dead_letter_source, "faces");
  EXPECT_EQ(letters->front().failure, "");
}

TEST_F(QueueStoreMigration, WhatIsNewWorks) {
  reopen();
  const OutgoingMessage sent = message("m");
  EXPECT_EQ(store_->send_once("faces", {"key", Seconds(300), 1}, {&sent, 1}).value().value, 1);
  const auto received = receive("faces");
  ASSERT_FALSE(received.empty());
  EXPECT_TRUE(put_back("faces", received.front().receipt_handle, Seconds(1), "why"));
  reopen();
  EXPECT_EQ(store_->find_once("key").value(), 1);
}

TEST_F(QueueStoreMigration, GivesTheTablesOfANewFile) {
  reopen();
  store_.reset();
  constexpr const char* kShape =
      "SELECT count(*) FROM sqlite_schema s JOIN pragma_table_info(s.name) WHERE s.type = 'table' AND s.name NOT LIKE "
      "'sqlite_%'";
  const std::int64_t migrated = read(kShape);
  const std::int64_t indexes = read("SELECT count(*) FROM sqlite_schema WHERE type = 'index'");
  EXPECT_EQ(read("PRAGMA user_version"), kFormatVersion);
  std::filesystem::remove(file());
  reopen();
  store_.reset();
  EXPECT_EQ(read(kShape), migrated);
  EXPECT_EQ(read("SELECT count(*) FROM sqlite_schema WHERE type = 'index'"), indexes);
}

TEST_F(QueueStoreMigration, AFileThatCannotBeMigratedIsLeftAsItWas) {
  {
    auto database = sqlite::Database::open(file(), kStoreKind);
    ASSERT_TRUE((*database)->execute("CREATE TABLE frame (other)"));  // in the way
  }
  QueueStore::Options options;
  options.clock = &clock_;
  EXPECT_FALSE(QueueStore::open(file(), options));
  EXPECT_EQ(read("PRAGMA user_version"), 1);
  EXPECT_EQ(read("SELECT count(*) FROM pragma_table_info('message') WHERE name = 'failure'"), 0);
  EXPECT_EQ(read("SELECT count(*) FROM message"), 3);
}

}  // namespace
}  // namespace facepipe::queue
