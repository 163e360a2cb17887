// A process that is killed in the middle of writing: every batch is there whole or not at all, and each that was
// acknowledged is there; written again, it changes nothing.
#include <gtest/gtest.h>
#include <unistd.h>

#include <set>
#include <thread>

#include "faces/store/test_face_store.h"
#include "sqlite/test_killed_writer.h"

namespace facepipe::faces {
namespace {

constexpr std::uint64_t kWriters = 4;
constexpr std::uint64_t kFaces = 3;

class CrashTest : public FaceStoreFixture {
 protected:
  // Number `batch` as it is always written: its faces, a visit, an event that says the number.
  [[nodiscard]] Batch numbered(std::uint64_t batch) const {
    Batch made;
    for (std::uint64_t i = 0; i < kFaces; ++i) {
      made.faces.push_back(face(batch * 10 + i));
      made.faces.back().crop->picture.resize(6'000);
    }
    made.visits = {visit(batch)};
    made.events = {event("batch", std::to_string(batch))};
    return made;
  }

  // The child: writes until it is killed, and says the number of each batch that is written.
  [[noreturn]] void write_for_ever(int pipe, std::uint64_t first) {
    auto opened = SqliteFaceStore::open(file(), options_);
    if (!opened) {
      ::_exit(1);
    }
    std::vector<std::thread> writers;
    for (std::uint64_t writer = 0; writer < kWriters; ++writer) {
      writers.emplace_back([&, writer] {
        for (std::uint64_t batch = first + writer;; batch += kWriters) {
          if (!(*opened)->write(numbered(batch))) {
            ::_exit(2);
          }
          sqlite::say(pipe, batch);
        }
      });
    }
    while (true) {
      ::pause();
    }
  }

  std::set<std::uint64_t> written_until_killed(std::uint64_t first, std::size_t kill_after) {
    return sqlite::said_until_killed<std::uint64_t>(kill_after, [&](int pipe) { write_for_ever(pipe, first); });
  }

  // How many of the batch's five records are there.
  [[nodiscard]] std::uint64_t parts(std::uint64_t batch, const std::multiset<std::string>& events) const {
    std::uint64_t there = 0;
    for (std::uint64_t i = 0; i < kFaces; ++i) {
      there += store_->face_crop(FaceId{batch * 10 + i}).has_value() ? 1U : 0U;
    }
    there += store_->visit(VisitId{batch}).has_value() ? 1U : 0U;
    return there + events.count(std::to_string(batch));
  }

  [[nodiscard]] std::multiset<std::string> all_events() const {
    std::multiset<std::string> events;
    EventId last{0};
    while (true) {
      const auto page = store_->events_after(last, kMaxPage);
      EXPECT_TRUE(page);
      if (!page || page->empty()) {
        return events;
      }
      for (const Event& one : *page) {
        events.insert(one.what.json);
        last = one.id;
      }
    }
  }
};

TEST_F(CrashTest, EveryBatchIsWholeOrAbsent) {
  store_.reset();
  std::set<std::uint64_t> acknowledged;
  std::uint64_t first = 1;
  for (int kill = 0; kill < 10; ++kill) {
    const auto now = written_until_killed(first, 20 + static_cast<std::size_t>(kill) * 7);
    acknowledged.insert(now.begin(), now.end());
    first = *acknowledged.rbegin() + 2 * kWriters;
  }
  reopen();
  const std::multiset<std::string> events = all_events();
  std::uint64_t unacknowledged = 0;
  for (std::uint64_t batch = 1; batch < first; ++batch) {
    const std::uint64_t there = parts(batch, events);
    EXPECT_TRUE(there == 0 || there == kFaces + 2) << batch << ": " << there;
    EXPECT_TRUE(there > 0 || !acknowledged.contains(batch)) << batch << " was acknowledged";
    unacknowledged += there > 0 && !acknowledged.contains(batch) ? 1U : 0U;
  }
  RecordProperty("written", static_cast<int>(acknowledged.size()));
  RecordProperty("whole_unacknowledged", static_cast<int>(unacknowledged));
  const Written again = write_ok(numbered(*acknowledged.begin()));
  EXPECT_EQ(again.kept_before.size(), kFaces);
}

}  // namespace
}  // namespace facepipe::faces
