#include "stage/detection/detection_stage.h"

#include <gtest/gtest.h>

#include <optional>
#include <span>
#include <vector>

#include "detect/test_detector.h"
#include "image/encode.h"
#include "wire/messages.h"

namespace facepipe::stage {
namespace {

using Kind = FrameOutcome::Kind;

// Keeps what it is given, in order.
class KeepingSink final : public FrameSink {
 public:
  [[nodiscard]] bool knows_frames() const override { return knows; }
  Result<std::optional<int>> find(const std::string& key) override {
    for (const DetectedFrame& frame : frames) {
      if (knows && frame.key == key) {
        return std::optional(static_cast<int>(frame.faces.size()));
      }
    }
    return std::optional<int>();
  }
  Result<StoredFrame> store(DetectedFrame frame) override {
    if (trouble) {
      return *trouble;
    }
    frames.push_back(std::move(frame));
    return StoredFrame{.faces = static_cast<int>(frames.back().faces.size())};
  }
  bool knows = false;
  std::optional<Error> trouble;
  std::vector<DetectedFrame> frames;
};

class Detecting : public ::testing::Test {
 protected:
  static FrameInfo info(std::uint64_t sequence) {
    FrameInfo info;
    info.request_id = "r" + std::to_string(sequence);
    info.camera = "door";
    info.time = Clock::TimePoint{std::chrono::milliseconds(1'000 + sequence)};
    info.sequence = sequence;
    return info;
  }
  static DecodedFrame decoded(std::uint64_t sequence) { return {info(sequence), image::RgbImage(64, 48), {}, {}, {}}; }

  KeepingSink sink_;
  std::size_t faces_ = 1;
  int detections_ = 0;
  detect::testing::TestDetector detector_{[this](image::RgbView, const WorkLimit&) -> Result<detect::Detection> {
    ++detections_;
    detect::Detection found;
    found.faces.assign(faces_, {{4, 4, 44, 40}, 0.75F, {}});
    return found;
  }};
  DetectionStage stage_{detector_, sink_, {}};
};

TEST_F(Detecting, CameraTimeAndSequenceTravelWithPixelsToTheSink) {
  faces_ = 2;
  const FrameOutcome outcome = stage_.handle(decoded(7));
  EXPECT_EQ(outcome.kind, Kind::kAccepted) << outcome.error.message;
  EXPECT_TRUE(outcome.ok());
  EXPECT_EQ(outcome.faces, 2);
  EXPECT_EQ(outcome.width, 64);
  EXPECT_EQ(outcome.height, 48);
  ASSERT_EQ(sink_.frames.size(), 1U);
  const DetectedFrame& frame = sink_.frames[0];
  EXPECT_EQ(frame.info.request_id, "r7");
  EXPECT_EQ(frame.info.camera, "door");
  EXPECT_EQ(frame.info.time, Clock::TimePoint{std::chrono::milliseconds(1'007)});
  EXPECT_EQ(frame.info.sequence, 7U);
  EXPECT_EQ(frame.faces.size(), 2U);
  EXPECT_EQ(frame.key, "") << "no key is made for a sink that does not know frames";
}

TEST_F(Detecting, PixelsThatTheSinkKnowsAreNotWorkedOnAgain) {
  sink_.knows = true;
  EXPECT_EQ(stage_.handle(decoded(1)).kind, Kind::kAccepted);
  FrameOutcome outcome = stage_.handle(decoded(1));
  EXPECT_EQ(outcome.kind, Kind::kDuplicate);
  EXPECT_EQ(outcome.faces, 1);
  EXPECT_EQ(stage_.handle(decoded(2)).kind, Kind::kAccepted);
  EXPECT_EQ(detections_, 2);
  DecodedFrame named = decoded(3);
  named.key = sink_.frames[0].key;  // whoever decoded it knows it better
  EXPECT_EQ(stage_.handle(std::move(named)).kind, Kind::kDuplicate);
}

TEST_F(Detecting, AnEncodedFrameIsTheSameAfterItsDecoding) {
  const image::RgbImage black(64, 48);
  const Bytes picture = image::encode_png(black.view()).value();
  faces_ = 0;
  sink_.knows = true;
  EXPECT_EQ(stage_.handle(EncodedFrame{info(1), picture}).kind, Kind::kNoFace);
  EXPECT_EQ(stage_.handle(EncodedFrame{info(1), picture}).kind, Kind::kDuplicate);
  EXPECT_EQ(sink_.frames.at(0).key, frame_key("r1", picture));
  EXPECT_EQ(sink_.frames.at(0).info.sequence, 1U);
  const FrameOutcome bad = stage_.handle(EncodedFrame{info(2), as_bytes("no picture")});
  EXPECT_EQ(bad.kind, Kind::kFailed);
  EXPECT_EQ(bad.error.code, ErrorCode::kUnsupported);
}

TEST_F(Detecting, WhatFailedAndWhatWasNotStoredAreToldApart) {
  sink_.trouble = Error{ErrorCode::kUnavailable, "away"};
  FrameOutcome outcome = stage_.handle(decoded(1));
  EXPECT_EQ(outcome.kind, Kind::kNotStored);
  EXPECT_EQ(outcome.error.message, "away");
  EXPECT_EQ(outcome.faces, 1);
  DecodedFrame late = decoded(2);
  late.limit = WorkLimit().until(WorkLimit::Clock::now(), "no time");
  outcome = stage_.handle(std::move(late));
  EXPECT_EQ(outcome.kind, Kind::kFailed);
  EXPECT_EQ(outcome.error.code, ErrorCode::kTimeout);
  EXPECT_FALSE(outcome.ok());
}

TEST_F(Detecting, ThePixelsMemoryIsHeldUntilTheSinkHasTheMessages) {
  WorkMemory memory(std::size_t{64} << 20U, "--max-work-memory");
  DecodedFrame frame = decoded(1);
  frame.memory = FrameMemory(&memory, {}, {});
  ASSERT_TRUE(frame.memory.take_for({image::ImageFormat::kPng, 64, 48, 1, 0}, true, detector_));
  EXPECT_GT(memory.used(), 0U);
  EXPECT_EQ(stage_.handle(std::move(frame)).kind, Kind::kAccepted);
  EXPECT_EQ(memory.used(), 0U);
}

// Sees frames, and fails as it is told.
class ToldWatcher final : public FrameWatcher {
 public:
  Status see(const FrameInfo& frame, image::RgbView pixels, std::size_t faces) override {
    seen.emplace_back(frame.request_id + " " + std::to_string(pixels.width) + " " + std::to_string(faces));
    return trouble ? Status(*trouble) : Status();
  }
  std::vector<std::string> seen;
  std::optional<Error> trouble;
};

TEST_F(Detecting, AWatcherSeesAFrameBeforeItIsStored) {
  ToldWatcher watcher;
  DetectionOptions options;
  options.watcher = &watcher;
  const DetectionStage stage(detector_, sink_, options);
  EXPECT_TRUE(stage.handle(decoded(7)).ok());
  faces_ = 0;
  EXPECT_TRUE(stage.handle(decoded(8)).ok());
  EXPECT_EQ(watcher.seen, (std::vector<std::string>{"r7 64 1", "r8 64 0"}));
  watcher.trouble = Error{ErrorCode::kExhausted, "full"};
  const FrameOutcome outcome = stage.handle(decoded(9));
  EXPECT_EQ(outcome.kind, Kind::kNotStored);
  EXPECT_EQ(outcome.error.message, "full");
  EXPECT_EQ(sink_.frames.size(), 2U);
}

TEST_F(Detecting, MessagesTellOfTheirFrameWhereThatIsAskedFor) {
  DecodedFrame frame = decoded(7);
  frame.info.camera_name = "front door";
  DetectionOptions options;
  options.tell_frame = true;
  ASSERT_TRUE(DetectionStage(detector_, sink_, options).handle(std::move(frame)).ok());
  const auto told = wire::parse_face_message(sink_.frames[0].faces[0]);
  ASSERT_TRUE(told);
  EXPECT_EQ(told->camera, "front door");
  EXPECT_EQ(told->time, Clock::TimePoint{std::chrono::milliseconds(1'007)});
  EXPECT_EQ(told->frame, (wire::PictureSize{64, 48}));
  ASSERT_TRUE(stage_.handle(decoded(7)).ok());
  const auto plain = wire::parse_face_message(sink_.frames[1].faces[0]);
  EXPECT_FALSE(plain->time || plain->frame);
  options.crop = CropStyle::kClassic;
  options.faces = FaceSelection::kLargest;
  ASSERT_TRUE(DetectionStage(detector_, sink_, options).handle(decoded(7)).ok());
  EXPECT_EQ(sink_.frames[2].faces[0].find("time"), std::string::npos) << "the Python detector's message";
}

}  // namespace
}  // namespace facepipe::stage
