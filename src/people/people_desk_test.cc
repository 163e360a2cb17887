#include "people/people_desk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/temporary_folder.h"
#include "detect/test_detector.h"
#include "embed/test_embedder.h"
#include "faces/ids.h"
#include "faces/store/sqlite_face_store.h"
#include "image/encode.h"

namespace facepipe::people {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

// Faces are squares of 40 px side by side; the "embedding" is the middle pixel's red.
constexpr int kSide = 40;

Bytes picture(const std::vector<int>& faces) {
  image::RgbImage pixels(std::max(1, static_cast<int>(faces.size())) * kSide, kSide);
  for (int y = 0; y < pixels.height(); ++y) {
    for (int x = 0; x < pixels.width() && !faces.empty(); ++x) {
      pixels.row(y)[3 * x] = static_cast<std::uint8_t>(faces[static_cast<std::size_t>(x / kSide)]);
    }
  }
  return image::encode_png(pixels.view()).value();
}

Result<detect::Detection> red_squares(image::RgbView view, const WorkLimit&) {
  detect::Detection found;
  for (int x = 0; x < view.width; x += kSide) {
    if (view.row(0)[3 * x] > 0) {
      const auto left = static_cast<float>(x);
      found.faces.push_back({{left, 0, left + kSide, kSide}, 0.9F, {}});
    }
  }
  return found;
}

Result<std::vector<embed::Embedding>> red_of(std::span<const image::RgbView> crops, const model::Preprocessing&) {
  std::vector<embed::Embedding> embeddings;
  for (const image::RgbView& crop : crops) {
    embeddings.push_back({static_cast<float>(crop.row(crop.height / 2)[crop.width / 2 * 3])});
  }
  return embeddings;
}

model::Manifest manifest_of_one() {
  model::Manifest manifest;
  manifest.model_id = "m1";
  manifest.embedding_size = 1;
  manifest.preprocessing = model::known_mode("standard").value();
  return manifest;
}

struct Desk : ::testing::Test {
  Desk() { open(); }
  void open(bool keeps = true) {
    desk.reset();
    store.reset();
    if (keeps) {
      faces::SqliteFaceStore::Options options;
      options.clock = &clock;
      store = faces::SqliteFaceStore::open(folder / "faces.db", options).value();
    }
    desk.emplace(parts(store.get()));
    const Status reconciled = desk->reconcile();
    ASSERT_TRUE(reconciled) << reconciled.error().message;
  }
  DeskParts parts(faces::FaceStore* kept) {
    return {.gallery = file,
            .manifest = manifest,
            .new_mode = {},
            .strangers = {},
            .detector = &detector,
            .recognizer = [this]() -> Result<std::shared_ptr<const recognize::FaceRecognizer>> {
              auto loaded = file.load();
              auto made = recognize::FaceRecognizer::create(
                  embedder, manifest,
                  loaded ? *std::move(loaded) : recognize::new_gallery(manifest, manifest.preprocessing));
              return std::make_shared<const recognize::FaceRecognizer>(std::move(made).value());
            },
            .store = kept,
            .visits = nullptr,
            .decode = {},
            .memory = nullptr,
            .clock = &clock};
  }

