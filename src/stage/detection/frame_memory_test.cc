#include "stage/detection/frame_memory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "detect/test_detector.h"

namespace facepipe::stage {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

image::ImageInfo jpeg(int width, int height, std::size_t codec_bytes = 0) {
  return {image::ImageFormat::kJpeg, width, height, 1, codec_bytes};
}

// As much as MTCNN says of a picture of 50 megapixels, and of a camera's (mtcnn_test.cc).
const detect::testing::TestDetector kDetector({}, std::size_t{48} << 20U);
const detect::testing::TestDetector kOfCamera({}, std::size_t{26} << 20U);

TEST(FrameMemory, WithoutABoundEverythingIsGranted) {
  FrameMemory memory(nullptr, 0ms, {});
  EXPECT_TRUE(memory.take_for(jpeg(16'000, 16'000), true, kDetector));
  EXPECT_TRUE(memory.add_message(std::size_t{1} << 30U));
}

TEST(FrameMemory, TheLargestPictureOfTheDefaultLimitsFitsTheDefaultAndOrdinaryOnesBesideIt) {
  WorkMemory work(kDefaultWorkMemory, "--max-work-memory");
  FrameMemory giant(&work, 0ms, {});
  // Progressive, without subsampling: two bytes for each of 150 million samples.
  const Status taken = giant.take_for(jpeg(8'000, 6'250, std::size_t{300} << 20U), true, kDetector);
  EXPECT_TRUE(taken) << taken.error().message;
  std::vector<FrameMemory> ordinary;
  for (int i = 0; i < 5; ++i) {
    ordinary.emplace_back(&work, 0ms, std::stop_token());
    EXPECT_TRUE(ordinary.back().take_for(jpeg(1'920, 1'080), true, kOfCamera)) << i;
  }
}

TEST(FrameMemory, MessagesPastTheFirstPieceTakeMore) {
  WorkMemory work(std::size_t{128} << 20U, "--max-work-memory");
  FrameMemory memory(&work, 0ms, {});
  ASSERT_TRUE(memory.take_for(jpeg(100, 100), true, kDetector));
  const std::size_t before = work.used();
  EXPECT_TRUE(memory.add_message(1'000'000));
  EXPECT_EQ(work.used(), before);
  Status status;
  int messages = 0;
  while (status && messages < 1000) {
    status = memory.add_message(1'000'000);
    ++messages;
  }
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::kExhausted);
  EXPECT_THAT(status.error().message, HasSubstr("--max-work-memory"));
  EXPECT_GT(messages, 50);
  memory.release();
  EXPECT_EQ(work.used(), 0U);
}

TEST(FrameMemory, WhatDoesNotFitNowIsToldSo) {
  WorkMemory work(std::size_t{400} << 20U, "--max-work-memory");
  FrameMemory first(&work, 0ms, {});
  ASSERT_TRUE(first.take_for(jpeg(8'000, 6'000), true, kDetector));
  FrameMemory second(&work, 1ms, {});
  const Status status = second.take_for(jpeg(8'000, 6'000), true, kDetector);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::kExhausted);
  EXPECT_THAT(status.error().message, HasSubstr("JPEG of 8000x6000 px"));
}

}  // namespace
}  // namespace facepipe::stage
