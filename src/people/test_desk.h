// For tests: a desk with a store and a gallery in a folder of its own.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/temporary_folder.h"
#include "detect/test_detector.h"
#include "embed/test_embedder.h"
#include "faces/store/sqlite_face_store.h"
#include "people/people_desk.h"
#include "recognize/test_red_squares.h"

namespace facepipe::people {

using recognize::testing::kSide;
using recognize::testing::picture;
using recognize::testing::red_of;
using recognize::testing::red_squares;

inline model::Manifest manifest_of_one() {
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
            .detector = &detector,
            .recognizer = [this]() -> Result<std::shared_ptr<const recognize::FaceRecognizer>> {
              auto loaded = file.load();
              auto made = recognize::FaceRecognizer::create(
                  embedder, manifest,
                  loaded ? *std::move(loaded) : recognize::new_gallery(manifest, manifest.preprocessing));
              return std::make_shared<const recognize::FaceRecognizer>(std::move(made).value());
            },
            .store = kept,
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

}  // namespace facepipe::people
