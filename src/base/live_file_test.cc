#include "base/live_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <string>
#include <thread>
#include <vector>

#include "base/file.h"
#include "base/temporary_folder.h"

namespace facepipe {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds kPatience{60};

class LiveFileTest : public ::testing::Test {
 protected:
  using Live = LiveFile<std::string>;

  LiveFileTest() { put("one"); }
  void put(std::string_view text) const { ASSERT_TRUE(write_file_atomically(file_, as_bytes(text))); }
  // In place, as an editor or a copy does it; size and time of modification can stay as they are.
  void put_in_place(std::string_view text) const {
    const int fd = ::open(file_.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC);
    ASSERT_EQ(::write(fd, text.data(), text.size()), static_cast<ssize_t>(text.size()));
    ::close(fd);
  }
  void set_modified(std::int64_t second) const {
    const std::array<timespec, 2> times = {timespec{second, 1}, timespec{second, 1}};
    ASSERT_EQ(::utimensat(AT_FDCWD, file_.c_str(), times.data(), 0), 0);
  }
  std::unique_ptr<Live> open() {
    auto live = Live::open(file_,
                           [this]() -> Result<std::string> {
                             ++loads_;
                             if (meanwhile_) {
                               meanwhile_();
                             }
                             if (failure_) {
                               return Error{ErrorCode::kUnavailable, *failure_};
                             }
                             FACEPIPE_ASSIGN(const Bytes bytes, read_file(file_, 100));
                             return std::string(as_text(bytes));
                           },
                           {[this](const std::string& text) { events_.push_back("loaded " + text); },
                            [this](const Error& error) { events_.push_back("failed " + error.message); }});
    EXPECT_TRUE(live);
    return live ? *std::move(live) : nullptr;
  }
  // Whether looking alone comes to load `expected`, without another change of the file.
  static bool comes_to_be(Live& live, std::string_view expected) {
    const auto until = std::chrono::steady_clock::now() + kPatience;
    auto look = live.look(Live::Meanwhile::kWait);
    while ((look.outdated_since || *look.value != expected) && std::chrono::steady_clock::now() < until) {
      std::this_thread::sleep_for(milliseconds(1));
      look = live.look(Live::Meanwhile::kWait);
    }
    return !look.outdated_since && *look.value == expected;
  }

