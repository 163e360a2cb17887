// The file: lock, format, damage, limits, space.
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <fstream>

#include "queue/store/schema.h"
#include "queue/store/test_store.h"
#include "sqlite/sqlite.h"

namespace facepipe::queue {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

class QueueStoreFile : public StoreFixture {
 protected:
  // What opening the file says.
  Error open_error() {
    QueueStore::Options options;
    options.clock = &clock_;
    auto opened = QueueStore::open(file(), options);
    EXPECT_FALSE(opened);
    return opened ? Error{ErrorCode::kInternal, "it opened"} : opened.error();
  }
  void execute(const std::string& sql) {
    auto database = sqlite::Database::open(file(), kStoreKind);
    ASSERT_TRUE(database);
    const Status status = (*database)->execute(sql);
    ASSERT_TRUE(status) << status.error().message;
  }
};

TEST_F(QueueStoreFile, SecondOpenerIsTurnedAway) {
  const Error error = open_error();
  EXPECT_EQ(error.code, ErrorCode::kUnavailable);
  EXPECT_THAT(error.message, HasSubstr("another process has it open"));
  EXPECT_THAT(error.message, HasSubstr(file().string()));
}

TEST_F(QueueStoreFile, IsPrivate) {
  namespace fs = std::filesystem;
  EXPECT_EQ(fs::status(file()).permissions() & fs::perms::mask, fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(QueueStoreFile, FolderThatDoesNotExist) {
  const auto opened = QueueStore::open(folder_.path() / "absent" / "queues.db", {});
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::kPermission);
  EXPECT_THAT(opened.error().message, HasSubstr("absent"));
}

TEST_F(QueueStoreFile, OtherFilesAreRefused) {
  store_.reset();
  std::filesystem::remove(file());
  std::ofstream(file()) << std::string(10'000, 'x');
  EXPECT_EQ(open_error().code, ErrorCode::kInvalidData);
}

TEST_F(QueueStoreFile, WhatIsNoFileIsRefusedAtOnce) {
  const std::filesystem::path pipe = file().parent_path() / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  const auto opened = QueueStore::open(pipe, {});
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().message, HasSubstr("expected a file, found a named pipe: " + pipe.string()));
}

TEST_F(QueueStoreFile, OtherDatabasesAreRefusedAndLeftAlone) {
  store_.reset();
  std::filesystem::remove(file());
  execute("CREATE TABLE notes (text)");
  const Error error = open_error();
  EXPECT_EQ(error.code, ErrorCode::kInvalidData);
  EXPECT_THAT(error.message, HasSubstr("another kind of database"));
  execute("INSERT INTO notes VALUES ('still here')");
}

TEST_F(QueueStoreFile, NewerFormatIsRefused) {
  store_.reset();
  execute("PRAGMA user_version = 3");
  const Error error = open_error();
  EXPECT_EQ(error.code, ErrorCode::kUnsupported);
  EXPECT_THAT(error.message, HasSubstr("expected format version 1 to 2, got 3"));
}

TEST_F(QueueStoreFile, DamageIsFoundAtOpening) {
  create("q");
  for (int i = 0; i < 50; ++i) {
    send_ok("q", message(std::string(20'000, 'x')));
  }
  store_.reset();
  {
    std::fstream stream(file(), std::ios::in | std::ios::out | std::ios::binary);
    stream.seekp(8'192);
    stream << std::string(200'000, '\x5a');
  }
  EXPECT_EQ(open_error().code, ErrorCode::kInvalidData);
}

TEST_F(QueueStoreFile, FullStoreKeepsWhatItHasAndTakesMoreWhenThereIsRoom) {
  max_file_bytes_ = 1 << 20;
  reopen();
  create("q");
  std::vector<std::string> stored;
  Error error;
  for (int i = 0; i < 100; ++i) {
    const auto sent = send("q", message(std::string(50'000, 'x')));
    if (!sent) {
      error = sent.error();
      break;
    }
    stored.push_back(sent->message_id);
  }
  EXPECT_EQ(error.code, ErrorCode::kExhausted);
  EXPECT_THAT(error.message, HasSubstr("no space left"));
  EXPECT_GT(stored.size(), 10U);
  EXPECT_EQ(statistics("q").visible, static_cast<std::int64_t>(stored.size())) << "nothing of the refused one is there";
  const auto received = receive("q", 10);
  ASSERT_THAT(received, SizeIs(10)) << "reading works on a full store";
  for (const ReceivedMessage& message : received) {
    EXPECT_TRUE(remove("q", message.receipt_handle));
  }
  EXPECT_TRUE(send("q", message(std::string(50'000, 'x'))));
}

TEST_F(QueueStoreFile, NegativeLimitIsRefused) {
  const auto opened = QueueStore::open(folder_.path() / "other.db", {.clock = &clock_, .max_file_bytes = -1});
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::kInvalidArgument);
}

TEST_F(QueueStoreFile, SpaceOfDeletedMessagesIsUsedAgain) {
  create("q");
  const auto cycle = [&] {
    for (int i = 0; i < 20; ++i) {
      send_ok("q", message(std::string(100'000, 'x')));
    }
    for (int i = 0; i < 2; ++i) {
      for (const ReceivedMessage& message : receive("q", 10)) {
        ASSERT_TRUE(remove("q", message.receipt_handle));
      }
    }
  };
  cycle();
  reopen();  // the write-ahead log goes into the file
  const auto size = std::filesystem::file_size(file());
  EXPECT_GT(size, 2'000'000U);
  for (int i = 0; i < 5; ++i) {
    cycle();
  }
  reopen();
  EXPECT_LE(std::filesystem::file_size(file()), size + (size / 10));
}

// 16 MiB are stored and removed: a minute later the sweep has cut the file down to the pages that are kept for reuse.
TEST_F(QueueStoreFile, SweepShrinksTheFile) {
  create("q");
  for (int i = 0; i < 32; ++i) {
    send_ok("q", message(std::string(512 << 10, 'x')));
  }
  ASSERT_TRUE(store_->purge("q"));
  for (int i = 0; i < 4; ++i) {
    clock_.advance(Seconds(61));
    EXPECT_EQ(statistics("q").visible, 0);  // an operation: the sweep comes after it
  }
  store_.reset();  // the write-ahead log goes into the file
  EXPECT_LT(std::filesystem::file_size(file()), 11U << 20U);
}

TEST_F(QueueStoreFile, SweepDeletesWhatNobodyReads) {
  QueueAttributes attributes;
  attributes.retention = Seconds(60);
  create("q", attributes);
  create("f.fifo", fifo_attributes());
  send_ok("q", message("m"));
  ASSERT_TRUE(remove("f.fifo", (send_ok("f.fifo", message("m", "g")), receive("f.fifo").at(0).receipt_handle)));
  clock_.advance(Seconds(301));
  EXPECT_TRUE(store_->list_queues(""));  // an operation that looks at no message
  EXPECT_TRUE(store_->list_queues(""));  // returns after the sweep
  store_.reset();
  auto database = sqlite::Database::open(file(), kStoreKind);
  ASSERT_TRUE(database);
  EXPECT_EQ(*(*database)->query_integer("SELECT count(*) FROM message"), 0);
  EXPECT_EQ(*(*database)->query_integer("SELECT count(*) FROM payload WHERE message > 0"), 0);
  EXPECT_EQ(*(*database)->query_integer("SELECT count(*) FROM deduplication"), 0);
}

}  // namespace
}  // namespace facepipe::queue