  Added add(const Whom& whom, const std::vector<int>& reds) {
    std::vector<Bytes> encoded;
    std::vector<PictureToAdd> pictures;
    for (const int red : reds) {
      encoded.push_back(picture({red}));
      pictures.push_back({"red " + std::to_string(red), {}});
    }
    for (std::size_t i = 0; i < encoded.size(); ++i) {
      pictures[i].encoded = encoded[i];
    }
    auto added = desk->add_pictures(whom, pictures, {}, "test");
    EXPECT_TRUE(added) << added.error().message;
    return added ? *std::move(added) : Added{};
  }
  [[nodiscard]] std::vector<float> reds_of(std::string_view name) const {
    const gallery::Gallery gallery = file.load().value();
    std::vector<float> reds;
    for (std::size_t row = 0; row < gallery.embedding_count(); ++row) {
      if (gallery.people()[gallery.owner(row)].name == name) {
        reds.push_back(gallery.embedding(row)[0]);
      }
    }
    return reds;
  }
  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> names;
    const gallery::Gallery gallery = file.load().value();
    for (const gallery::Person person : gallery.people()) {
      names.push_back(person.name);
    }
    return names;
  }
  // Somebody was seen: in a visit, or in a group of unknown faces.
  FaceId seen(std::uint64_t id, int red, std::optional<PersonId> person, std::optional<VisitId> visit,
              std::optional<UnknownId> unknown) {
    faces::NewFace face;
    face.record.id = FaceId{id};
    face.record.request_id = "r" + std::to_string(id);
    face.record.camera = "door";
    face.record.time = clock.now();
    face.record.quality = 0.5F;
    face.record.decision.person = person;
    face.record.decision.name = person ? "somebody" : "unknown";
    face.record.visit = visit;
    face.record.unknown = unknown;
    face.embedding = {static_cast<float>(red)};
    face.crop = faces::Crop{picture({red}), "image/png", image::Box{0, 0, kSide, kSide}, {}};
    faces::Batch batch;
    batch.faces.push_back(std::move(face));
    if (visit && !store->visit(*visit)) {
      faces::VisitRecord record;
      record.id = *visit;
      record.camera = "door";
      record.person = person;
      record.name = person ? "somebody" : "";
      record.unknown = unknown;
      record.first_seen = record.last_seen = clock.now();
      batch.visits.push_back(record);
    }
    if (unknown && !store->unknown(*unknown)) {
      faces::UnknownRecord record;
      record.id = *unknown;
      record.centroid = {static_cast<float>(red)};
      record.faces = 1;
      record.visits = visit ? 1 : 0;
      record.last_seen = clock.now();
      batch.unknowns.push_back(record);
    }
    const auto written = store->write(batch);
    EXPECT_TRUE(written) << written.error().message;
    return FaceId{id};
  }
  [[nodiscard]] std::vector<std::string> events() const {
    std::vector<std::string> types;
    const auto events = store->events_after(faces::EventId{0}, 500);
    for (const faces::Event& event : *events) {
      types.push_back(event.what.type);
    }
    return types;
  }
  void undo(const std::optional<ChangeId>& change) {
    ASSERT_TRUE(change);
    const auto undone = desk->undo(*change, "test");
    ASSERT_TRUE(undone) << undone.error().message;
  }
  template <typename T>
  std::optional<ChangeId> done(const Result<T>& result) {
    EXPECT_TRUE(result) << result.error().message;
    return result ? result->change : std::nullopt;
  }

  const TemporaryFolder folder;
  ManualClock clock{Clock::TimePoint(std::chrono::milliseconds(1'700'000'000'000))};
  const model::Manifest manifest = manifest_of_one();
  const detect::testing::TestDetector detector{red_squares};
  const std::shared_ptr<const embed::Embedder> embedder = embed::testing::test_embedder(red_of);
  const GalleryFile file{folder / "gallery.fpg"};
  std::unique_ptr<faces::FaceStore> store;
  std::optional<PeopleDesk> desk;
};

TEST_F(Desk, EnrolsAndKeepsThePictures) {
  const Bytes one = picture({10});
  const Bytes two = picture({1, 2});
  const Bytes none = picture({});
  const std::vector<PictureToAdd> pictures = {{"one", one}, {"two", two}, {"none", none}, {"text", as_bytes("hi")}};
  const auto added = desk->add_pictures("Ann", pictures, {}, "page");
  ASSERT_TRUE(added) << added.error().message;
  EXPECT_TRUE(added->is_new);
  EXPECT_TRUE(added->undoable);
  ASSERT_THAT(added->pictures, SizeIs(4));
  EXPECT_EQ(added->pictures[0].refusal, Refusal::kNone);
  EXPECT_EQ(added->pictures[1].refusal, Refusal::kSeveralFaces);
  EXPECT_EQ(added->pictures[2].refusal, Refusal::kNoFace);
  EXPECT_EQ(added->pictures[3].refusal, Refusal::kNoPicture);
  EXPECT_THAT(reds_of("Ann"), ElementsAre(10));
  const auto kept = desk->picture(*added->pictures[0].picture);
  ASSERT_TRUE(kept);
  EXPECT_TRUE(kept->kept);
  EXPECT_EQ(kept->record.source, "one");
  EXPECT_FALSE(desk->picture_crop(kept->id)->picture.empty());
  const auto person = desk->person("Ann");
  ASSERT_TRUE(person);
  EXPECT_EQ(person->cover, kept->id);
  EXPECT_THAT(events(), ElementsAre("person.added"));
  const auto changes = desk->changes({});
  ASSERT_TRUE(changes);
  EXPECT_EQ(changes->records.at(0).record.what.who, "page");
  EXPECT_EQ(changes->records.at(0).name, "Ann");
}

