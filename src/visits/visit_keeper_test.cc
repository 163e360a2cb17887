// With the store on SQLite.
#include "visits/visit_keeper.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <list>

#include "embed/test_embedder.h"
#include "faces/store/test_face_store.h"
#include "visits/test_faces.h"

namespace facepipe::visits {
namespace {

using faces::VisitState;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using namespace std::chrono_literals;
using testing::embedding_of;

recognize::FaceRecognizer recognizer_of(const std::vector<std::string>& names) {
  gallery::Gallery gallery({"m1", model::known_mode("standard").value(), testing::kSize});
  gallery.set_distance_threshold(1.0F);
  for (std::size_t i = 0; i < names.size(); ++i) {
    EXPECT_TRUE(gallery.add(names[i], embedding_of(i)));
  }
  model::Manifest manifest;
  manifest.model_id = "m1";
  manifest.embedding_size = testing::kSize;
  auto embedder = embed::testing::test_embedder(
      [](std::span<const image::RgbView>, const model::Preprocessing&) -> Result<std::vector<embed::Embedding>> {
        return Error{ErrorCode::kInternal, "not asked"};
      });
  return recognize::FaceRecognizer::create(std::move(embedder), manifest, std::move(gallery)).value();
}

struct VisitKeeperTest : faces::FaceStoreFixture {
  // What the recogniser hands over of person `person` (0: Ann, 1: Bob; others are strangers).
  struct Seen {
    std::string body;
    wire::FaceMessage message;
    std::vector<float> embedding;
    recognize::Identity identity;
    std::optional<recognize::Quality> quality;
  };
  Seen& face(std::size_t person, double seconds, const std::string& camera = "door") {
    Seen& seen = made.emplace_back();
    seen.body = "face " + std::to_string(++count);
    seen.message.request_id = camera + std::to_string(seconds);
    seen.message.face = to_bytes(as_bytes("crop " + std::to_string(count)));
    seen.message.camera = camera;
    seen.message.time = clock_.now() + std::chrono::milliseconds(std::llround(seconds * 1000));
    seen.message.box = image::Box{static_cast<float>(person) * 300, 0, static_cast<float>(person) * 300 + 100, 120};
    seen.message.confidence = 0.99F;
    seen.embedding = embedding_of(person, 0.2F, count % 5);
    seen.identity = recognizer.identify(seen.embedding).value();
    return seen;
  }
  static std::vector<stage::SeenFace> views(const std::vector<const Seen*>& faces) {
    std::vector<stage::SeenFace> views;
    for (const Seen* seen : faces) {
      views.push_back({seen->body, seen->message, seen->embedding, seen->identity, seen->quality});
    }
    return views;
  }
  std::vector<stage::KeptFace> keep(const std::vector<const Seen*>& faces) {
    auto kept = keeper->keep(views(faces), recognizer);
    EXPECT_TRUE(kept) << kept.error().message;
    return kept ? *kept : std::vector<stage::KeptFace>(faces.size());
  }
  void start() {
    keeper.reset();
    KeeperOptions options;
    options.max_cameras = 8;
    options.clock = &clock_;
    options.steady = [this] { return std::chrono::steady_clock::time_point(passed); };
    options.ends_visits = false;
    keeper = VisitKeeper::open(*store_, options, null_logger()).value();
  }
  void SetUp() override { start(); }
  void TearDown() override { keeper.reset(); }
  std::vector<std::string> events() {
    std::vector<std::string> types;
    const auto events = store_->events_after(faces::EventId{0}, 500);
    for (const faces::Event& event : *events) {
      types.push_back(event.what.type);
    }
    return types;
  }
  faces::VisitRecord visit(const std::string& id) { return store_->visit(*faces::parse<faces::VisitId>(id)).value(); }

