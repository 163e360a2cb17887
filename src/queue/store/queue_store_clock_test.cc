// The clock is set while the store is open, or while it is closed: nothing expires, hides or comes back by it.
#include <gmock/gmock.h>

#include <atomic>
#include <utility>

#include "queue/store/store_clock.h"
#include "queue/store/test_store.h"

namespace facepipe::queue {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr std::chrono::hours kYears{24 * 365 * 10};

// `clock_.advance` alone is a jump; time passes by pass().
class QueueStoreClock : public StoreFixture {
 protected:
  QueueStoreClock() {
    monotonic_ = [this] { return std::chrono::milliseconds(elapsed_.load()); };
    reopen();
    create("q");
  }
  ~QueueStoreClock() override { store_.reset(); }  // it reads the time that this object keeps
  void pass(std::chrono::milliseconds time) {
    elapsed_ += time.count();
    clock_.advance(time);
  }
  std::atomic<std::int64_t> elapsed_ = 0;
};

TEST_F(QueueStoreClock, AJumpForwardExpiresNothing) {
  send_ok("q", message("kept"));
  clock_.advance(kYears);
  EXPECT_THAT(bodies(receive("q")), ElementsAre("kept"));
  EXPECT_EQ(*statistics("q").oldest_sent_at, clock_.now()) << "its age is what it was";
}

TEST_F(QueueStoreClock, AJumpForwardMakesNothingVisible) {
  send_ok("q", message("in flight"));
  ASSERT_THAT(receive("q", 10, Seconds(30)), SizeIs(1));
  clock_.advance(kYears);
  EXPECT_THAT(receive("q"), IsEmpty());
  pass(Seconds(29));
  EXPECT_THAT(receive("q"), IsEmpty());
  pass(Seconds(2));
  EXPECT_THAT(receive("q"), SizeIs(1));
}

TEST_F(QueueStoreClock, AJumpBackHidesNothingLonger) {
  send_ok("q", message("in flight"));
  ASSERT_THAT(receive("q", 10, Seconds(30)), SizeIs(1));
  clock_.advance(-kYears);
  pass(Seconds(31));
  EXPECT_THAT(receive("q"), SizeIs(1));
}

TEST_F(QueueStoreClock, AClockThatWasSetBackWhileTheStoreWasClosed) {
  send_ok("q", message("in flight"));
  send_ok("q", message("waiting"));
  ASSERT_THAT(receive("q", 1, Seconds(30)), SizeIs(1));
  store_.reset();
  clock_.advance(-kYears);
  reopen();
  EXPECT_THAT(bodies(receive("q")), ElementsAre("waiting"));
  pass(Seconds(31));
  EXPECT_THAT(bodies(receive("q", 1)), ElementsAre("in flight"));
}

TEST_F(QueueStoreClock, TimeThatPassesWhileTheStoreIsClosedCounts) {
  QueueAttributes attributes;
  attributes.retention = Seconds(60);
  create("short", attributes);
  send_ok("short", message("old"));
  store_.reset();
  clock_.advance(Seconds(61));
  reopen();
  EXPECT_EQ(statistics("short").visible, 0);
}

TEST_F(QueueStoreClock, SlewingIsFollowed) {
  ManualClock wall{Clock::TimePoint(std::chrono::milliseconds(1'000))};
  std::chrono::milliseconds steady{0};
  StoreClock clock(wall, [&steady] { return steady; });
  wall.advance(std::chrono::milliseconds(400));
  EXPECT_EQ(clock.now(), wall.now() - std::chrono::milliseconds(400)) << "no time has passed";
  EXPECT_EQ(clock.jump(), std::chrono::milliseconds(0));
  EXPECT_EQ(clock.now(), wall.now());
  wall.advance(std::chrono::milliseconds(-5'000));
  EXPECT_EQ(clock.jump(), std::chrono::milliseconds(-5'000));
  clock.follow();
  EXPECT_EQ(clock.jump(), std::chrono::milliseconds(0));
  EXPECT_EQ(clock.now(), wall.now());
}

// A wall clock that is read while the process does not run: `stopped` passes before it says the time, once.
class StoppedWhileReading final : public Clock {
 public:
  StoppedWhileReading(ManualClock& time, std::chrono::milliseconds& stopped) : time_(time), stopped_(stopped) {}
  [[nodiscard]] TimePoint now() const override {
    time_.advance(std::exchange(stopped_, std::chrono::milliseconds(0)));
    return time_.now();
  }

 private:
  ManualClock& time_;
  std::chrono::milliseconds& stopped_;
};

TEST_F(QueueStoreClock, AProcessThatWasStoppedBetweenTheReadingsSeesNoJump) {
  ManualClock time;
  std::chrono::milliseconds stopped{0};
  const StoppedWhileReading wall(time, stopped);
  StoreClock clock(wall, [&time] { return time.now().time_since_epoch(); });
  stopped = std::chrono::seconds(99);
  EXPECT_EQ(clock.jump(), std::chrono::milliseconds(0));
  EXPECT_EQ(clock.now(), time.now());
  stopped = std::chrono::seconds(99);
  clock.follow();
  EXPECT_EQ(clock.now(), time.now());
}

}  // namespace
}  // namespace facepipe::queue