TEST_F(Desk, NobodyIsAddedByPicturesThatAreAllRefused) {
  const Bytes none = picture({});
  const std::vector<PictureToAdd> pictures = {{"none", none}};
  const auto added = desk->add_pictures("Ann", pictures, {}, "test");
  ASSERT_TRUE(added);
  EXPECT_FALSE(added->person);
  EXPECT_FALSE(added->change);
  EXPECT_THAT(desk->people("", {})->records, IsEmpty());
  EXPECT_EQ(desk->add_pictures("unknown", pictures, {}, "test").error().code, ErrorCode::kInvalidArgument);
}

TEST_F(Desk, EveryEditIsUndoneAndRedone) {
  const PersonId ann = *add("Ann", {10, 11}).person;
  const PersonId bob = *add("Bob", {20}).person;
  const PictureId first = desk->pictures(ann, {})->records.at(0).id;

  auto change = done(desk->remove_picture(first, "test"));
  EXPECT_THAT(reds_of("Ann"), ElementsAre(11));
  EXPECT_FALSE(desk->picture(first));
  undo(change);
  EXPECT_THAT(reds_of("Ann"), UnorderedElementsAre(10, 11));
  EXPECT_TRUE(desk->picture(first));

  change = done(desk->move_picture(first, bob, "test"));
  EXPECT_THAT(reds_of("Bob"), UnorderedElementsAre(20, 10));
  EXPECT_EQ(desk->picture(first)->person, bob);
  undo(change);
  EXPECT_THAT(reds_of("Bob"), ElementsAre(20));
  EXPECT_EQ(desk->picture(first)->person, ann);

  change = done(desk->reject_picture(first, "test"));
  EXPECT_EQ(desk->person(ann)->rejected, 1U);
  EXPECT_EQ(desk->person(ann)->pictures, 1U);
  undo(change);
  EXPECT_EQ(desk->person(ann)->rejected, 0U);
  EXPECT_EQ(desk->person(ann)->pictures, 2U);

  change = done(desk->rename(ann, "Anna", "test"));
  EXPECT_THAT(names(), UnorderedElementsAre("Anna", "Bob"));
  undo(change);
  EXPECT_THAT(names(), UnorderedElementsAre("Ann", "Bob"));
  EXPECT_EQ(desk->rename(ann, "Bob", "test").error().code, ErrorCode::kAlreadyExists);

  change = done(desk->merge(bob, ann, "test"));
  EXPECT_THAT(reds_of("Ann"), UnorderedElementsAre(10, 11, 20));
  EXPECT_FALSE(desk->person(bob));
  undo(change);
  EXPECT_THAT(reds_of("Bob"), ElementsAre(20));
  EXPECT_EQ(desk->person("Bob")->id, bob);
  EXPECT_TRUE(desk->pictures(bob, {})->records.at(0).kept);

  change = done(desk->remove(ann, "test"));
  EXPECT_THAT(names(), ElementsAre("Bob"));
  EXPECT_TRUE(desk->undo(*change, "test"));
  EXPECT_EQ(desk->person("Ann")->id, ann);
  EXPECT_EQ(desk->undo(*change, "test").error().code, ErrorCode::kInvalidArgument);  // already
  const auto last = desk->changes({.limit = 1, .after = {}})->records.at(0).record.id;
  EXPECT_TRUE(desk->undo(last, "test"));  // of the undo
  EXPECT_THAT(names(), ElementsAre("Bob"));
}

TEST_F(Desk, WhatWasRemovedIsDroppedWhenItsTimeIsOver) {
  const PersonId ann = *add("Ann", {10}).person;
  const auto change = done(desk->remove(ann, "test"));
  EXPECT_EQ(desk->tidy().value(), 0U);
  EXPECT_EQ(store->counts()->pictures, 1);
  clock.advance(PeopleDesk::kUndoTime + std::chrono::hours(1));
  EXPECT_EQ(desk->tidy().value(), 1U);
  EXPECT_EQ(store->counts()->pictures, 0);
  EXPECT_EQ(desk->undo(*change, "test").error().code, ErrorCode::kMismatch);
}

