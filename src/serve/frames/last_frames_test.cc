#include "serve/frames/last_frames.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "faces/store/test_face_store.h"
#include "image/decode.h"
#include "serve/frames/frame_pictures.h"

namespace facepipe::serve {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

struct LastFramesTest : faces::FaceStoreFixture {
  stage::FrameInfo info(const std::string& camera) {
    stage::FrameInfo frame;
    frame.request_id = "r1";
    frame.camera_name = camera;
    frame.time = clock_.now();
    return frame;
  }
  std::chrono::milliseconds passed{0};
  LastFrames last{[this] { return std::chrono::steady_clock::time_point(passed); }};
  image::RgbImage pixels{1280, 720};
};

TEST_F(LastFramesTest, OnePictureASecondOfEachCamera) {
  EXPECT_TRUE(last.wants("door"));
  EXPECT_FALSE(last.wants("door"));
  EXPECT_TRUE(last.wants("yard"));
  EXPECT_FALSE(last.get("door")) << "asked for, and not made yet";
  passed += 1s;
  EXPECT_TRUE(last.wants("door"));
}

TEST_F(LastFramesTest, ThePictureIsSmallAndSaysHowLargeTheFrameWas) {
  FramePictures pictures(last, nullptr);
  ASSERT_TRUE(pictures.see(info("door"), pixels.view(), 2));
  const auto frame = last.get("door");
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->width, 1280);
  EXPECT_EQ(frame->height, 720);
  EXPECT_EQ(frame->faces, 2U);
  const auto small = image::probe_image(*frame->jpeg, {});
  ASSERT_TRUE(small);
  EXPECT_EQ(small->width, 640);
  EXPECT_EQ(small->height, 360);
  EXPECT_THAT(last.cameras(), ElementsAre("door"));
}

TEST_F(LastFramesTest, AFrameWithoutACameraIsNobodysLast) {
  FramePictures pictures(last, nullptr);
  ASSERT_TRUE(pictures.see(info(""), pixels.view(), 2));
  EXPECT_TRUE(last.cameras().empty());
}

TEST_F(LastFramesTest, FramesWithAFaceAreKeptWhereThatIsAskedFor) {
  options_.retention.frames = 1h;
  reopen();
  FramePictures pictures(last, store_.get());
  ASSERT_TRUE(pictures.see(info("door"), pixels.view(), 0));
  EXPECT_EQ(store_->counts()->frames, 0);
  ASSERT_TRUE(pictures.see(info("door"), pixels.view(), 1));
  ASSERT_TRUE(pictures.see(info(""), pixels.view(), 1));
  EXPECT_EQ(store_->counts()->frames, 2);
  const auto kept = store_->last_frame("door");
  ASSERT_TRUE(kept);
  ASSERT_TRUE(*kept);
  EXPECT_EQ((*kept)->width, 1280);
}

TEST_F(LastFramesTest, CamerasAreBounded) {
  for (int i = 0; i < 400; ++i) {
    passed += 1ms;
    const std::string camera = "camera " + std::to_string(i);
    ASSERT_TRUE(last.wants(camera));
    last.put(camera, {});
  }
  EXPECT_EQ(last.cameras().size(), LastFrames::kMaxCameras);
  EXPECT_FALSE(last.get("camera 0"));
  EXPECT_TRUE(last.get("camera 399"));
}

}  // namespace
}  // namespace facepipe::serve
