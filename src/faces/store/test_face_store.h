// For tests: a store in a folder of its own, under a clock that the test moves, and records to put in it.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/temporary_folder.h"
#include "faces/ids.h"
#include "faces/store/sqlite_face_store.h"

namespace facepipe::faces {

class FaceStoreFixture : public ::testing::Test {
 protected:
  FaceStoreFixture() { reopen(); }

  void reopen() {
    store_.reset();
    options_.clock = &clock_;
    options_.monotonic = [this] { return clock_.now().time_since_epoch(); };
    auto opened = SqliteFaceStore::open(file(), options_);
    ASSERT_TRUE(opened) << opened.error().message;
    store_ = *std::move(opened);
  }

  [[nodiscard]] std::filesystem::path file() const { return folder_.path() / "faces.db"; }

  // A face with everything, at the clock's time.
  [[nodiscard]] NewFace face(std::uint64_t id, const std::string& camera = "door") const {
    NewFace face;
    face.record.id = FaceId{id};
    face.record.request_id = "request-" + std::to_string(id);
    face.record.face_index = 1;
    face.record.face_count = 2;
    face.record.camera = camera;
    face.record.time = clock_.now();
    face.record.box = image::Box{1.5F, 2.25F, 30.1F, 40.7F};
    face.record.confidence = 0.987654F;
    face.record.quality = 0.5F;
    face.record.usable = false;
    face.record.reasons = {"blurred", "small"};
    face.record.decision.name = "unknown";
    face.embedding = {0.1F, -0.2F, 0.3F};
    Crop crop;
    crop.picture = to_bytes(as_bytes("picture of " + std::to_string(id)));
    crop.media_type = "image/jpeg";
    crop.box = image::Box{0, 0, 10, 10};
    crop.landmarks = image::Landmarks{{{1, 2}, {3, 4}, {5, 6}, {7, 8}, {9, 10.5F}}};
    face.crop = std::move(crop);
    return face;
  }

  [[nodiscard]] NewFace face_of(std::uint64_t id, std::uint64_t person, const std::string& name) const {
    NewFace known = face(id);
    known.record.usable = true;
    known.record.reasons.clear();
    known.record.decision.person = PersonId{person};
    known.record.decision.name = name;
    known.record.decision.distance = 0.4F;
    known.record.decision.threshold = 0.8F;
    known.record.decision.probability = 0.99F;
    return known;
  }

  [[nodiscard]] VisitRecord visit(std::uint64_t id, const std::string& camera = "door") const {
    VisitRecord visit;
    visit.id = VisitId{id};
    visit.camera = camera;
    visit.first_seen = clock_.now();
    visit.last_seen = clock_.now();
    visit.frames = 3;
    visit.votes = R"({"a":1})";
    return visit;
  }

  [[nodiscard]] NewPicture picture(std::uint64_t id, std::uint64_t person) const {
    NewPicture picture;
    picture.record.id = PictureId{id};
    picture.record.person = PersonId{person};
    picture.record.time = clock_.now();
    picture.record.source = "ann.jpg";
    picture.record.quality = 0.75F;
    picture.embedding = {0.6F, 0.8F};
    picture.crop.picture = to_bytes(as_bytes("enrolled " + std::to_string(id)));
    picture.crop.media_type = "image/png";
    return picture;
  }

  [[nodiscard]] NewEvent event(const std::string& type, const std::string& json = "{}") const {
    return {random_event_key(), type, clock_.now(), json};
  }

  Written write_ok(const Batch& batch) {
    auto written = store_->write(batch);
    EXPECT_TRUE(written) << written.error().message;
    return written ? *std::move(written) : Written{};
  }

  // Time passes, and what is due is done: each call of the committer gives upkeep its turn, and 40 s are longer than
  // freed bytes stay in the log.
  void pass(std::chrono::milliseconds time) {
    clock_.advance(time);
    for (int i = 0; i < 40; ++i) {
      EXPECT_TRUE(store_->delivered("nobody", {}));
      clock_.advance(std::chrono::seconds(1));
    }
  }

  // The bytes of all files of the folder.
  [[nodiscard]] std::string all_bytes() const {
    std::string bytes;
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
      auto content = read_file(entry.path(), std::size_t{1} << 30U);
      for (int i = 0; i < 100 && !content; ++i) {  // changed while it was read
        content = read_file(entry.path(), std::size_t{1} << 30U);
      }
      EXPECT_TRUE(content) << content.error().message;
      bytes += as_text(*content);
    }
    return bytes;
  }

  [[nodiscard]] std::vector<FaceId> faces_of(const FaceFilter& filter) {
    std::vector<FaceId> ids;
    auto page = store_->faces(filter, {});
    EXPECT_TRUE(page) << page.error().message;
    for (const FaceRecord& record : page->records) {
      ids.push_back(record.id);
    }
    return ids;
  }
  [[nodiscard]] std::vector<VisitId> visits_of(const VisitFilter& filter) {
    std::vector<VisitId> ids;
    auto page = store_->visits(filter, {});
    EXPECT_TRUE(page) << page.error().message;
    for (const VisitRecord& record : page->records) {
      ids.push_back(record.id);
    }
    return ids;
  }

  TemporaryFolder folder_;
  ManualClock clock_{Clock::TimePoint(std::chrono::milliseconds(1'700'000'000'000))};
  SqliteFaceStore::Options options_;
  std::unique_ptr<SqliteFaceStore> store_;
};

}  // namespace facepipe::faces
