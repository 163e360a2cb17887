#include "sqlite/committer.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>

#include "base/temporary_folder.h"

namespace facepipe::sqlite {
namespace {

class CommitterTest : public ::testing::Test {
 protected:
  CommitterTest() {
    auto opened = Database::open(folder_.path() / "test.db", "test store");
    EXPECT_TRUE(opened) << opened.error().message;
    database_ = *std::move(opened);
    EXPECT_TRUE(database_->execute("CREATE TABLE t (x INTEGER UNIQUE)"));
    committer_ = std::make_unique<Committer>(*database_, Committer::Hooks{[this] { ++commits_; }, [] {}});
  }

  Status insert(std::int64_t x) { return database_->statement("INSERT INTO t (x) VALUES (?)").bind(x).run(); }

  std::int64_t count() {
    std::int64_t rows = -1;
    EXPECT_TRUE(committer_->execute([&]() -> Status {
      FACEPIPE_ASSIGN(rows, database_->query_integer("SELECT count(*) FROM t"));
      return {};
    }));
    return rows;
  }

  // Until so many operations wait for their turn.
  void wait_for_waiting(std::size_t operations) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (committer_->waiting() < operations && std::chrono::steady_clock::now() < end) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    EXPECT_EQ(committer_->waiting(), operations);
  }

  TemporaryFolder folder_;
  std::unique_ptr<Database> database_;
  std::atomic<int> commits_ = 0;
  std::unique_ptr<Committer> committer_;
};

TEST_F(CommitterTest, FailedOperationLeavesNothing) {
  const Status status = committer_->execute([&]() -> Status {
    FACEPIPE_TRY(insert(1));
    return Error{ErrorCode::kInvalidArgument, "no"};
  });
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().message, "no");
  EXPECT_EQ(count(), 0);
}

TEST_F(CommitterTest, SqlErrorIsTheOperations) {
  EXPECT_TRUE(committer_->execute([&] { return insert(1); }));
  const Status twice = committer_->execute([&] { return insert(1); });
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().code, ErrorCode::kInternal);
  EXPECT_EQ(count(), 1);
}

// A first operation holds the thread until the others wait: those then share one commit.
TEST_F(CommitterTest, WaitingOperationsShareACommitAndOneFailureSparesTheOthers) {
  constexpr int kCallers = 8;
  std::latch running(1);
  std::latch go_on(1);
  std::thread first([&] {
    EXPECT_TRUE(committer_->execute([&]() -> Status {
      running.count_down();
      go_on.wait();
      return insert(100);
    }));
  });
  running.wait();
  std::atomic<int> failures = 0;
  std::vector<std::thread> callers;
  for (int i = 0; i < kCallers; ++i) {
    callers.emplace_back([&, i] {
      const Status status = committer_->execute([&, i]() -> Status {
        FACEPIPE_TRY(insert(i));
        if (i == 3) {
          return Error{ErrorCode::kInvalidArgument, "three"};
        }
        return {};
      });
      failures += status ? 0 : 1;
    });
  }
  wait_for_waiting(kCallers);
  go_on.count_down();
  first.join();
  for (std::thread& caller : callers) {
    caller.join();
  }
  EXPECT_EQ(failures, 1);
  EXPECT_EQ(commits_, 2);
  EXPECT_EQ(count(), kCallers);  // all but 3, and 100
}

TEST_F(CommitterTest, LostTransactionIsRepeatedOneByOne) {
  std::latch running(1);
  std::latch go_on(1);
  std::thread first([&] {
    EXPECT_TRUE(committer_->execute([&]() -> Status {
      running.count_down();
      go_on.wait();
      return {};
    }));
  });
  running.wait();
  std::thread good([&] { EXPECT_TRUE(committer_->execute([&] { return insert(1); })); });
  wait_for_waiting(1);
  std::thread bad([&] {
    EXPECT_FALSE(committer_->execute([&]() -> Status {
      FACEPIPE_TRY(insert(2));
      FACEPIPE_TRY(database_->execute("ROLLBACK"));  // what SQLite does by itself when the disk is full
      return Error{ErrorCode::kExhausted, "full"};
    }));
  });
  wait_for_waiting(2);
  go_on.count_down();
  first.join();
  good.join();
  bad.join();
  EXPECT_EQ(count(), 1);
}

TEST_F(CommitterTest, RunsBetweenTransactionsWhatCannotBePartOfOne) {
  std::vector<std::thread> callers;
  for (int i = 0; i < 8; ++i) {
    callers.emplace_back([&, i] {
      EXPECT_TRUE(committer_->execute([&, i] { return insert(i); }));
      EXPECT_TRUE(committer_->run_between([&]() -> Status {
        EXPECT_FALSE(database_->in_transaction());
        return database_->execute("VACUUM");
      }));
    });
  }
  for (std::thread& caller : callers) {
    caller.join();
  }
  EXPECT_EQ(count(), 8);
  const Status failed = committer_->run_between([]() -> Status { return Error{ErrorCode::kTimeout, "late"}; });
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().message, "late");
}

}  // namespace
}  // namespace facepipe::sqlite
