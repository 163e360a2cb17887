// For tests: a keeper on the store on SQLite, and faces for it.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "embed/test_embedder.h"
#include "faces/ids.h"
#include "faces/store/test_face_store.h"
#include "visits/test_faces.h"
#include "visits/visit_keeper.h"

namespace facepipe::visits::testing {

inline recognize::FaceRecognizer recognizer_of(gallery::Gallery gallery) {
  model::Manifest manifest;
  manifest.model_id = "m1";
  manifest.embedding_size = kSize;
  auto embedder = embed::testing::test_embedder(
      [](std::span<const image::RgbView>, const model::Preprocessing&) -> Result<std::vector<embed::Embedding>> {
        return Error{ErrorCode::kInternal, "not asked"};
      });
  return recognize::FaceRecognizer::create(std::move(embedder), manifest, std::move(gallery)).value();
}

inline recognize::FaceRecognizer recognizer_of(const std::vector<std::string>& names) {
  gallery::Gallery gallery({"m1", model::known_mode("standard").value(), kSize});
  gallery.set_distance_threshold(1.0F);
  for (std::size_t i = 0; i < names.size(); ++i) {
    EXPECT_TRUE(gallery.add(names[i], embedding_of(i)));
  }
  return recognizer_of(std::move(gallery));
}

struct VisitKeeperFixture : faces::FaceStoreFixture {
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
  // Before the times that tests give them.
  void TearDown() override {
    keeper.reset();
    store_.reset();
  }
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

}  // namespace facepipe::visits::testing
