#include "serve/api/frame_waits.h"

#include <gtest/gtest.h>

#include <future>

#include "base/temporary_folder.h"
#include "faces/store/sqlite_face_store.h"

namespace facepipe::serve {
namespace {

using Faces = std::vector<faces::FaceRecord>;

class FrameWaitsTest : public ::testing::Test {
 protected:
  FrameWaitsTest() {
    auto store = faces::SqliteFaceStore::open(folder_ / "faces.db", {});
    EXPECT_TRUE(store);
    store_ = *std::move(store);
    waits_.emplace(*store_);
  }
  void keep(std::uint64_t id, int index) {
    faces::NewFace face;
    face.record.id = faces::FaceId{id};
    face.record.request_id = "frame";
    face.record.face_index = index;
    face.record.face_count = 2;
    face.record.time = system_clock().now();
    face.record.decision.name = "unknown";
    faces::Batch batch;
    batch.faces.push_back(std::move(face));
    ASSERT_TRUE(store_->write(batch));
  }
  std::future<Faces> wait(std::chrono::milliseconds time) {
    const auto told = std::make_shared<std::promise<Faces>>();
    FrameWait wait;
    wait.request_id = "frame";
    wait.faces = 2;
    wait.until = std::chrono::steady_clock::now() + time;
    wait.done = [told](Faces faces) { told->set_value(std::move(faces)); };
    EXPECT_TRUE(waits_->add(std::move(wait)));
    return told->get_future();
  }
  const TemporaryFolder folder_;
  std::unique_ptr<faces::FaceStore> store_;
  std::optional<FrameWaits> waits_;
};

TEST_F(FrameWaitsTest, EndsWhenEveryFaceIsThere) {
  auto told = wait(std::chrono::minutes(10));
  keep(2, 1);
  EXPECT_EQ(told.wait_for(std::chrono::milliseconds(200)), std::future_status::timeout);
  keep(1, 0);
  ASSERT_EQ(told.wait_for(std::chrono::minutes(1)), std::future_status::ready);
  const Faces faces = told.get();
  ASSERT_EQ(faces.size(), 2U);
  EXPECT_EQ(faces[0].face_index, 0);
}

TEST_F(FrameWaitsTest, EndsInTimeWithWhatThereIs) {
  keep(1, 0);
  auto told = wait(std::chrono::milliseconds(100));
  ASSERT_EQ(told.wait_for(std::chrono::minutes(1)), std::future_status::ready);
  EXPECT_EQ(told.get().size(), 1U);
}

TEST_F(FrameWaitsTest, TheEndEndsAllAndNoMoreAreTaken) {
  auto told = wait(std::chrono::minutes(10));
  waits_->end();
  ASSERT_EQ(told.wait_for(std::chrono::minutes(1)), std::future_status::ready);
  EXPECT_FALSE(waits_->add({}));
}

}  // namespace
}  // namespace facepipe::serve
