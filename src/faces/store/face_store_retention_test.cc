#include <gtest/gtest.h>

#include <thread>

#include "faces/store/test_face_store.h"

namespace facepipe::faces {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using RetentionTest = FaceStoreFixture;

TEST_F(RetentionTest, ContentGoesByItsClassAndTheRecordStays) {
  write_ok({.faces = {face(1), face_of(2, 7, "Ann")}, .pictures = {picture(1, 7)}});
  pass(hours(47));
  EXPECT_TRUE(store_->face_crop(FaceId{1}));
  pass(hours(2));
  EXPECT_EQ(store_->face_crop(FaceId{1}).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(store_->face_embedding(FaceId{1}).error().code, ErrorCode::kNotFound);
  EXPECT_FALSE(store_->face(FaceId{1})->has_crop);
  EXPECT_TRUE(store_->face_crop(FaceId{2}));
  pass(hours(5 * 24));
  EXPECT_EQ(store_->face_crop(FaceId{2}).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(store_->counts()->faces, 2);
  pass(hours(24 * 24));
  EXPECT_EQ(store_->counts()->faces, 0);
  EXPECT_TRUE(store_->picture_crop(PictureId{1})) << "until it is removed";
}

TEST_F(RetentionTest, WhatSomebodySaidDecidesTheClass) {
  write_ok({.faces = {face(1), face_of(2, 7, "Ann")}});
  write_ok({.face_changes = {{.id = FaceId{1}, .mark = Mark::kAssigned, .marked_person = PersonId{7}},
                             {.id = FaceId{2}, .mark = Mark::kRejected, .marked_person = PersonId{7}}}});
  pass(hours(49));
  EXPECT_TRUE(store_->face_crop(FaceId{1}));
  EXPECT_FALSE(store_->face_crop(FaceId{2}));
}

TEST_F(RetentionTest, BytesAreGoneFromEveryFile) {
  write_ok({.faces = {face(41), face_of(42, 7, "Ann")}});
  ASSERT_NE(all_bytes().find("picture of 41"), std::string::npos);
  const std::vector<float> vector = face(41).embedding;
  const std::string embedding(as_text(std::as_bytes(std::span(vector))));
  ASSERT_NE(all_bytes().find(embedding), std::string::npos);
  pass(hours(49));
  EXPECT_EQ(all_bytes().find("picture of 41"), std::string::npos);
  EXPECT_NE(all_bytes().find("picture of 42"), std::string::npos);
  pass(hours(6 * 24));
  EXPECT_EQ(all_bytes().find("picture of 42"), std::string::npos);
  EXPECT_EQ(all_bytes().find(embedding), std::string::npos);
  pass(hours(30 * 24));
  EXPECT_EQ(all_bytes().find("Ann"), std::string::npos);
  EXPECT_EQ(all_bytes().find("request-41"), std::string::npos);
}

TEST_F(RetentionTest, WhatIsNotKeptIsNeverWritten) {
  options_.retention.unknown = seconds(0);
  reopen();
  write_ok({.faces = {face(1)}, .frames = {{"r", "door", clock_.now(), 1, 1, to_bytes(as_bytes("frame bytes"))}}});
  EXPECT_FALSE(store_->face(FaceId{1})->has_crop);
  EXPECT_EQ(store_->frame("r").error().code, ErrorCode::kNotFound) << "frames are not kept unless it is asked for";
  EXPECT_EQ(all_bytes().find("picture of 1"), std::string::npos);
  EXPECT_EQ(all_bytes().find("frame bytes"), std::string::npos);
  UnknownRecord group;
  group.id = UnknownId{1};
  group.last_seen = clock_.now();
  group.centroid = {0.123F, 0.456F, 0.789F, 0.5F};
  const std::string middle(as_text(std::as_bytes(std::span(group.centroid))));
  write_ok({.unknowns = {group}});
  EXPECT_FALSE(store_->unknown(group.id));
  EXPECT_EQ(all_bytes().find(middle), std::string::npos);
  group.ignored = true;  // for good
  write_ok({.unknowns = {group}});
  EXPECT_TRUE(store_->unknown(group.id)->ignored);
  group.ignored = false;
  write_ok({.unknowns = {group}});
  EXPECT_FALSE(store_->unknown(group.id));
}

TEST_F(RetentionTest, FramesGoByTheirAge) {
  options_.retention.frames = hours(1);
  reopen();
  write_ok({.frames = {{"r", "door", clock_.now(), 1, 1, to_bytes(as_bytes("frame bytes"))}}});
  EXPECT_TRUE(store_->frame("r"));
  pass(hours(1));
  EXPECT_EQ(store_->frame("r").error().code, ErrorCode::kNotFound);
  EXPECT_EQ(all_bytes().find("frame bytes"), std::string::npos);
}

TEST_F(RetentionTest, UnknownGroupGoesUnlessItIsIgnored) {
  UnknownRecord group;
  group.id = UnknownId{1};
  group.last_seen = clock_.now();
  UnknownRecord ignored = group;
  ignored.id = UnknownId{2};
  ignored.ignored = true;
  write_ok({.unknowns = {group, ignored}});
  pass(hours(49));
  EXPECT_FALSE(store_->unknown(UnknownId{1}));
  EXPECT_TRUE(store_->unknown(UnknownId{2}));
}

TEST_F(RetentionTest, EventsStayUntilTheyAreDelivered) {
  const std::vector<std::string> outputs = {"a"};
  ASSERT_TRUE(store_->set_outputs(outputs));
  write_ok({.events = {event("one"), event("two")}});
  const std::vector<EventId> first = {EventId{1}};
  ASSERT_TRUE(store_->delivered("a", first));
  pass(hours(8 * 24));
  EXPECT_EQ(store_->events_after(EventId{0}, 10).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(store_->events_after(EventId{1}, 10)->size(), 1U);
  Delivery dead{.event = EventId{2}, .output = "a", .attempts = 1, .due = {}, .dead = true, .error = "gone"};
  ASSERT_TRUE(store_->put_off(dead));
  pass(seconds(10));
  EXPECT_EQ(store_->counts()->events, 0);
  EXPECT_TRUE(store_->dead_deliveries({})->records.empty());
  EXPECT_EQ(*store_->last_event(), EventId{2});
  EXPECT_EQ(write_ok({.events = {event("three")}}).events, std::vector{EventId{3}}) << "ids are never given twice";
}

TEST_F(RetentionTest, ClockThatWasSetIsNotBelievedAtOnce) {
  write_ok({.faces = {face(1)}});
  std::chrono::milliseconds passed{0};
  options_.monotonic = [&passed] { return passed; };
  store_.reset();
  auto opened = SqliteFaceStore::open(file(), options_);
  ASSERT_TRUE(opened);
  store_ = *std::move(opened);
  const auto turn = [&] {
    passed += seconds(10);
    EXPECT_TRUE(store_->delivered("nobody", {}));
    EXPECT_TRUE(store_->delivered("nobody", {}));
  };
  turn();
  clock_.advance(hours(24 * 365));  // and the other clock shows nothing of it
  turn();
  EXPECT_TRUE(store_->face_crop(FaceId{1}));
  passed += hours(1);
  clock_.advance(hours(1));
  turn();
  turn();
  EXPECT_FALSE(store_->face_crop(FaceId{1}));
  store_.reset();
}

// 2 MB of crops against a limit of 1 MB: those of nobody go first, the oldest first.
TEST_F(RetentionTest, LimitOfBytesTakesTheOldestOfNobodyFirst) {
  options_.retention.max_bytes = 1 << 20;
  reopen();
  for (std::uint64_t i = 1; i <= 200; ++i) {
    NewFace one = i % 2 == 0 ? face(i) : face_of(i, 7, "Ann");
    one.crop->picture.resize(10'000, static_cast<std::byte>(i));
    one.record.time += seconds(i);
    write_ok({.faces = {one}, .pictures = {picture(i, 7)}});
  }
  for (int i = 0; i < 5; ++i) {
    pass(seconds(10));
  }
  EXPECT_EQ(store_->counts()->faces, 200);
  EXPECT_EQ(store_->counts()->pictures, 200);
  EXPECT_FALSE(store_->face(FaceId{198})->has_crop) << "of nobody";
  EXPECT_FALSE(store_->face(FaceId{1})->has_crop) << "the oldest of somebody";
  EXPECT_TRUE(store_->face(FaceId{199})->has_crop);
  EXPECT_LT(store_->counts()->bytes, (1 << 20) + (9 << 20)) << "the limit, and the pages that are kept free";
}

TEST_F(RetentionTest, FileShrinks) {
  for (std::uint64_t i = 1; i <= 60; ++i) {
    NewFace one = face(i);
    one.crop->picture.resize(500'000, static_cast<std::byte>(i));
    write_ok({.faces = {one}});
  }
  ASSERT_GT(std::filesystem::file_size(file()), 25U << 20U);
  for (int i = 0; i < 5; ++i) {
    pass(hours(10));
  }
  pass(minutes(1));
  EXPECT_LT(std::filesystem::file_size(file()), 12U << 20U);
}

TEST_F(RetentionTest, CamerasOfNothingAreForgotten) {
  write_ok({.visits = {visit(1, "garden gate")}});
  EXPECT_NE(all_bytes().find("garden gate"), std::string::npos);
  pass(hours(31 * 24));
  pass(hours(2));
  pass(minutes(1));
  EXPECT_EQ(all_bytes().find("garden gate"), std::string::npos);
}

// --- Changed while the store is open.
class ChangedRetentionTest : public FaceStoreFixture {
 protected:
  ChangedRetentionTest() {
    options_.changeable_retention = {"known", "unknown", "frames", "events", "bytes"};
    reopen();
  }
  void change(const RetentionValues& values) { write_ok({.retention = values}); }
};

TEST_F(ChangedRetentionTest, CountsAtTheNextStepAndAfterARestart) {
  write_ok({.faces = {face(1), face_of(2, 7, "Ann")}});
  pass(hours(1));
  EXPECT_TRUE(store_->face_crop(FaceId{1}));
  change({{"unknown", 600}});
  EXPECT_EQ(store_->retention().unknown, seconds(600));
  pass(seconds(0));
  EXPECT_EQ(store_->face_crop(FaceId{1}).error().code, ErrorCode::kNotFound);
  EXPECT_TRUE(store_->face_crop(FaceId{2}));
  change({{"known", std::nullopt}});
  reopen();
  EXPECT_EQ(store_->retention().unknown, seconds(600));
  EXPECT_EQ(store_->retention().known, std::nullopt);
  EXPECT_EQ(store_->retention().visits, Retention{}.visits);
  pass(hours(24 * 20));
  EXPECT_TRUE(store_->face_crop(FaceId{2}));
}

TEST_F(ChangedRetentionTest, DecidesWhatIsWritten) {
  change({{"unknown", 0}, {"frames", 60}});
  write_ok({.faces = {face(1)}, .frames = {{"r", "door", clock_.now(), 1, 1, to_bytes(as_bytes("frame bytes"))}}});
  EXPECT_FALSE(store_->face(FaceId{1})->has_crop);
  EXPECT_TRUE(store_->frame("r"));
}

TEST_F(ChangedRetentionTest, WhatTheOperatorNamedStays) {
  Batch batch{.events = {event("e")}, .retention = {{"visits", 60}, {"known", 60}}};
  const auto refused = store_->write(batch);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kMismatch);
  EXPECT_NE(refused.error().message.find("--keep-visits"), std::string::npos);
  EXPECT_EQ(store_->last_event().value(), EventId{0}) << "nothing of it is written";
  batch.retention = {{"events", 5}};
  EXPECT_EQ(store_->write(batch).error().code, ErrorCode::kInvalidArgument);
  change({{"known", 60}});
  options_.changeable_retention.erase("known");
  reopen();
  EXPECT_EQ(store_->retention().known, Retention{}.known) << "named at the start: that counts";
  options_.changeable_retention.insert("known");
  reopen();
  EXPECT_EQ(store_->retention().known, seconds(60));
}

TEST_F(ChangedRetentionTest, AFailedBatchChangesNothing) {
  const Batch batch{.change = NewChange{clock_.now(), "page", "settings.change", "{}"},
                    .undoes = ChangeId{99},
                    .retention = {{"known", 60}}};
  EXPECT_EQ(store_->write(batch).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(store_->retention().known, Retention{}.known);
  reopen();
  EXPECT_EQ(store_->retention().known, Retention{}.known);
}

TEST_F(ChangedRetentionTest, ManyAtOnceLeaveWhatTheFileSays) {
  std::vector<std::thread> threads;
  for (std::int64_t thread = 1; thread <= 4; ++thread) {
    threads.emplace_back([this, thread] {
      for (std::int64_t i = 0; i < 25; ++i) {
        change({{"known", 60 + i * 10 + thread}, {"bytes", i * 10 + thread}});
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  const RetentionValues now = values_of(store_->retention());
  reopen();
  EXPECT_EQ(values_of(store_->retention()), now);
}

TEST_F(ChangedRetentionTest, TellsWhatWouldGo) {
  write_ok({.faces = {face(1), face_of(2, 7, "Ann")}, .visits = {visit(1)}, .events = {event("e"), event("f")}});
  pass(hours(2));
  write_ok({.faces = {face(3)}});
  clock_.advance(seconds(1));
  const std::int64_t picture = static_cast<std::int64_t>(std::string_view("picture of 1").size());
  const auto loss = store_->loss_by({{"unknown", 3600}, {"events", 3600}});
  ASSERT_TRUE(loss) << loss.error().message;
  EXPECT_EQ(loss->faces, 1);
  EXPECT_EQ(loss->bytes, picture);
  EXPECT_EQ(loss->events, 2);
  EXPECT_EQ(loss->visits, 0);
  const auto all = store_->loss_by({{"unknown", 0}, {"known", 0}, {"visits", 60}});
  EXPECT_EQ(all->faces, 3);
  EXPECT_EQ(all->visits, 1);
  EXPECT_EQ(store_->loss_by({{"known", std::nullopt}})->faces, 0);
  EXPECT_GT(store_->loss_by({{"bytes", 1}})->bytes, 10'000) << "the file's own";
  EXPECT_FALSE(store_->loss_by({{"pictures", 1}}));
  EXPECT_TRUE(store_->face_crop(FaceId{1})) << "nothing went";
}

}  // namespace
}  // namespace facepipe::faces