TEST_F(Desk, AnErasedPersonIsGoneEverywhere) {
  const PersonId ann = *add("Ann Onymous", {10}).person;
  seen(1, 10, ann, VisitId{5}, {});
  ASSERT_TRUE(desk->rename(ann, "Ann Known", "test"));
  const auto erased = desk->erase(ann, "test");
  ASSERT_TRUE(erased) << erased.error().message;
  EXPECT_GE(*erased, 3);  // picture, face, visit
  EXPECT_THAT(names(), IsEmpty());
  EXPECT_FALSE(store->face(FaceId{1}));
  EXPECT_EQ(store->counts()->pictures, 0);
  const auto changes = desk->changes({});
  ASSERT_TRUE(changes);
  for (const ChangeSummary& change : changes->records) {
    EXPECT_EQ(change.record.what.json.find("Ann"), std::string::npos) << change.record.what.json;
  }
}

TEST_F(Desk, SayingWhoAFaceIsEnrolsNothing) {
  const PersonId ann = *add("Ann", {10}).person;
  const FaceId face = seen(1, 30, {}, VisitId{5}, UnknownId{7});
  const auto assigned = desk->assign_unknown(UnknownId{7}, ann, "page");
  ASSERT_TRUE(assigned) << assigned.error().message;
  EXPECT_THAT(reds_of("Ann"), ElementsAre(10));
  EXPECT_EQ(store->face(face)->mark, faces::Mark::kAssigned);
  EXPECT_EQ(store->face(face)->marked_person, ann);
  EXPECT_EQ(store->visit(VisitId{5})->person, ann);
  EXPECT_EQ(store->visit(VisitId{5})->corrected_by, "page");
  EXPECT_EQ(store->unknown(UnknownId{7})->faces, 0);
  undo(assigned->change);
  EXPECT_EQ(store->face(face)->mark, faces::Mark::kNone);
  EXPECT_EQ(store->face(face)->unknown, UnknownId{7});
  EXPECT_FALSE(store->visit(VisitId{5})->person);
  EXPECT_EQ(store->unknown(UnknownId{7})->faces, 1);
  EXPECT_THAT(desk->person("Ann")->last_seen, ::testing::Eq(std::nullopt));
}

TEST_F(Desk, SomebodyNewIsEnrolledByTheBestFace) {
  seen(1, 30, {}, VisitId{5}, UnknownId{7});
  const auto assigned = desk->assign_visit(VisitId{5}, "Cleo", "page");
  ASSERT_TRUE(assigned) << assigned.error().message;
  EXPECT_TRUE(assigned->is_new);
  EXPECT_THAT(reds_of("Cleo"), ElementsAre(30));
  EXPECT_EQ(store->visit(VisitId{5})->name, "Cleo");
  EXPECT_EQ(desk->pictures(assigned->person, {})->records.at(0).record.face, FaceId{1});
  undo(assigned->change);
  EXPECT_THAT(names(), IsEmpty());
  EXPECT_FALSE(store->visit(VisitId{5})->person);
}

TEST_F(Desk, ARejectedFaceIsNotNamedSoAgain) {
  const PersonId ann = *add("Ann", {10}).person;
  const FaceId face = seen(1, 12, ann, VisitId{5}, {});
  const auto change = done(desk->reject_face(face, "page"));
  EXPECT_EQ(store->face(face)->mark, faces::Mark::kRejected);
  EXPECT_FALSE(store->visit(VisitId{5})->person);
  EXPECT_EQ(desk->person(ann)->rejected, 1U);
  undo(change);
  EXPECT_EQ(desk->person(ann)->rejected, 0U);
  EXPECT_EQ(store->visit(VisitId{5})->person, ann);
  const FaceId nobody = seen(2, 99, {}, {}, {});
  EXPECT_EQ(desk->reject_face(nobody, "page").error().code, ErrorCode::kInvalidArgument);
}

TEST_F(Desk, MarksOfFacesAndGroups) {
  const FaceId face = seen(1, 30, {}, {}, UnknownId{7});
  const auto ignored = done(desk->ignore_face(face, "page"));
  EXPECT_EQ(store->face(face)->mark, faces::Mark::kIgnored);
  undo(ignored);
  EXPECT_EQ(store->face(face)->mark, faces::Mark::kNone);
  done(desk->not_a_face(face, "page"));
  EXPECT_EQ(store->face(face)->mark, faces::Mark::kNoFace);
  EXPECT_EQ(store->unknown(UnknownId{7})->faces, 0);
  done(desk->clear_mark(face, "page"));
  const auto group = done(desk->ignore_unknown(UnknownId{7}, true, "page"));
  EXPECT_TRUE(store->unknown(UnknownId{7})->ignored);
  undo(group);
  EXPECT_FALSE(store->unknown(UnknownId{7})->ignored);
}

