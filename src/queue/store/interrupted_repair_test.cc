// A repair that is cut off at any step: the next opening has every message, or names what lies there.
#include "queue/store/interrupted_repair.h"

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "base/file.h"
#include "queue/store/maintenance.h"
#include "queue/store/test_store.h"

namespace facepipe::queue {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr int kStoredMessages = 60;
constexpr int kSoundMessages = 20;  // in the file itself; the rest is in its log alone

class InterruptedRepair : public StoreFixture {
 protected:
  // A store as a crash leaves it, with a log, in data().
  InterruptedRepair() {
    create("q");
    for (int i = 0; i < kStoredMessages; ++i) {
      if (i == kSoundMessages) {
        reopen();  // takes the log into the file
      }
      send_ok("q", message(std::to_string(i) + std::string(6'000, 'x')));
    }
    for (const std::string suffix : {"", "-wal"}) {
      fs::copy_file(file().native() + suffix, crashed().native() + suffix);
    }
    store_.reset();
  }
  [[nodiscard]] fs::path crashed() const { return folder_.path() / "crashed.db"; }

  // A folder of its own with the crashed store.
  fs::path data(const std::string& name) {
    const fs::path folder = folder_.path() / name;
    fs::create_directory(folder);
    for (const std::string suffix : {"", "-wal"}) {
      fs::copy_file(crashed().native() + suffix, (folder / "queues.db").native() + suffix);
    }
    return folder / "queues.db";
  }

  // Repairs in a process that ends at the step of this number. The step's name; empty: it ended by itself.
  std::string repair_until(const fs::path& store, int last) {
    int pipe[2] = {};
    EXPECT_EQ(::pipe(pipe), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      int number = 0;
      const auto salvage = salvage_store(store, clock_, [&](std::string_view step) {
        if (number++ == last) {
          (void)!::write(pipe[1], step.data(), step.size());
          ::_exit(0);
        }
      });
      ::_exit(salvage ? 0 : 1);
    }
    ::close(pipe[1]);
    char text[64] = {};
    const ssize_t size = ::read(pipe[0], text, sizeof(text));
    ::close(pipe[0]);
    int status = 1;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0) << "step " << last;
    return {text, static_cast<std::size_t>(std::max<ssize_t>(size, 0))};
  }

  std::int64_t messages_of(const fs::path& store) {
    auto opened = QueueStore::open(store, {.clock = &clock_});
    EXPECT_TRUE(opened) << opened.error().message;
    return opened ? (*opened)->statistics("q")->visible : -1;
  }
  Error refusal(const fs::path& store) {
    auto opened = QueueStore::open(store, {.clock = &clock_});
    EXPECT_FALSE(opened) << "an empty store in silence";
    return opened ? Error{} : opened.error();
  }
};

TEST_F(InterruptedRepair, FromEachStepTheNextOpeningHasEveryMessage) {
  std::vector<std::string> steps;
  for (int last = 0;; ++last) {
    const fs::path store = data("step-" + std::to_string(last));
    const std::string step = repair_until(store, last);
    if (step.empty()) {
      break;
    }
    steps.push_back(step);
    EXPECT_EQ(messages_of(store), kStoredMessages) << step;
    const RepairFiles left = find_repair_files(store);
    EXPECT_FALSE(left.unfinished) << step;
    EXPECT_THAT(left.repaired, IsEmpty()) << step;
    EXPECT_THAT(check_store(store)->problems, IsEmpty()) << step;
    for (const fs::path& damaged : left.damaged) {  // the log belongs to it
      EXPECT_EQ(check_store(damaged)->messages, kStoredMessages) << step;
    }
  }
  EXPECT_THAT(steps, ::testing::ElementsAre("begun", "copied", "closed", "flushed", "whole", "put aside", "let go",
                                            "log put aside", "in place"));
}

TEST_F(InterruptedRepair, EveryOtherWayInFinishesItToo) {
  constexpr int kPutAside = 5;
  const fs::path checked = data("checked");
  ASSERT_EQ(repair_until(checked, kPutAside), "put aside");
  ASSERT_FALSE(fs::exists(checked));
  EXPECT_EQ(check_store(checked)->messages, kStoredMessages);
  const fs::path saved = data("saved");
  ASSERT_EQ(repair_until(saved, kPutAside), "put aside");
  const fs::path copy = folder_.path() / "copy";
  ASSERT_TRUE(backup_store(saved, copy));
  EXPECT_EQ(check_store(copy)->messages, kStoredMessages);
  const fs::path repaired = data("repaired");
  ASSERT_EQ(repair_until(repaired, kPutAside), "put aside");
  EXPECT_EQ(salvage_store(repaired, clock_)->recovered, kStoredMessages);
  const fs::path erased = data("erased");
  ASSERT_EQ(repair_until(erased, kPutAside), "put aside");
  EXPECT_EQ(*erase_messages(erased, std::nullopt, [](std::string_view) { return true; }), kStoredMessages);
}

// The releases before renamed the damaged store first: to its file, then its log, and built the new one then.
TEST_F(InterruptedRepair, OneOfAnEarlierReleaseIsNamedAndRepairedFromWhatItPutAside) {
  for (const bool log_moved : {false, true}) {
    const fs::path store = data(log_moved ? "both" : "first");
    const fs::path damaged = store.native() + ".damaged-20260101T000000000Z";
    fs::rename(store, damaged);
    if (log_moved) {
      fs::rename(store.native() + "-wal", damaged.native() + "-wal");
      ASSERT_TRUE(write_file_atomically(store.native() + ".new", as_bytes("a part of a store")));
    }
    const Error refused = refusal(store);
    EXPECT_EQ(refused.code, ErrorCode::kInvalidData);
    EXPECT_THAT(refused.message, HasSubstr(damaged.filename().string()));
    EXPECT_THAT(refused.message, HasSubstr("doctor --repair"));
    EXPECT_EQ(check_store(store).error().code, ErrorCode::kInvalidData);
    EXPECT_FALSE(fs::exists(store));
    const auto salvage = salvage_store(store, clock_);
    ASSERT_TRUE(salvage) << salvage.error().message;
    EXPECT_EQ(salvage->recovered, kStoredMessages);
    EXPECT_EQ(salvage->damaged, damaged);
    EXPECT_EQ(messages_of(store), kStoredMessages);
    EXPECT_TRUE(fs::exists(damaged));
  }
}

TEST_F(InterruptedRepair, AMissingStoreBesideAnythingOfItIsRefusedByName) {
  for (const std::string suffix : {"-wal", ".new", ".damaged-20260101T000000000Z"}) {
    for (const bool empty : {false, true}) {
      const fs::path folder = folder_.path() / ("refused" + suffix + (empty ? "-empty" : ""));
      fs::create_directory(folder);
      const fs::path store = folder / "queues.db";
      if (empty) {
        const std::ofstream made(store);
      }
      std::ofstream(store.native() + suffix) << "something";
      EXPECT_THAT(refusal(store).message, HasSubstr("queues.db" + suffix));
      EXPECT_EQ(fs::exists(store), empty);
    }
  }
}

TEST_F(InterruptedRepair, ARepairThatFailsLeavesTheStoreWhereItWas) {
  const fs::path store = data("refuses");
  fs::create_directories(fs::path(store.native() + ".new") / "in the way");
  EXPECT_FALSE(salvage_store(store, clock_));
  EXPECT_EQ(messages_of(store), kStoredMessages);
  EXPECT_THAT(find_repair_files(store).damaged, IsEmpty());
}

TEST_F(InterruptedRepair, TwoInOneMillisecondKeepBothDamagedFiles) {
  const fs::path store = data("twice");
  const auto first = salvage_store(store, clock_);
  const auto second = salvage_store(store, clock_);
  ASSERT_TRUE(first && second);
  EXPECT_NE(first->damaged, second->damaged);
  EXPECT_THAT(find_repair_files(store).damaged, SizeIs(2));
}

}  // namespace
}  // namespace facepipe::queue
