// A store that has no more space: what takes messages out works until it is empty, and then it takes messages again.
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <set>

#include "queue/store/test_store.h"
#include "sqlite/log_room.h"
#include "sqlite/sqlite.h"

namespace facepipe::queue {
namespace {

using ::testing::IsEmpty;

class QueueStoreFull : public StoreFixture {
 protected:
  // Messages of each size until the store takes no more; returns their bodies.
  std::set<std::string> fill(const std::string& name) {
    std::set<std::string> stored;
    for (const std::size_t bytes : {60'000U, 5'000U, 700U, 1U}) {
      while (true) {
        std::string body = std::to_string(stored.size()) + ":" + std::string(bytes, 'x');
        const std::string group = "g" + std::to_string(stored.size());  // FIFO: none locks another
        const auto sent = send(name, message(body, group));
        if (!sent) {
          EXPECT_EQ(sent.error().code, ErrorCode::kExhausted) << sent.error().message;
          break;
        }
        stored.insert(std::move(body));
      }
    }
    EXPECT_GT(stored.size(), 50U);
    return stored;
  }

  // Receives everything first, so that no removal makes room for it, and changes what can be changed meanwhile.
  void empty_it(const std::string& name, std::set<std::string> stored) {
    std::vector<std::string> handles;
    while (true) {
      const auto received = receive(name, 10);
      if (received.empty()) {
        break;
      }
      for (const ReceivedMessage& message : received) {
        EXPECT_EQ(stored.erase(message.body), 1U);
        handles.push_back(message.receipt_handle);
        const Status hidden = hide(name, message.receipt_handle, Seconds(600));
        EXPECT_TRUE(hidden) << hidden.error().message;
      }
    }
    EXPECT_THAT(stored, IsEmpty()) << "lost";
    for (const std::string& handle : handles) {
      EXPECT_TRUE(remove(name, handle));
    }
    EXPECT_EQ(statistics(name).in_flight, 0);
  }

  // What the next second brings.
  Status health_after_a_trial() {
    clock_.advance(Seconds(2));
    (void)store_->list_queues("");
    (void)store_->list_queues("");  // returns after the trial
    return store_->health();
  }

  static std::int64_t blocks(const std::filesystem::path& path) {
    struct stat info{};
    return ::stat(path.c_str(), &info) == 0 ? std::int64_t{info.st_blocks} * 512 : -1;
  }
};

TEST_F(QueueStoreFull, IsEmptiedAndReadyAgain) {
  max_file_bytes_ = 6 << 20;
  reopen();
  create("q");
  EXPECT_TRUE(store_->health());
  empty_it("q", fill("q"));
  EXPECT_TRUE(health_after_a_trial());
  EXPECT_TRUE(send("q", message(std::string(1 << 20, 'x'))));
}

TEST_F(QueueStoreFull, FifoQueueIsEmptiedAlsoAfterAReopening) {
  max_file_bytes_ = 6 << 20;
  reopen();
  create("q.fifo", fifo_attributes());
  const std::set<std::string> stored = fill("q.fifo");
  reopen();
  empty_it("q.fifo", stored);
  EXPECT_TRUE(health_after_a_trial());
  EXPECT_EQ(fill("q.fifo").empty(), false);
}

TEST_F(QueueStoreFull, IsNotReadyAndTakesNothingUntilThereIsRoom) {
  max_file_bytes_ = 6 << 20;
  reopen();
  create("q");
  create("rest");
  (void)fill("q");
  for (const ReceivedMessage& message : receive("q", 10)) {
    EXPECT_TRUE(hide("q", message.receipt_handle, Seconds(600)));
  }
  EXPECT_EQ(send("rest", message(std::string(600'000, 'x'))).error().code, ErrorCode::kExhausted);
  EXPECT_FALSE(health_after_a_trial());
  reopen();
  EXPECT_FALSE(health_after_a_trial()) << "after a reopening too";
}

TEST_F(QueueStoreFull, WorkIsCompletedWithItsAnswers) {
  max_file_bytes_ = 6 << 20;
  reopen();
  create("faces");
  create("answers");
  const std::size_t stored = fill("faces").size();
  std::size_t completed = 0;
  while (true) {
    std::vector<Completion> completions;
    for (const ReceivedMessage& received : receive("faces", 10)) {
      completions.push_back({received.receipt_handle, message(R"({"name":"unknown"})")});
    }
    if (completions.empty()) {
      break;
    }
    const auto results = store_->complete_batch("faces", "answers", completions);
    ASSERT_TRUE(results) << results.error().message;
    completed += results->size();
  }
  EXPECT_EQ(completed, stored);
  EXPECT_EQ(statistics("answers").visible, static_cast<std::int64_t>(stored));
  EXPECT_TRUE(health_after_a_trial());
}

TEST_F(QueueStoreFull, LogHasItsBlocksAndTheReserveHasThemMeanwhile) {
  EXPECT_GE(blocks(file().native() + "-wal"), sqlite::kLogRoomBytes);
  EXPECT_EQ(blocks(sqlite::reserve_file(file())), -1);
  store_.reset();
  EXPECT_EQ(blocks(file().native() + "-wal"), -1);
  EXPECT_GE(blocks(sqlite::reserve_file(file())), sqlite::kLogRoomBytes);
  EXPECT_EQ(std::filesystem::file_size(sqlite::reserve_file(file())), 0U);
  reopen();
  EXPECT_GE(blocks(file().native() + "-wal"), sqlite::kLogRoomBytes);
  EXPECT_EQ(blocks(sqlite::reserve_file(file())), -1);
}

TEST_F(QueueStoreFull, RefusedOpeningLeavesTheReserve) {
  store_.reset();
  {
    auto database = sqlite::Database::open(file(), kStoreKind);
    ASSERT_TRUE(database);
    ASSERT_TRUE((*database)->execute("UPDATE secret SET key_id = x'0102030405060708'"));
  }
  EXPECT_FALSE(QueueStore::open(file(), {.clock = &clock_}));
  EXPECT_GE(blocks(sqlite::reserve_file(file())), sqlite::kLogRoomBytes);
}

// What is committed can be taken into the file, whatever happens to the disk: the file has the space already.
TEST_F(QueueStoreFull, FileGrowsBeforeTheCommit) {
  create("q");
  for (int i = 0; i < 5; ++i) {
    send_ok("q", message(std::string(200'000, 'x')));
  }
  EXPECT_GE(std::filesystem::file_size(file()), 1'000'000U) << "no checkpoint has been yet";
  EXPECT_GE(blocks(file()), 1'000'000);
}

TEST_F(QueueStoreFull, TrialWriteThatWasCutOffIsDropped) {
  store_.reset();
  {
    auto database = sqlite::Database::open(file(), kStoreKind);
    ASSERT_TRUE(database);
    ASSERT_TRUE((*database)->execute("INSERT OR REPLACE INTO payload VALUES (-1, zeroblob(1048576), x'')"));
  }
  reopen();
  store_.reset();
  auto database = sqlite::Database::open(file(), kStoreKind);
  ASSERT_TRUE(database);
  EXPECT_EQ(*(*database)->query_integer("SELECT length(body) FROM payload WHERE message = -1"), 256 << 10);
}

}  // namespace
}  // namespace facepipe::queue
