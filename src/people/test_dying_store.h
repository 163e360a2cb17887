// For tests: a crash between the log and the gallery, in a process of its own.
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "people/test_desk.h"

namespace facepipe::people {

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
  faces::Retention retention() const override { return store_.retention(); }
  const faces::ClassNames& changeable_retention() const override { return store_.changeable_retention(); }
  Result<faces::RetentionLoss> loss_by(const faces::RetentionValues& values) override { return store_.loss_by(values); }
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
    crash([&](faces::FaceStore& dying) {
      PeopleDesk dies(parts(&dying));
      change(dies);
    });
  }
  void crash(const std::function<void(faces::FaceStore&)>& change) {
    desk.reset();
    store.reset();
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      faces::SqliteFaceStore::Options options;
      options.clock = &clock;
      auto opened = faces::SqliteFaceStore::open(folder / "faces.db", options);
      DyingStore dying(**opened);
      change(dying);
      ::_exit(2);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFEXITED(status));
    ASSERT_EQ(WEXITSTATUS(status), 9);
  }
};

}  // namespace facepipe::people
