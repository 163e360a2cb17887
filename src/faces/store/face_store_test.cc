#include <gtest/gtest.h>

#include "faces/store/test_face_store.h"

namespace facepipe::faces {
namespace {

using FaceStoreTest = FaceStoreFixture;
using std::chrono::seconds;

TEST_F(FaceStoreTest, FaceComesBackAsItWasWritten) {
  NewFace written = face_of(0xfedcba9876543210, 7, "Ann");
  written.record.decision.second_person = PersonId{8};
  written.record.decision.second_name = "B\"ob\n";
  written.record.decision.second_distance = 0.91F;
  written.record.decision.second_probability = 0.01F;
  written.record.visit = VisitId{5};
  written.record.unknown = UnknownId{6};
  written.record.reasons = {"turned"};
  write_ok({.faces = {written}});
  const auto read = store_->face(written.record.id);
  ASSERT_TRUE(read) << read.error().message;
  const FaceRecord& expected = written.record;
  EXPECT_EQ(read->id, expected.id);
  EXPECT_EQ(read->request_id, expected.request_id);
  EXPECT_EQ(read->face_index, 1);
  EXPECT_EQ(read->face_count, 2);
  EXPECT_EQ(read->camera, "door");
  EXPECT_EQ(read->time, expected.time);
  EXPECT_EQ(read->box, expected.box);
  EXPECT_EQ(read->confidence, expected.confidence);
  EXPECT_EQ(read->quality, expected.quality);
  EXPECT_TRUE(read->usable);
  EXPECT_EQ(read->reasons, expected.reasons);
  EXPECT_EQ(read->decision.person, expected.decision.person);
  EXPECT_EQ(read->decision.name, "Ann");
  EXPECT_EQ(read->decision.distance, 0.4F);
  EXPECT_EQ(read->decision.threshold, 0.8F);
  EXPECT_EQ(read->decision.probability, 0.99F);
  EXPECT_EQ(read->decision.second_person, PersonId{8});
  EXPECT_EQ(read->decision.second_name, "B\"ob\n");
  EXPECT_EQ(read->decision.second_distance, 0.91F);
  EXPECT_EQ(read->decision.second_probability, 0.01F);
  EXPECT_EQ(read->visit, VisitId{5});
  EXPECT_EQ(read->unknown, UnknownId{6});
  EXPECT_TRUE(read->has_crop);
  const auto crop = store_->face_crop(written.record.id);
  ASSERT_TRUE(crop) << crop.error().message;
  EXPECT_EQ(crop->picture, written.crop->picture);
  EXPECT_EQ(crop->media_type, "image/jpeg");
  EXPECT_EQ(crop->box, written.crop->box);
  EXPECT_EQ(crop->landmarks, written.crop->landmarks);
  EXPECT_EQ(*store_->face_embedding(written.record.id), written.embedding);
}

TEST_F(FaceStoreTest, FaceThatComesAgainIsLeftAsItIs) {
  write_ok({.faces = {face_of(1, 7, "Ann")}});
  const Written again = write_ok({.faces = {face_of(1, 8, "Bob"), face_of(2, 8, "Bob")}});
  EXPECT_EQ(again.kept_before, std::vector{FaceId{1}});
  EXPECT_EQ(store_->face(FaceId{1})->decision.name, "Ann");
  EXPECT_EQ(store_->face(FaceId{2})->decision.name, "Bob");
  EXPECT_EQ(store_->counts()->crops, 2);
}

TEST_F(FaceStoreTest, BatchIsWrittenWholeOrNotAtAll) {
  const Batch bad{
      .faces = {face(1)}, .visits = {visit(1)}, .events = {event("a")}, .change = NewChange{}, .undoes = ChangeId{99}};
  const auto written = store_->write(bad);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(store_->face(FaceId{1}).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(store_->counts()->visits, 0);
  EXPECT_EQ(*store_->last_event(), EventId{0});
}

TEST_F(FaceStoreTest, EachFilterFindsItsFaces) {
  Batch batch;
  batch.faces = {face(1, "door"), face(2, "yard"), face_of(3, 7, "Ann"), face(4, "")};
  batch.faces[1].record.visit = VisitId{9};
  batch.faces[1].record.unknown = UnknownId{9};
  write_ok(batch);
  clock_.advance(seconds(10));
  write_ok({.faces = {face_of(5, 7, "Ann")},
            .face_changes = {{.id = FaceId{1}, .mark = Mark::kAssigned, .marked_person = PersonId{7}}}});
  EXPECT_EQ(faces_of({}), (std::vector{FaceId{5}, FaceId{4}, FaceId{3}, FaceId{2}, FaceId{1}}));
  EXPECT_EQ(faces_of({.camera = "yard"}), (std::vector{FaceId{2}}));
  EXPECT_EQ(faces_of({.camera = ""}), (std::vector{FaceId{4}}));
  EXPECT_EQ(faces_of({.camera = "nowhere"}), (std::vector<FaceId>{}));
  EXPECT_EQ(faces_of({.person = PersonId{7}}), (std::vector{FaceId{5}, FaceId{3}, FaceId{1}}));
  EXPECT_EQ(faces_of({.known = false}), (std::vector{FaceId{4}, FaceId{2}}));
  EXPECT_EQ(faces_of({.visit = VisitId{9}}), (std::vector{FaceId{2}}));
  EXPECT_EQ(faces_of({.unknown = UnknownId{9}}), (std::vector{FaceId{2}}));
  EXPECT_EQ(faces_of({.request_id = "request-4"}), (std::vector{FaceId{4}}));
  EXPECT_EQ(faces_of({.mark = Mark::kAssigned}), (std::vector{FaceId{1}}));
  EXPECT_EQ(faces_of({.mark = Mark::kNone}).size(), 4U);
  EXPECT_EQ(faces_of({.from = clock_.now()}), (std::vector{FaceId{5}}));
  EXPECT_EQ(faces_of({.to = clock_.now()}).size(), 4U);
  EXPECT_EQ(faces_of({.camera = "door", .person = PersonId{7}, .known = true, .from = clock_.now()}),
            (std::vector{FaceId{5}}));
}

TEST_F(FaceStoreTest, RejectedFaceIsNobodys) {
  write_ok({.faces = {face_of(1, 7, "Ann")}});
  write_ok({.face_changes = {{.id = FaceId{1}, .mark = Mark::kRejected, .marked_person = PersonId{7}}}});
  EXPECT_TRUE(faces_of({.person = PersonId{7}}).empty());
  EXPECT_EQ(faces_of({.known = false}).size(), 1U);
  EXPECT_EQ(store_->face(FaceId{1})->decision.person, PersonId{7}) << "what was told stays told";
  write_ok({.face_changes = {{.id = FaceId{1}, .mark = Mark::kNone, .marked_person = std::optional<PersonId>()}}});
  EXPECT_EQ(faces_of({.person = PersonId{7}}).size(), 1U);
}

TEST_F(FaceStoreTest, PagesFollowEachOther) {
  Batch batch;
  for (std::uint64_t i = 1; i <= 7; ++i) {
    batch.faces.push_back(face(i));  // all of one time
  }
  write_ok(batch);
  std::vector<FaceId> seen;
  PageRequest request{.limit = 3, .after = {}};
  for (int pages = 0; pages < 3; ++pages) {
    const auto page = store_->faces({.camera = "door"}, request);
    ASSERT_TRUE(page);
    for (const FaceRecord& record : page->records) {
      seen.push_back(record.id);
    }
    ASSERT_EQ(page->next.has_value(), pages < 2);
    request.after = page->next.value_or("");
  }
  EXPECT_EQ(seen, (std::vector{FaceId{7}, FaceId{6}, FaceId{5}, FaceId{4}, FaceId{3}, FaceId{2}, FaceId{1}}));
}

TEST_F(FaceStoreTest, CursorOfAnotherQuestionIsRefused) {
  write_ok({.faces = {face(1), face(2)}, .visits = {visit(1), visit(2)}});
  const auto page = store_->faces({}, {.limit = 1, .after = {}});
  ASSERT_TRUE(page && page->next);
  for (const std::string& cursor : {*page->next + "0", std::string("x"), std::string(48, 'g'), std::string(48, '0')}) {
    const auto refused = store_->faces({}, {.limit = 1, .after = cursor});
    ASSERT_FALSE(refused) << cursor;
    EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
  }
  EXPECT_EQ(store_->faces({.known = false}, {.limit = 1, .after = *page->next}).error().code,
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(store_->visits({}, {.limit = 1, .after = *page->next}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(store_->faces({}, {.limit = 0, .after = {}}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(store_->faces({}, {.limit = kMaxPage + 1, .after = {}}).error().code, ErrorCode::kInvalidArgument);
}

TEST_F(FaceStoreTest, VisitIsReplacedWhole) {
  VisitRecord written = visit(1);
  write_ok({.visits = {written}});
  clock_.advance(seconds(5));
  written.state = VisitState::kNamed;
  written.person = PersonId{7};
  written.name = "Ann";
  written.probability = 0.9F;
  written.last_seen = clock_.now();
  written.best_face = FaceId{0xffffffffffffffff};
  written.reasons = {"small"};
  written.corrected_by = "page";
  written.second_person = PersonId{8};
  written.second_name = "Bob";
  write_ok({.visits = {written}});
  const auto read = store_->visit(VisitId{1});
  ASSERT_TRUE(read);
  EXPECT_EQ(read->state, VisitState::kNamed);
  EXPECT_EQ(read->person, PersonId{7});
  EXPECT_EQ(read->name, "Ann");
  EXPECT_EQ(read->probability, 0.9F);
  EXPECT_EQ(read->first_seen, clock_.now() - seconds(5));
  EXPECT_EQ(read->last_seen, clock_.now());
  EXPECT_EQ(read->frames, 3);
  EXPECT_EQ(read->best_face, written.best_face);
  EXPECT_EQ(read->reasons, written.reasons);
  EXPECT_EQ(read->corrected_by, "page");
  EXPECT_EQ(read->second_person, PersonId{8});
  EXPECT_EQ(read->second_name, "Bob");
  EXPECT_EQ(read->votes, R"({"a":1})");
  EXPECT_EQ(store_->counts()->visits, 1);
}

TEST_F(FaceStoreTest, EachFilterFindsItsVisits) {
  VisitRecord first = visit(1);
  first.last_seen = first.first_seen + seconds(100);
  VisitRecord second = visit(2, "yard");
  second.state = VisitState::kEnded;
  second.person = PersonId{7};
  VisitRecord third = visit(3);
  third.state = VisitState::kNamed;
  third.unknown = UnknownId{4};
  third.first_seen += seconds(50);
  third.last_seen = third.first_seen;
  write_ok({.visits = {first, second, third}});
  EXPECT_EQ(visits_of({}), (std::vector{VisitId{1}, VisitId{3}, VisitId{2}}));
  EXPECT_EQ(visits_of({.camera = "yard"}), (std::vector{VisitId{2}}));
  EXPECT_EQ(visits_of({.person = PersonId{7}}), (std::vector{VisitId{2}}));
  EXPECT_EQ(visits_of({.unknown = UnknownId{4}}), (std::vector{VisitId{3}}));
  EXPECT_EQ(visits_of({.known = true}), (std::vector{VisitId{2}}));
  EXPECT_EQ(visits_of({.state = VisitState::kNamed}), (std::vector{VisitId{3}}));
  EXPECT_EQ(visits_of({.state = VisitState::kEnded}), (std::vector{VisitId{2}}));
  EXPECT_EQ(visits_of({.open = true}), (std::vector{VisitId{1}, VisitId{3}}));
  EXPECT_EQ(visits_of({.open = false}), (std::vector{VisitId{2}}));
  EXPECT_EQ(visits_of({.state = VisitState::kStarted, .open = false}), std::vector<VisitId>());
  EXPECT_EQ(visits_of({.state = VisitState::kEnded, .open = true}), std::vector<VisitId>());
  EXPECT_EQ(visits_of({.state = VisitState::kNamed, .open = true}), (std::vector{VisitId{3}}));
  EXPECT_EQ(visits_of({.from = clock_.now() + seconds(60)}), (std::vector{VisitId{1}}));
  EXPECT_EQ(visits_of({.to = clock_.now() + seconds(50)}), (std::vector{VisitId{1}, VisitId{2}}));
}

TEST_F(FaceStoreTest, RemovedVisitAndUnknownLeaveTheirFaces) {
  NewFace kept = face(1);
  kept.record.visit = VisitId{1};
  kept.record.unknown = UnknownId{2};
  UnknownRecord unknown;
  unknown.id = UnknownId{2};
  unknown.centroid = {1, 0};
  unknown.faces = 1;
  unknown.visits = 1;
  unknown.first_seen = clock_.now();
  unknown.last_seen = clock_.now();
  unknown.best_face = FaceId{1};
  write_ok({.faces = {kept}, .visits = {visit(1)}, .unknowns = {unknown}});
  EXPECT_EQ(store_->unknown(UnknownId{2})->centroid, unknown.centroid);
  EXPECT_EQ(store_->unknown(UnknownId{2})->best_face, FaceId{1});
  write_ok({.removed_visits = {VisitId{1}}, .removed_unknowns = {UnknownId{2}}});
  EXPECT_EQ(store_->visit(VisitId{1}).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(store_->unknown(UnknownId{2}).error().code, ErrorCode::kNotFound);
  EXPECT_FALSE(store_->face(FaceId{1})->visit);
  EXPECT_FALSE(store_->face(FaceId{1})->unknown);
}

TEST_F(FaceStoreTest, IgnoredUnknownsAreAskedForApart) {
  UnknownRecord one;
  one.id = UnknownId{1};
  one.last_seen = clock_.now();  // else it goes at once
  UnknownRecord two = one;
  two.id = UnknownId{2};
  two.ignored = true;
  write_ok({.unknowns = {one, two}});
  EXPECT_EQ(store_->unknowns(false, {})->records.size(), 1U);
  EXPECT_EQ(store_->unknowns(true, {})->records.size(), 2U);
}

TEST_F(FaceStoreTest, PicturesComeInTheOrderOfTheirEnrolment) {
  write_ok({.pictures = {picture(30, 7), picture(20, 8), picture(10, 7)}});
  const auto page = store_->pictures(PersonId{7}, {});
  ASSERT_TRUE(page);
  ASSERT_EQ(page->records.size(), 2U);
  EXPECT_EQ(page->records[0].id, PictureId{30});
  EXPECT_EQ(page->records[0].source, "ann.jpg");
  EXPECT_EQ(page->records[0].quality, 0.75F);
  EXPECT_EQ(page->records[1].id, PictureId{10});
  const auto first = store_->pictures(std::nullopt, {.limit = 2, .after = {}});
  ASSERT_TRUE(first && first->next);
  EXPECT_EQ(store_->pictures(std::nullopt, {.limit = 2, .after = *first->next})->records.size(), 1U);
  EXPECT_EQ(*store_->picture_embedding(PictureId{20}), (std::vector<float>{0.6F, 0.8F}));
  EXPECT_EQ(as_text(store_->picture_crop(PictureId{10})->picture), "enrolled 10");
  write_ok({.moved_pictures = {{PictureId{30}, PersonId{8}}}, .removed_pictures = {PictureId{10}}});
  EXPECT_EQ(store_->picture(PictureId{30})->person, PersonId{8});
  EXPECT_EQ(store_->picture_crop(PictureId{10}).error().code, ErrorCode::kNotFound);
}

TEST_F(FaceStoreTest, NewestFrameOfARequestAndOfACamera) {
  options_.retention.frames.reset();
  reopen();
  FramePicture frame{"r1", "door", clock_.now(), 640, 480, to_bytes(as_bytes("one"))};
  write_ok({.frames = {frame}});
  frame.jpeg = to_bytes(as_bytes("two"));
  frame.time += seconds(1);
  write_ok({.frames = {frame}});
  const auto read = store_->frame("r1");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(as_text(read->jpeg), "two");
  EXPECT_EQ(read->width, 640);
  EXPECT_EQ(read->camera, "door");
  EXPECT_EQ((*store_->last_frame("door"))->request_id, "r1");
  EXPECT_FALSE(*store_->last_frame("yard"));
  EXPECT_EQ(store_->frame("r2").error().code, ErrorCode::kNotFound);
}

TEST_F(FaceStoreTest, EventsCountUpAndAreTold) {
  EventId told{};
  const int listener = store_->add_listener([&](EventId last) { told = last; });
  const Written one = write_ok({.events = {event("visit.started", R"({"a":1})"), event("visit.named")}});
  ASSERT_EQ(one.events, (std::vector{EventId{1}, EventId{2}}));
  EXPECT_EQ(told, EventId{2});
  store_->remove_listener(listener);
  write_ok({.events = {event("visit.ended")}});
  EXPECT_EQ(told, EventId{2});
  const auto events = store_->events_after(EventId{0}, 2);
  ASSERT_TRUE(events);
  ASSERT_EQ(events->size(), 2U);
  EXPECT_EQ(events->front().what.json, R"({"a":1})");
  EXPECT_EQ(events->front().what.type, "visit.started");
  EXPECT_EQ(store_->events_after(EventId{2}, 2)->size(), 1U);
  EXPECT_EQ(*store_->last_event(), EventId{3});
}

TEST_F(FaceStoreTest, ChangeIsTakenBackOnce) {
  const NewChange change{clock_.now(), "page", "person.rename", R"({"from":"A"})"};
  const Written first = write_ok({.change = change});
  const Written second = write_ok({.change = change, .undoes = first.change});
  EXPECT_EQ(store_->change(*first.change)->undone_by, second.change);
  EXPECT_EQ(store_->change(*first.change)->what.who, "page");
  EXPECT_EQ(store_->change(*first.change)->what.json, R"({"from":"A"})");
  EXPECT_EQ(store_->write({.change = change, .undoes = first.change}).error().code, ErrorCode::kNotFound);
  const auto page = store_->changes({.limit = 1, .after = {}});
  ASSERT_TRUE(page && page->next);
  EXPECT_EQ(page->records.front().id, *second.change);
  EXPECT_EQ(store_->changes({.limit = 1, .after = *page->next})->records.front().id, *first.change);
}

TEST_F(FaceStoreTest, AClockThatIsSetBackHoldsUpNoOutput) {
  const std::vector<std::string> outputs = {"a"};
  ASSERT_TRUE(store_->set_outputs(outputs));
  write_ok({.events = {event("one"), event("two")}});
  Delivery first = store_->due("a", 1)->front().first;
  first.due = clock_.now() + kLongestWait;
  ASSERT_TRUE(store_->put_off(first));
  EXPECT_TRUE(store_->due("a", 10)->empty());
  clock_.advance(-std::chrono::hours(10'000));
  EXPECT_EQ(store_->due("a", 10)->size(), 2U) << "else it would wait for a year";
}

TEST_F(FaceStoreTest, OutboxKeepsOrderAndForgetsWhatIsDelivered) {
  const std::vector<std::string> outputs = {"a", "b"};
  write_ok({.events = {event("before")}});
  ASSERT_TRUE(store_->set_outputs(outputs));
  write_ok({.events = {event("one"), event("two")}});
  auto due = store_->due("a", 10);
  ASSERT_TRUE(due);
  ASSERT_EQ(due->size(), 2U) << "none of before the output was there";
  EXPECT_EQ(due->front().second.what.type, "one");
  Delivery first = due->front().first;
  first.attempts = 1;
  first.error = "refused";
  first.due = clock_.now() + seconds(30);
  ASSERT_TRUE(store_->put_off(first));
  EXPECT_TRUE(store_->due("a", 10)->empty()) << "nothing overtakes";
  EXPECT_EQ(store_->due("b", 10)->size(), 2U);
  clock_.advance(seconds(30));
  due = store_->due("a", 10);
  ASSERT_EQ(due->size(), 2U);
  EXPECT_EQ(due->front().first.attempts, 1);
  EXPECT_EQ(due->front().first.error, "refused");
  const std::vector<EventId> done = {due->back().first.event};
  ASSERT_TRUE(store_->delivered("a", done));
  first.dead = true;
  ASSERT_TRUE(store_->put_off(first));
  EXPECT_TRUE(store_->due("a", 10)->empty());
  const auto dead = store_->dead_deliveries({});
  ASSERT_TRUE(dead) << dead.error().message;
  ASSERT_EQ(dead->records.size(), 1U);
  EXPECT_EQ(dead->records.front().output, "a");
  EXPECT_EQ(*store_->retry_dead("a"), 1);
  EXPECT_EQ(store_->due("a", 10)->size(), 1U);
  ASSERT_TRUE(store_->set_outputs(std::span(outputs).first(1)));
  EXPECT_TRUE(store_->due("b", 10)->empty());
}

TEST_F(FaceStoreTest, CamerasThatThingsAreKeptOf) {
  write_ok({.faces = {face(1, "yard"), face(2, "")}, .visits = {visit(1, "door")}});
  EXPECT_EQ(*store_->cameras(), (std::vector<std::string>{"door", "yard"}));
}

TEST_F(FaceStoreTest, IsThereAfterReopening) {
  write_ok({.faces = {face(1)}, .events = {event("a")}});
  reopen();
  EXPECT_TRUE(store_->face(FaceId{1}));
  EXPECT_EQ(write_ok({.events = {event("b")}}).events, std::vector{EventId{2}});
}

}  // namespace
}  // namespace facepipe::faces