TEST_F(Desk, AKeptFaceBecomesAPicture) {
  const PersonId ann = *add("Ann", {10}).person;
  const FaceId face = seen(1, 30, {}, {}, {});
  const auto added = desk->enrol_faces(ann, std::vector{face}, {}, "page");
  ASSERT_TRUE(added) << added.error().message;
  EXPECT_THAT(reds_of("Ann"), ElementsAre(10, 30));
  EXPECT_EQ(desk->picture(*added->pictures.at(0).picture)->record.face, face);
}

TEST_F(Desk, WithoutAStoreTheGalleryAloneIsChanged) {
  open(/*keeps=*/false);
  const Added added = add("Ann", {10, 11});
  EXPECT_FALSE(added.change);
  const auto pictures = desk->pictures(added.person, {});
  ASSERT_TRUE(pictures);
  ASSERT_THAT(pictures->records, SizeIs(2));
  EXPECT_FALSE(pictures->records[0].kept);
  EXPECT_EQ(pictures->records[0].id, added.pictures.at(0).picture);
  EXPECT_TRUE(desk->remove_picture(pictures->records[0].id, "test"));
  EXPECT_THAT(reds_of("Ann"), ElementsAre(11));
  EXPECT_EQ(desk->undo(ChangeId{1}, "test").error().message, "nothing is kept: --keep none");
  EXPECT_EQ(desk->erase(*added.person, "test").value(), 0);
  EXPECT_THAT(names(), IsEmpty());
}

TEST_F(Desk, PagesGoThroughEverybody) {
  for (int i = 1; i <= 5; ++i) {
    add("P" + std::to_string(i), {10 * i, 10 * i + 1});
  }
  const auto first = desk->people("", {.limit = 3, .after = {}});
  ASSERT_TRUE(first);
  ASSERT_TRUE(first->next);
  const auto second = desk->people("", {.limit = 3, .after = *first->next});
  ASSERT_TRUE(second);
  EXPECT_THAT(second->records, SizeIs(2));
  EXPECT_FALSE(second->next);
  EXPECT_THAT(desk->people("3", {})->records, SizeIs(1));
  EXPECT_EQ(desk->people("", {.limit = 3, .after = "x"}).error().code, ErrorCode::kInvalidArgument);
  const auto range = desk->pictures_from({}, 3, 4);
  ASSERT_TRUE(range);
  EXPECT_EQ(range->total, 10U);
  ASSERT_THAT(range->pictures, SizeIs(4));
  EXPECT_EQ(range->pictures[0].record.source, "red 21");
  EXPECT_EQ(range->pictures[3].record.source, "red 40");
}

// --- A crash between the log and the gallery, in a process of its own.
class DyingStore final : public faces::FaceStore {
 public:
  explicit DyingStore(faces::FaceStore& store) : store_(store) {}
  Result<faces::Written> write(const faces::Batch& batch) override {
    auto written = store_.write(batch);
    ::_exit(written ? 9 : 1);
    return written;
  }
  using Page = faces::PageRequest;
  Result<faces::Page<faces::FaceRecord>> faces(const faces::FaceFilter& f, const Page& p) override {
    return store_.faces(f, p);
  }
  Result<faces::FaceRecord> face(FaceId id) override { return store_.face(id); }
  Result<std::vector<faces::FaceRecord>> find_faces(std::span<const FaceId> ids) override {
    return store_.find_faces(ids);
  }
  Result<faces::Crop> face_crop(FaceId id) override { return store_.face_crop(id); }
  Result<std::vector<float>> face_embedding(FaceId id) override { return store_.face_embedding(id); }
  Result<faces::Page<faces::VisitRecord>> visits(const faces::VisitFilter& f, const Page& p) override {
    return store_.visits(f, p);
  }
  Result<faces::VisitRecord> visit(VisitId id) override { return store_.visit(id); }
  Result<faces::Page<faces::UnknownRecord>> unknowns(bool i, const Page& p) override { return store_.unknowns(i, p); }
  Result<faces::UnknownRecord> unknown(UnknownId id) override { return store_.unknown(id); }
  Result<std::vector<std::string>> cameras() override { return store_.cameras(); }
  Result<faces::Page<faces::PictureRecord>> pictures(std::optional<PersonId> person, const Page& p) override {
    return store_.pictures(person, p);
  }
  Result<faces::PictureRecord> picture(PictureId id) override { return store_.picture(id); }
  Result<faces::Crop> picture_crop(PictureId id) override { return store_.picture_crop(id); }
  Result<std::vector<float>> picture_embedding(PictureId id) override { return store_.picture_embedding(id); }
  Result<faces::FramePicture> frame(std::string_view id) override { return store_.frame(id); }
  Result<std::optional<faces::FramePicture>> last_frame(const std::string& camera) override {
    return store_.last_frame(camera);
  }
  Result<std::vector<faces::Event>> events_after(faces::EventId after, std::size_t limit) override {
    return store_.events_after(after, limit);
  }
  Result<faces::EventId> last_event() override { return store_.last_event(); }
  Result<faces::Page<faces::ChangeRecord>> changes(const Page& p) override { return store_.changes(p); }
  Result<faces::ChangeRecord> change(ChangeId id) override { return store_.change(id); }
  Status set_outputs(std::span<const std::string> outputs) override { return store_.set_outputs(outputs); }
  Result<std::vector<std::pair<faces::Delivery, faces::Event>>> due(const std::string& output,
                                                                    std::size_t limit) override {
    return store_.due(output, limit);
  }
  Status delivered(const std::string& output, std::span<const faces::EventId> events) override {
    return store_.delivered(output, events);
  }
  Status put_off(const faces::Delivery& delivery) override { return store_.put_off(delivery); }
  Result<faces::Page<faces::Delivery>> dead_deliveries(const Page& p) override { return store_.dead_deliveries(p); }
  Result<std::int64_t> retry_dead(const std::string& output) override { return store_.retry_dead(output); }
  Result<std::int64_t> erase(PersonId person) override { return store_.erase(person); }
  Result<std::int64_t> erase_face(FaceId id) override { return store_.erase_face(id); }
  Result<std::int64_t> erase(UnknownId unknown) override { return store_.erase(unknown); }
  Result<faces::StoreCounts> counts() override { return store_.counts(); }
  Status health() override { return store_.health(); }
  int add_listener(Listener listener) override { return store_.add_listener(std::move(listener)); }
  void remove_listener(int id) override { store_.remove_listener(id); }