  recognize::FaceRecognizer recognizer = recognizer_of({"Ann", "Bob"});
  std::list<Seen> made;
  std::size_t count = 0;
  std::chrono::milliseconds passed{0};
  std::unique_ptr<VisitKeeper> keeper;
};

TEST_F(VisitKeeperTest, AFaceIsKeptWithItsVisitAndToldInEvents) {
  const auto kept = keep({&face(0, 0), &face(5, 0)});
  EXPECT_THAT(events(), ElementsAre("face.seen", "face.seen", "visit.started", "visit.named", "visit.started"));
  const faces::VisitRecord ann = visit(kept[0].visit);
  EXPECT_EQ(ann.name, "Ann");
  EXPECT_EQ(ann.state, VisitState::kNamed);
  EXPECT_EQ(ann.unknown, std::nullopt);
  const faces::FaceRecord record = store_->face(*faces::parse<faces::FaceId>(kept[1].face_id)).value();
  EXPECT_EQ(record.camera, "door");
  EXPECT_EQ(record.decision.name, "unknown");
  ASSERT_TRUE(record.unknown);
  EXPECT_EQ(visit(kept[1].visit).unknown, record.unknown);
  EXPECT_EQ(store_->unknown(*record.unknown)->visits, 1);
  EXPECT_EQ(as_text(store_->face_crop(record.id)->picture), "crop 2");
  EXPECT_EQ(keeper->counters().open, 2);
}

TEST_F(VisitKeeperTest, WhatComesAgainChangesNothing) {
  const Seen& ann = face(0, 0);
  const auto first = keep({&ann, &ann});
  EXPECT_EQ(first[0].face_id, first[1].face_id);
  const auto again = keep({&ann});
  EXPECT_EQ(again[0].visit, first[0].visit);
  EXPECT_EQ(visit(first[0].visit).frames, 1);
  EXPECT_THAT(events(), SizeIs(3));
  EXPECT_EQ(keeper->counters().faces, 1);
  EXPECT_EQ(keeper->counters().kept_before, 1);
}

TEST_F(VisitKeeperTest, VisitsEndByTheClockWhenNobodyComes) {
  const std::string id = keep({&face(0, 0)})[0].visit;
  passed += 11s;
  ASSERT_TRUE(keeper->tick());
  EXPECT_EQ(visit(id).state, VisitState::kNamed) << "a batch may be under way";
  passed += 2s;
  ASSERT_TRUE(keeper->tick());
  EXPECT_EQ(visit(id).state, VisitState::kEnded);
  EXPECT_EQ(events().back(), "visit.ended");
  EXPECT_EQ(keeper->counters().open, 0);
}

TEST_F(VisitKeeperTest, WithoutACameraThereIsNoVisitButAGroup) {
  const auto kept = keep({&face(5, 0, "")});
  EXPECT_EQ(kept[0].visit, "");
  EXPECT_TRUE(store_->face(*faces::parse<faces::FaceId>(kept[0].face_id))->unknown);
  EXPECT_THAT(events(), ElementsAre("face.seen"));
}

TEST_F(VisitKeeperTest, AStartTakesUpVisitsAndGroups) {
  const auto before = keep({&face(0, 0), &face(5, 0)});
  const auto group = visit(before[1].visit).unknown;
  start();
  EXPECT_EQ(keeper->counters().open, 2);
  const auto after = keep({&face(5, 4), &face(0, 4)});
  EXPECT_EQ(after[0].visit, before[1].visit);
  EXPECT_EQ(after[1].visit, before[0].visit);
  EXPECT_EQ(visit(before[0].visit).frames, 2);
  start();
  passed += 13s;
  ASSERT_TRUE(keeper->tick());
  EXPECT_EQ(visit(before[0].visit).state, VisitState::kEnded) << "nobody came after the start";
  const auto back = keep({&face(5, 3600, "yard")});
  EXPECT_NE(back[0].visit, before[1].visit);
  EXPECT_EQ(visit(back[0].visit).unknown, group) << "a stranger who comes back, to another camera";
  EXPECT_EQ(store_->unknown(*group)->visits, 2);
}

TEST_F(VisitKeeperTest, NothingIsRememberedOfWhatCouldNotBeWritten) {
  keeper.reset();
  options_.max_file_bytes = 400'000;
  reopen();
  start();
  const std::string id = keep({&face(0, 0)})[0].visit;
  Seen& large = face(0, 1);
  Seen& stranger = face(5, 1);
  large.message.face.resize(600'000);
  const auto failed = keeper->keep(views({&large, &stranger}), recognizer);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ErrorCode::kExhausted);
  EXPECT_EQ(keeper->counters().open, 1);
  EXPECT_EQ(keeper->counters().groups, 0);
  large.message.face.resize(10);
  const auto kept = keep({&large, &stranger});
  EXPECT_EQ(kept[0].visit, id);
  EXPECT_EQ(visit(id).frames, 2);
  EXPECT_EQ(keeper->counters().groups, 1);
  EXPECT_TRUE(visit(kept[1].visit).unknown) << "the frame that failed has not taken the group";
}

TEST_F(VisitKeeperTest, WhoGetsANameIsNoUnknownAnyMore) {
  Seen& unknown = face(0, 0);
  unknown.identity = recognize::unnamed(unknown.identity);
  const auto first = keep({&unknown});
  const auto group = visit(first[0].visit).unknown;
  ASSERT_TRUE(group);
  keep({&face(0, 1)});
  EXPECT_EQ(visit(first[0].visit).name, "Ann");
  EXPECT_EQ(visit(first[0].visit).unknown, std::nullopt);
  EXPECT_EQ(store_->unknown(*group).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(store_->face(*faces::parse<faces::FaceId>(first[0].face_id))->unknown, std::nullopt);
}

TEST_F(VisitKeeperTest, NoGroupHasTwoFacesOfAFrame) {
  Seen& one = face(5, 0);
  Seen& two = face(5, 0);  // as like as twins
  two.message.request_id = one.message.request_id;
  two.message.box = image::Box{900, 0, 1000, 120};
  const auto kept = keep({&one});
  const auto other = keep({&two});
  EXPECT_NE(visit(kept[0].visit).unknown, visit(other[0].visit).unknown);
}

TEST_F(VisitKeeperTest, IgnoredStrangersAreKeptQuietly) {
  const auto first = keep({&face(5, 0)});
  const auto group = *visit(first[0].visit).unknown;
  UnknownCorrection ignored;
  ignored.unknown = group;
  ignored.faces = 1;
  ignored.visits = 1;
  ignored.ignored = true;
  ASSERT_TRUE(keeper->correct({{}, {ignored}}, {}));
  const std::size_t before = events().size();
  passed += 60s;
  ASSERT_TRUE(keeper->tick());
  const auto back = keep({&face(5, 100)});
  EXPECT_EQ(visit(back[0].visit).unknown, group);
  EXPECT_THAT(events(), SizeIs(before));
  EXPECT_TRUE(store_->unknown(group)->ignored) << "also after it was written again";
}

TEST_F(VisitKeeperTest, WhatPeopleSayHoldsInAVisitUnderWayAndInOneOfBefore) {
  const std::string over = keep({&face(1, 0, "yard")})[0].visit;
  const std::string id = keep({&face(0, 0)})[0].visit;
  passed += 13s;
  ASSERT_TRUE(keeper->tick());
  const std::string now = keep({&face(0, 100)})[0].visit;
  start();  // visits that are over are not taken up again
  Corrections corrections;
  for (const std::string& told : {over, now}) {
    VisitCorrection& correction = corrections.visits.emplace_back();
    correction.visit = *faces::parse<faces::VisitId>(told);
    correction.person = faces::PersonId{77};
    correction.name = "Eve";
    correction.corrected_by = "page";
  }
  corrections.visits.emplace_back().visit = faces::VisitId{1};  // nobody's
  faces::Batch batch;
  batch.change = faces::NewChange{clock_.now(), "page", "visit.assign", "{}"};
  const auto written = keeper->correct(corrections, batch);
  ASSERT_TRUE(written) << written.error().message;
  EXPECT_TRUE(written->change);
  EXPECT_EQ(visit(over).name, "Eve");
  EXPECT_EQ(visit(over).state, VisitState::kEnded);
  EXPECT_EQ(keep({&face(0, 101)})[0].visit, now);
  EXPECT_EQ(visit(now).name, "Eve");
  EXPECT_EQ(visit(now).corrected_by, "page");
  EXPECT_EQ(visit(id).name, "Ann");
  EXPECT_EQ(std::ranges::count(events(), "visit.corrected"), 2);
}

TEST_F(VisitKeeperTest, WhoIsErasedIsNotWrittenAgain) {
  const std::string id = keep({&face(0, 0)})[0].visit;
  const auto ann = *visit(id).person;
  recognizer = recognizer_of({"Nobody", "Bob"});
  keeper->forget(ann);
  ASSERT_TRUE(store_->erase(ann));
  passed += 60s;
  ASSERT_TRUE(keeper->tick());
  EXPECT_EQ(store_->visit(*faces::parse<faces::VisitId>(id)).error().code, ErrorCode::kNotFound);
  Seen& late = face(0, 2);  // recognised while she was still there
  late.identity.person = ann;
  late.identity.name = "Ann";
  const auto kept = keep({&late});
  EXPECT_EQ(store_->face(*faces::parse<faces::FaceId>(kept[0].face_id))->decision.name, "unknown");
  EXPECT_EQ(visit(kept[0].visit).person, std::nullopt);
}

TEST_F(VisitKeeperTest, AStrangersGroupIsForgottenWithItsTime) {
  keeper.reset();
  KeeperOptions options;
  options.clock = &clock_;
  options.ends_visits = false;
  keeper = VisitKeeper::open(*store_, options, null_logger()).value();
  keep({&face(5, 0, "")});
  clock_.advance(47h);
  ASSERT_TRUE(keeper->tick());
  EXPECT_EQ(keeper->counters().groups, 1);
  clock_.advance(2h);
  ASSERT_TRUE(keeper->tick());
  EXPECT_EQ(keeper->counters().groups, 0);
}

TEST_F(VisitKeeperTest, CamerasAreBounded) {
  for (int i = 0; i < 30; ++i) {
    passed += 1ms;
    keep({&face(0, i, "camera " + std::to_string(i))});
  }
  EXPECT_EQ(keeper->counters().open, 8);
  EXPECT_EQ(keeper->counters().ended, 22);
  EXPECT_EQ(std::ranges::count(events(), "visit.ended"), 22);
}

TEST_F(VisitKeeperTest, ManyThreadsKeepEachFaceOnce) {
  constexpr int kThreads = 4;
  std::vector<const Seen*> all;
  for (int i = 0; i < 40; ++i) {
    all.push_back(&face(static_cast<std::size_t>(i % 8), i / 8));
  }
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      for (const Seen* seen : all) {
        EXPECT_TRUE(keeper->keep(views({seen}), recognizer));
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(store_->counts()->faces, 40);
  EXPECT_EQ(store_->counts()->visits, 8);
  EXPECT_EQ(keeper->counters().kept_before, 40 * (kThreads - 1));
}

}  // namespace
}  // namespace facepipe::visits