  const TemporaryFolder folder_;
  const std::filesystem::path file_ = folder_ / "file";
  std::atomic<int> loads_ = 0;
  std::optional<std::string> failure_;
  std::function<void()> meanwhile_;
  std::vector<std::string> events_;
};

TEST_F(LiveFileTest, IsLoadedWhenItHasChangedAndNotElse) {
  const auto live = open();
  EXPECT_EQ(*live->look(Live::Meanwhile::kWait).value, "one");
  put("two");
  EXPECT_EQ(*live->look(Live::Meanwhile::kWait).value, "two");
  std::filesystem::remove(file_);
  failure_ = "gone";
  EXPECT_EQ(*live->look(Live::Meanwhile::kWait).value, "two");
  EXPECT_TRUE(live->look(Live::Meanwhile::kWait).outdated_since.has_value());
  EXPECT_EQ(events_, (std::vector<std::string>{"loaded two", "failed gone"}));
}

TEST_F(LiveFileTest, AFailedLoadIsTriedAgainWithoutAnotherChange) {
  const auto live = open();
  failure_ = "too many open files";
  put("two");
  const auto look = live->look(Live::Meanwhile::kWait);
  EXPECT_EQ(*look.value, "one");
  EXPECT_TRUE(look.outdated_since.has_value());
  failure_.reset();
  EXPECT_TRUE(comes_to_be(*live, "two"));
  EXPECT_EQ(events_, (std::vector<std::string>{"failed too many open files", "loaded two"}));
}

TEST_F(LiveFileTest, AFileThatStaysBadIsNotLoadedAtEveryLookAndSaidOnce) {
  const auto live = open();
  failure_ = "bad";
  put("two");
  const int before = loads_;
  const auto begin = std::chrono::steady_clock::now();
  while (loads_ - before < 3 && std::chrono::steady_clock::now() < begin + kPatience) {
    EXPECT_TRUE(live->look(Live::Meanwhile::kWait).outdated_since.has_value());
  }
  EXPECT_EQ(loads_ - before, 3);
  EXPECT_GE(std::chrono::steady_clock::now() - begin, 2 * kShortestLoadPause) << "one at once, then one a pause";
  EXPECT_EQ(events_, (std::vector<std::string>{"failed bad"}));
  put("three");  // a change is tried at once
  failure_.reset();
  EXPECT_EQ(*live->look(Live::Meanwhile::kWait).value, "three");
}

TEST_F(LiveFileTest, AChangeOfModeAloneIsAChange) {
  const auto live = open();
  const auto is_private = [this] { return (version_of(file_).mode & 077U) == 0; };
  meanwhile_ = [&] { failure_ = is_private() ? std::nullopt : std::optional<std::string>("others can read it"); };
  put("two");
  EXPECT_TRUE(live->look(Live::Meanwhile::kWait).outdated_since.has_value());
  ASSERT_EQ(::chmod(file_.c_str(), 0600), 0);
  EXPECT_EQ(*live->look(Live::Meanwhile::kWait).value, "two") << "at once, not when the pause is over";
}

TEST_F(LiveFileTest, WhatChangesWhileItIsReadDoesNotCountAsLoaded) {
  put_in_place("half....");
  set_modified(1'000'000);
  const auto live = open();
  std::this_thread::sleep_for(2 * milliseconds(50));  // the second look at what was new at the start is due
  EXPECT_EQ(*live->look(Live::Meanwhile::kWait).value, "half....");
  // Completed after it was read, with the same size and time of modification.
  put_in_place("halfhalf");
  set_modified(1'000'000);
  EXPECT_TRUE(comes_to_be(*live, "halfhalf"));
  meanwhile_ = [this] {
    meanwhile_ = nullptr;
    put_in_place("complete");
    set_modified(1'000'000);
  };
  put_in_place("begun...");
  set_modified(1'000'000);
  EXPECT_TRUE(comes_to_be(*live, "complete"));
}

TEST_F(LiveFileTest, AChangeWithinTheTickOfALoadIsFoundWhenTheTickIsOver) {
  FileFollower follower;
  const FileFollower::Time start{seconds(1'000)};
  FileVersion version = version_of(file_);
  const auto wall = std::chrono::system_clock::time_point(seconds(1'700'000'000));
  version.changed_ns = std::chrono::nanoseconds(wall.time_since_epoch()).count() - 1;  // just before it was loaded
  EXPECT_FALSE(follower.loaded(version, start, wall));
  EXPECT_EQ(follower.need(version, start + milliseconds(49)), FileFollower::Need::kNothing);
  EXPECT_EQ(follower.need(version, start + milliseconds(50)), FileFollower::Need::kLoad);
  EXPECT_FALSE(follower.outdated_since().has_value());
  EXPECT_TRUE(follower.loaded(version, start + milliseconds(51), wall + milliseconds(51)));
  EXPECT_EQ(follower.need(version, start + seconds(5)), FileFollower::Need::kNothing) << "once";
}

TEST_F(LiveFileTest, TheSecondLookCountsToo) {
  FileFollower follower;
  const FileFollower::Time start{seconds(1'000)};
  FileVersion none;
  none.error = ENOENT;
  follower.loaded(none, start);
  follower.failed(none, start + seconds(1), start + seconds(1));
  EXPECT_EQ(follower.need(none, start + seconds(1)), FileFollower::Need::kLater);
  EXPECT_EQ(follower.need(none, start + seconds(2)), FileFollower::Need::kLoad);
  EXPECT_TRUE(follower.outdated_since().has_value());
}

TEST_F(LiveFileTest, TroubleIsOverWhenTheFileIsGoneAsItWasAtFirst) {
  for (const milliseconds later : {milliseconds(0), milliseconds(100)}) {  // when its second look is due, too
    events_.clear();
    std::filesystem::remove(file_);
    const auto live = Live::open(file_,
                                 [this]() -> Result<std::string> {
                                   return version_of(file_).error == ENOENT ? Result<std::string>(std::string("none"))
                                                                            : Error{ErrorCode::kInvalidData, "bad"};
                                 },
                                 {[this](const std::string& text) { events_.push_back("loaded " + text); },
                                  [this](const Error& error) { events_.push_back("failed " + error.message); }});
    ASSERT_TRUE(live);
    put("bad");
    EXPECT_TRUE((*live)->look(Live::Meanwhile::kWait).outdated_since.has_value());
    std::filesystem::remove(file_);
    std::this_thread::sleep_for(later);
    EXPECT_FALSE((*live)->look(Live::Meanwhile::kWait).outdated_since.has_value());
    EXPECT_EQ(events_, (std::vector<std::string>{"failed bad", "loaded none"})) << later.count();
  }
}

TEST_F(LiveFileTest, OthersGoOnWhileOneLoads) {
  const auto live = open();
  std::mutex mutex;
  std::condition_variable changed;
  bool loading = false;
  bool released = false;
  meanwhile_ = [&] {
    std::unique_lock lock(mutex);
    loading = true;
    changed.notify_all();
    changed.wait_for(lock, kPatience, [&] { return released; });
  };
  put("two");
  std::thread loader([&] { EXPECT_EQ(*live->look(Live::Meanwhile::kGoOn).value, "two"); });
  {
    std::unique_lock lock(mutex);
    ASSERT_TRUE(changed.wait_for(lock, kPatience, [&] { return loading; }));
  }
  const auto look = live->look(Live::Meanwhile::kGoOn);  // would wait for kPatience under the loader's lock
  EXPECT_EQ(*look.value, "one");
  EXPECT_TRUE(look.outdated_since.has_value());
  std::thread waiter([&] { EXPECT_EQ(*live->look(Live::Meanwhile::kWait).value, "two"); });
  {
    const std::lock_guard lock(mutex);
    released = true;
  }
  changed.notify_all();
  loader.join();
  waiter.join();
}

}  // namespace
}  // namespace facepipe