 private:
  faces::FaceStore& store_;
};

struct DeskAfterACrash : Desk {
  // Makes the change in another process, which dies when the log has it and before the gallery is written.
  void crash_in(const std::function<void(PeopleDesk&)>& change) {
    desk.reset();
    store.reset();
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      faces::SqliteFaceStore::Options options;
      options.clock = &clock;
      auto opened = faces::SqliteFaceStore::open(folder / "faces.db", options);
      DyingStore dying(**opened);
      PeopleDesk dies(parts(&dying));
      change(dies);
      ::_exit(2);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFEXITED(status));
    ASSERT_EQ(WEXITSTATUS(status), 9);
  }
};

TEST_F(DeskAfterACrash, TheChangeIsCompleted) {
  add("Ann", {10, 11});
  const Bytes encoded = picture({12});
  crash_in([&](PeopleDesk& dies) {
    const std::vector<PictureToAdd> pictures = {{"twelve", encoded}};
    (void)dies.add_pictures("Ann", pictures, {}, "test");
  });
  EXPECT_THAT(reds_of("Ann"), ElementsAre(10, 11));
  open();
  EXPECT_THAT(reds_of("Ann"), ElementsAre(10, 11, 12));
  EXPECT_EQ(desk->pictures_from({}, 0, 10)->pictures.size(), 3U);
  open();  // nothing is done twice
  EXPECT_THAT(reds_of("Ann"), ElementsAre(10, 11, 12));
  EXPECT_EQ(desk->tidy().value(), 0U);

  const PersonId ann = desk->person("Ann")->id;
  crash_in([&](PeopleDesk& dies) { (void)dies.rename(ann, "Anna", "test"); });
  EXPECT_THAT(names(), ElementsAre("Ann"));
  open();
  EXPECT_THAT(names(), ElementsAre("Anna"));

  crash_in([&](PeopleDesk& dies) { (void)dies.erase(ann, "test"); });
  EXPECT_THAT(names(), ElementsAre("Anna"));
  open();
  EXPECT_THAT(names(), IsEmpty());
  EXPECT_EQ(store->counts()->pictures, 0);
}

TEST_F(DeskAfterACrash, TheFirstEnrolmentIsCompleted) {
  const Bytes encoded = picture({12});
  crash_in([&](PeopleDesk& dies) {
    const std::vector<PictureToAdd> pictures = {{"twelve", encoded}};
    (void)dies.add_pictures("Ann", pictures, {}, "test");
  });
  open();
  EXPECT_THAT(reds_of("Ann"), ElementsAre(12));
}

}  // namespace
}  // namespace facepipe::people
