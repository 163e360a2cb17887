// Erasure, proven by a search of every byte of the folder.
#include <gtest/gtest.h>

#include <future>
#include <random>
#include <thread>

#include "faces/store/test_face_store.h"

namespace facepipe::faces {
namespace {

class EraseTest : public FaceStoreFixture {
 protected:
  void expect_gone(const std::string& text) const { EXPECT_EQ(all_bytes().find(text), std::string::npos) << text; }
  void expect_there(const std::string& text) const { EXPECT_NE(all_bytes().find(text), std::string::npos) << text; }
};

TEST_F(EraseTest, PersonIsNowhere) {
  NewFace told = face_of(1, 7, "Wilhelmina");
  told.record.visit = VisitId{1};
  NewFace alike = face_of(2, 8, "Bob");
  alike.record.decision.second_person = PersonId{7};
  alike.record.decision.second_name = "Wilhelmina";
  NewFace said = face(3);
  VisitRecord hers = visit(1);
  hers.person = PersonId{7};
  hers.name = "Wilhelmina";
  VisitRecord his = visit(2);
  his.person = PersonId{8};
  his.name = "Bob";
  his.second_person = PersonId{7};
  his.second_name = "Wilhelmina";
  VisitRecord voted = visit(3);
  voted.votes = R"({"names":["Wilhelmina"]})";
  write_ok({.faces = {told, alike, said},
            .visits = {hers, his, voted},
            .pictures = {picture(91, 7), picture(92, 8)},
            .events = {event("visit.named", R"({"name":"Wilhelmina"})"), event("x", R"({"person":"0000000000000007"})"),
                       event("x", R"({"name":"Bob"})"),
                       event(std::string(kPersonErasedEvent), R"({"person":"0000000000000007"})")},
            .change = NewChange{clock_.now(), "Wilhelmina", "person.add", R"({"name":"Wilhelmina"})"}});
  write_ok(
      {.face_changes = {{.id = FaceId{3}, .mark = Mark::kAssigned, .marked_person = PersonId{7}}},
       .change = NewChange{clock_.now(), "page", std::string(kPersonEraseAction), R"({"person":"0000000000000007"})"}});
  expect_there("Wilhelmina");
  expect_there("picture of 1");
  const auto erased = store_->erase(PersonId{7});
  ASSERT_TRUE(erased) << erased.error().message;
  EXPECT_GE(*erased, 9);
  expect_gone("Wilhelmina");
  expect_gone("picture of 1");
  expect_gone("picture of 3");
  expect_gone("enrolled 91");
  expect_there("picture of 2");
  expect_there("enrolled 92");
  EXPECT_EQ(store_->face(FaceId{2})->decision.name, "Bob");
  EXPECT_FALSE(store_->face(FaceId{2})->decision.second_person);
  EXPECT_EQ(store_->visit(VisitId{2})->name, "Bob");
  EXPECT_FALSE(store_->visit(VisitId{2})->second_person);
  EXPECT_EQ(store_->visit(VisitId{3})->votes, "");
  EXPECT_EQ(store_->events_after(EventId{0}, 10)->size(), 2U) << "Bob's, and that of the erasure";
  EXPECT_EQ(store_->change(ChangeId{1})->what.json, R"({"erased":true})");
  EXPECT_EQ(store_->change(ChangeId{1})->what.action, "person.add");
  EXPECT_EQ(store_->change(ChangeId{2})->what.json, R"({"person":"0000000000000007"})");
  EXPECT_EQ(*store_->erase(PersonId{7}), 0);
}

TEST_F(EraseTest, FaceAndUnknownAreNowhere) {
  NewFace one = face(51);
  one.record.unknown = UnknownId{5};
  VisitRecord stay = visit(1);
  stay.unknown = UnknownId{5};
  UnknownRecord group;
  group.id = UnknownId{5};
  group.last_seen = clock_.now();
  group.centroid = {0.123F, 0.456F, 0.789F, 0.5F};
  write_ok({.faces = {one, face(52), face(53)}, .visits = {stay}, .unknowns = {group}});
  EXPECT_EQ(*store_->erase_face(FaceId{52}), 1);
  expect_gone("picture of 52");
  expect_gone("request-52");
  EXPECT_EQ(*store_->erase(UnknownId{5}), 3);
  expect_gone("picture of 51");
  expect_gone(std::string(as_text(std::as_bytes(std::span(group.centroid)))));
  EXPECT_EQ(store_->counts()->visits, 0);
  expect_there("picture of 53");
}

TEST_F(EraseTest, TheWholeFramesThatAFaceWasInGoWithIt) {
  options_.retention.frames = std::chrono::hours(24);
  reopen();
  const auto frame = [&](const std::string& request, const std::string& camera, const std::string& jpeg) {
    return FramePicture{request, camera, clock_.now(), 640, 480, to_bytes(as_bytes(jpeg))};
  };
  write_ok({.frames = {frame("request-1", "door", "frame of one and of a bystander")}});
  write_ok({.faces = {face_of(1, 7, "Ann"), face(2)}});
  write_ok({.frames = {frame("request-1", "hall", "frame of another camera"),
                       frame("request-2", "door", "frame of somebody else, alone")}});
  clock_.advance(std::chrono::seconds(1));
  write_ok({.frames = {frame("request-1", "door", "frame of a later time under its id")}});
  ASSERT_EQ(*store_->erase(PersonId{7}), 2);
  expect_gone("frame of one and of a bystander");
  expect_there("frame of another camera");
  expect_there("frame of a later time under its id");
  ASSERT_EQ(*store_->erase_face(FaceId{2}), 2);
  expect_gone("frame of somebody else, alone");
  EXPECT_EQ(store_->counts()->frames, 2);
}

TEST_F(EraseTest, SealedContentIsErasedToo) {
  ASSERT_TRUE(SealingKey::make_file(folder_.path() / "key"));
  options_.key = *SealingKey::from_file(folder_.path() / "key");
  store_.reset();
  std::filesystem::remove(file());
  reopen();
  write_ok({.faces = {face_of(1, 7, "Ann"), face_of(2, 8, "Bob")}});
  EXPECT_EQ(*store_->erase(PersonId{7}), 1);
  EXPECT_EQ(store_->counts()->faces, 1);
  EXPECT_EQ(store_->counts()->crops, 1);
}

// Visits change their size all the time, so that SQLite moves them from page to page.
TEST_F(EraseTest, NothingIsLeftWhereRowsWereMoved) {
  std::mt19937 random(1);
  Batch batch;
  for (std::uint64_t i = 1; i <= 3'000; ++i) {
    VisitRecord one = visit(i);
    one.person = PersonId{i % 2};
    one.name = i % 2 == 0 ? "Wilhelmina" : "Bob";
    one.votes.assign(random() % 300, 'v');
    batch.visits.push_back(one);
    if (batch.visits.size() == 50) {
      write_ok(batch);
      for (VisitRecord& again : batch.visits) {
        again.votes.assign(random() % 700, 'w');
      }
      std::shuffle(batch.visits.begin(), batch.visits.end(), random);
      write_ok(batch);
      batch.visits.clear();
    }
  }
  EXPECT_EQ(*store_->erase(PersonId{0}), 1'500);
  expect_gone("Wilhelmina");
  EXPECT_EQ(store_->counts()->visits, 1'500);
}

TEST_F(EraseTest, WritesGoOnMeanwhile) {
  for (std::uint64_t i = 1; i <= 300; ++i) {
    write_ok({.faces = {face_of(i, 7, "Ann")}});
  }
  std::atomic<bool> stop = false;
  std::promise<void> begun;
  std::thread writer([&] {
    EXPECT_TRUE(store_->write({.faces = {face(1'000)}}));
    begun.set_value();
    for (std::uint64_t i = 1'001; !stop; ++i) {
      EXPECT_TRUE(store_->write({.faces = {face(i)}}));
    }
  });
  begun.get_future().wait();
  EXPECT_EQ(*store_->erase(PersonId{7}), 300);
  stop = true;
  writer.join();
  expect_gone("Ann");
}

}  // namespace
}  // namespace facepipe::faces
