#include "visits/visit_keeper.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <set>

#include "base/json_reader.h"
#include "visits/test_keeper.h"

namespace facepipe::visits {
namespace {

using faces::VisitState;
using ::testing::ElementsAre;
using ::testing::SizeIs;
using namespace std::chrono_literals;

using VisitKeeperTest = testing::VisitKeeperFixture;

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
  EXPECT_EQ(keeper->counters().open.value(), 2);
}

TEST_F(VisitKeeperTest, FramesThatAreRecognisedTogetherAreToldAsOneByOne) {
  std::vector<const Seen*> together;
  const auto comes = [&](const std::string& camera, const std::function<void(const Seen&)>& add) {
    for (const double seconds : {0.0, 0.2, 0.4, 0.6, 20.0}) {
      Seen& seen = face(0, seconds, camera);
      if (seconds == 0.0) {
        seen.identity = recognize::unnamed(seen.identity);
      }
      seen.embedding = testing::embedding_of(0);
      add(seen);
    }
  };
  comes("one by one", [&](const Seen& seen) { keep({&seen}); });
  comes("together", [&](const Seen& seen) { together.push_back(&seen); });
  keep(together);
  std::map<std::string, std::vector<std::string>> told;
  const auto all = store_->events_after(faces::EventId{0}, 500);
  for (const faces::Event& event : *all) {
    const auto document = JsonDocument::parse_object(event.what.json, {});
    const JsonValue& visit = (*document)["visit"];
    if (event.what.type.starts_with("visit.")) {
      std::string text = event.what.type;
      for (const std::string_view field : {"state", "name", "last_seen", "frames"}) {
        text.append(" ").append(visit[field].to_json());
      }
      told[std::string(visit["camera"].as_string().value_or(""))].push_back(text);
    }
  }
  EXPECT_THAT(told["one by one"], SizeIs(5)) << "started, named, ended, and the next one started and named";
  EXPECT_EQ(told["together"], told["one by one"]);
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
  EXPECT_EQ(keeper->counters().open.value(), 0);
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
  EXPECT_EQ(keeper->counters().open.value(), 2);
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

TEST_F(VisitKeeperTest, AfterAStartTheBestFaceIsStillTheOneThatShowsMost) {
  Seen& large = face(0, 0);
  large.message.box = image::Box{0, 0, 200, 240};
  const auto first = keep({&large});
  start();
  const auto best = *faces::parse<faces::FaceId>(first[0].face_id);
  Seen& small = face(0, 1);
  small.message.box = image::Box{0, 0, 60, 70};
  ASSERT_EQ(keep({&small})[0].visit, first[0].visit);
  EXPECT_EQ(visit(first[0].visit).best_face, best);
  ASSERT_TRUE(keeper->forget(*faces::parse<faces::FaceId>(keep({&face(0, 2)})[0].face_id)));
  Seen& smaller = face(0, 3);
  smaller.message.box = image::Box{0, 0, 50, 60};
  ASSERT_EQ(keep({&smaller})[0].visit, first[0].visit);
  EXPECT_EQ(visit(first[0].visit).best_face, best) << "also when another of its faces was erased";
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
  EXPECT_EQ(keeper->counters().open.value(), 1);
  EXPECT_EQ(keeper->counters().groups.value(), 0);
  large.message.face.resize(10);
  const auto kept = keep({&large, &stranger});
  EXPECT_EQ(kept[0].visit, id);
  EXPECT_EQ(visit(id).frames, 2);
  EXPECT_EQ(keeper->counters().groups.value(), 1);
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

TEST_F(VisitKeeperTest, ItsFacesThatWereWaitedWithAreNoUnknownsEither) {
  const auto doubtful = [this](double seconds, const std::string& camera) -> Seen& {
    Seen& seen = face(0, seconds, camera);
    seen.identity = recognize::unnamed(seen.identity);
    seen.message.confidence = 0.93F;  // a second one is waited for
    return seen;
  };
  const auto waiting = keep({&doubtful(0, "door")});
  ASSERT_EQ(waiting[0].visit, "");
  ASSERT_TRUE(store_->face(*faces::parse<faces::FaceId>(waiting[0].face_id))->unknown);
  const auto named = keep({&face(0, 1, "door")});
  const auto together = keep({&doubtful(0, "yard"), &face(0, 1, "yard")});
  ASSERT_NE(named[0].visit, "");
  for (const std::string& id : {waiting[0].face_id, together[0].face_id}) {
    const faces::FaceRecord record = store_->face(*faces::parse<faces::FaceId>(id)).value();
    ASSERT_TRUE(record.visit);
    EXPECT_EQ(store_->visit(*record.visit)->name, "Ann");
    EXPECT_EQ(record.unknown, std::nullopt);
  }
  EXPECT_EQ(store_->counts()->unknowns, 0);
  EXPECT_EQ(keeper->counters().groups.value(), 0);
}

TEST_F(VisitKeeperTest, AVisitBeginsInTheGroupOfAFaceThatWasWaitedWith) {
  Seen& first = face(0, 0);
  first.identity = recognize::unnamed(first.identity);
  first.message.confidence = 0.93F;
  Seen& weak = face(0, 1);  // in no group itself
  weak.identity = recognize::unnamed(weak.identity);
  weak.message.confidence = 0.85F;
  const auto waiting = *faces::parse<faces::FaceId>(keep({&first})[0].face_id);
  const auto begun = keep({&weak});
  const auto group = store_->face(waiting)->unknown;
  ASSERT_TRUE(group);
  EXPECT_EQ(visit(begun[0].visit).unknown, group);
  EXPECT_EQ(store_->unknown(*group)->visits, 1);
  keep({&face(0, 2)});
  EXPECT_EQ(visit(begun[0].visit).name, "Ann");
  EXPECT_EQ(store_->face(waiting)->unknown, std::nullopt);
  EXPECT_EQ(store_->counts()->unknowns, 0);
}

TEST_F(VisitKeeperTest, AGroupIsNotShownByWhoLeavesItWithOthers) {
  const auto unnamed = [this](const std::string& camera, float side) -> Seen& {
    Seen& seen = face(0, 0, camera);
    seen.message.box = image::Box{0, 0, side, side};
    seen.identity = recognize::unnamed(seen.identity);
    return seen;
  };
  const auto kept = keep({&unnamed("door", 110), &unnamed("yard", 80), &unnamed("", 60)});
  const auto group = *store_->face(*faces::parse<faces::FaceId>(kept[2].face_id))->unknown;
  ASSERT_EQ(store_->unknown(group)->faces, 3);
  keep({&face(0, 1, "door"), &face(0, 1, "yard")});
  EXPECT_EQ(store_->unknown(group)->faces, 1);
  EXPECT_EQ(store_->unknown(group)->best_face, faces::parse<faces::FaceId>(kept[2].face_id));
}

TEST_F(VisitKeeperTest, AGroupIsNotShownByWhoLeftIt) {
  Seen& ann = face(0, 0);
  ann.message.box = image::Box{0, 0, 200, 240};  // shows most
  ann.identity = recognize::unnamed(ann.identity);
  Seen& other = face(0, 0, "");  // like her, and nobody's
  other.identity = recognize::unnamed(other.identity);
  other.message.box = image::Box{0, 0, 60, 60};
  const auto first = keep({&ann, &other});
  const auto group = visit(first[0].visit).unknown;
  ASSERT_TRUE(group);
  ASSERT_EQ(store_->unknown(*group)->best_face, faces::parse<faces::FaceId>(first[0].face_id));
  keep({&face(0, 1)});
  ASSERT_EQ(visit(first[0].visit).name, "Ann");
  EXPECT_EQ(store_->unknown(*group)->faces, 1);
  EXPECT_EQ(store_->unknown(*group)->best_face, faces::parse<faces::FaceId>(first[1].face_id));
}

TEST_F(VisitKeeperTest, AGroupThatIsSeenForDaysIsShownByAPictureThatIsKept) {
  const auto comes = [this](float side) {
    clock_.advance(1s);
    Seen& seen = face(5, 0, "");
    seen.message.box = image::Box{0, 0, side, side};
    return *faces::parse<faces::FaceId>(keep({&seen})[0].face_id);
  };
  const auto largest = comes(200);
  const auto group = *store_->face(largest)->unknown;
  comes(60);
  EXPECT_EQ(store_->unknown(group)->best_face, largest);
  pass(40h);
  comes(60);
  pass(40h);
  comes(50);
  ASSERT_FALSE(store_->face_crop(largest));
  ASSERT_EQ(store_->unknown(group)->faces, 4);
  EXPECT_TRUE(store_->face_crop(*store_->unknown(group)->best_face));
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

TEST_F(VisitKeeperTest, AVisitThatThereIsNoRoomForHasItsGroup) {
  keeper.reset();
  KeeperOptions options;
  options.tracker.max_visits = 2;
  options.clock = &clock_;
  options.ends_visits = false;
  keeper = VisitKeeper::open(*store_, options, null_logger()).value();
  const auto kept = keep({&face(5, 0), &face(6, 0), &face(7, 0)});
  EXPECT_EQ(keeper->counters().ended, 1);
  for (const stage::KeptFace& each : kept) {
    const auto group = store_->face(*faces::parse<faces::FaceId>(each.face_id))->unknown;
    ASSERT_TRUE(group);
    EXPECT_EQ(visit(each.visit).unknown, group);
    EXPECT_EQ(store_->unknown(*group)->visits, 1);
  }
}

TEST_F(VisitKeeperTest, WhoIsNamedIsNoUnknownAlsoWhereTheVisitIsLongOverInTheSameBatch) {
  const auto unnamed = [this](double seconds, const std::string& camera) -> Seen& {
    Seen& seen = face(0, seconds, camera);
    seen.identity = recognize::unnamed(seen.identity);
    return seen;
  };
  const auto before = keep({&unnamed(0, "yard"), &unnamed(0, "")});
  const auto shared = store_->face(*faces::parse<faces::FaceId>(before[1].face_id))->unknown;
  ASSERT_TRUE(shared);
  ASSERT_EQ(visit(before[0].visit).unknown, shared);
  const auto kept = keep({&unnamed(0, "door"), &face(0, 1, "door"), &face(1, 100, "door"), &face(1, 200, "door"),
                          &face(0, 1, "yard"), &face(1, 100, "yard"), &face(1, 200, "yard")});
  EXPECT_EQ(visit(kept[0].visit).name, "Ann");
  EXPECT_EQ(visit(kept[0].visit).state, VisitState::kEnded);
  EXPECT_EQ(store_->face(*faces::parse<faces::FaceId>(kept[0].face_id))->unknown, std::nullopt);
  EXPECT_EQ(kept[4].visit, before[0].visit);
  EXPECT_EQ(visit(before[0].visit).name, "Ann");
  EXPECT_EQ(visit(before[0].visit).unknown, std::nullopt);
  EXPECT_EQ(store_->unknown(*shared)->faces, 1);
  EXPECT_EQ(store_->unknown(*shared)->visits, 0);
}

TEST_F(VisitKeeperTest, ABatchOfAnOlderGalleryTakesNoNameAway) {
  const recognize::FaceRecognizer older = recognizer;
  gallery::Gallery more(older.gallery().origin());
  more.set_distance_threshold(1.0F);
  ASSERT_TRUE(more.restore(*older.gallery().id_of("Bob"), "Robert", testing::embedding_of(1)));
  ASSERT_TRUE(more.add("Carl", testing::embedding_of(2)));
  recognizer = testing::recognizer_of(std::move(more));
  const auto carl = keep({&face(2, 0), &face(1, 0)});
  ASSERT_EQ(visit(carl[0].visit).name, "Carl");
  ASSERT_EQ(visit(carl[1].visit).name, "Robert");
  Seen& stranger = face(2, 0.2);
  stranger.identity = older.identify(stranger.embedding).value();
  Seen& bob = face(1, 0.2);
  bob.identity = older.identify(bob.embedding).value();
  ASSERT_TRUE(keeper->keep(views({&stranger, &bob}), older)) << "it was recognised when Carl was not there yet";
  EXPECT_EQ(visit(carl[0].visit).name, "Carl");
  EXPECT_EQ(visit(carl[1].visit).name, "Robert");
  keep({&face(2, 0.4)});
  EXPECT_EQ(std::ranges::count(events(), "visit.named"), 2);
}

TEST_F(VisitKeeperTest, AClockThatIsSetForgetsNoGroupThatIsKept) {
  keeper.reset();
  store_.reset();
  options_.monotonic = [this] { return passed; };  // never set
  store_ = faces::SqliteFaceStore::open(file(), options_).value();
  start();
  const auto group = store_->face(*faces::parse<faces::FaceId>(keep({&face(5, 0, "")})[0].face_id))->unknown;
  clock_.advance(1000h);
  for (int i = 0; i < 3; ++i) {
    passed += 10s;
    ASSERT_TRUE(store_->delivered("nobody", {}));  // gives upkeep its turn
    ASSERT_TRUE(keeper->tick());
  }
  clock_.advance(-1000h);
  ASSERT_TRUE(store_->unknown(*group)) << "the store does not believe it at once";
  EXPECT_EQ(keeper->counters().groups.value(), 1);
  EXPECT_EQ(store_->face(*faces::parse<faces::FaceId>(keep({&face(5, 5, "")})[0].face_id))->unknown, group);
}

TEST_F(VisitKeeperTest, AClockThatIsSetBackEndsNobodysVisitAgainAndAgain) {
  const auto before = keep({&face(0, 3600)});
  std::set<std::string> visits;
  for (int i = 0; i < 100; ++i) {
    visits.insert(keep({&face(1, 0.5 * i)})[0].visit);
    passed += 500ms;
    ASSERT_TRUE(keeper->tick());
  }
  EXPECT_THAT(visits, SizeIs(1));
  EXPECT_EQ(visit(*visits.begin()).state, VisitState::kNamed);
  EXPECT_EQ(visit(before[0].visit).state, VisitState::kEnded);
  EXPECT_EQ(keeper->counters().ended, 1);
  EXPECT_EQ(keeper->counters().late_frames, 40) << "until it is believed";
  passed += 13s;
  ASSERT_TRUE(keeper->tick());
  EXPECT_EQ(visit(*visits.begin()).state, VisitState::kEnded);
  EXPECT_EQ(keeper->counters().ended, 2);
}

TEST_F(VisitKeeperTest, AFrameThatIsLateEndsWithoutItsLike) {
  const auto now = keep({&face(0, 3600)});
  const auto late = keep({&face(1, 0)});
  for (int i = 1; i < 40; ++i) {
    passed += 500ms;
    keep({&face(0, 3600 + 0.5 * i)});
    ASSERT_TRUE(keeper->tick());
  }
  EXPECT_EQ(visit(late[0].visit).state, VisitState::kEnded);
  EXPECT_EQ(visit(now[0].visit).state, VisitState::kNamed);
  EXPECT_EQ(keeper->counters().ended, 1);
}

TEST_F(VisitKeeperTest, AStrangersGroupIsForgottenWithItsTime) {
  keeper.reset();
  KeeperOptions options;
  options.clock = &clock_;
  options.ends_visits = false;
  keeper = VisitKeeper::open(*store_, options, null_logger()).value();
  keep({&face(5, 0, "")});
  pass(47h);
  ASSERT_TRUE(keeper->tick());
  EXPECT_EQ(keeper->counters().groups.value(), 1);
  pass(2h);
  ASSERT_TRUE(keeper->tick());
  EXPECT_EQ(keeper->counters().groups.value(), 0);
}

TEST_F(VisitKeeperTest, CamerasAreBounded) {
  for (int i = 0; i < 30; ++i) {
    passed += 1ms;
    keep({&face(0, i, "camera " + std::to_string(i))});
  }
  EXPECT_EQ(keeper->counters().open.value(), 8);
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
