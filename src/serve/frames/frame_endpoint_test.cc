#include "serve/frames/frame_endpoint.h"

#include <gtest/gtest.h>

#include "detect/test_detector.h"
#include "stage/detection/frame_sink.h"

namespace facepipe::serve {
namespace {

// Nobody looks at the frames here.
struct ForgetfulSink final : stage::FrameSink {
  [[nodiscard]] bool knows_frames() const override { return false; }
  [[nodiscard]] Result<std::optional<int>> find(const std::string&) override { return std::optional<int>(); }
  [[nodiscard]] Result<stage::StoredFrame> store(stage::DetectedFrame) override { return stage::StoredFrame{}; }
};

struct FrameEndpointTest : ::testing::Test {
  // The status of a frame that a camera sends now.
  int send() {
    int status = 0;
    endpoint.take({}, "door", [&](const frame_http::FrameAnswer& answer) { status = answer.status; });
    return status;
  }

  ForgetfulSink sink;
  detect::testing::TestDetector detector{[](image::RgbView, const WorkLimit&) { return detect::Detection{}; }};
  stage::DetectionStage stage{detector, sink, {}};
  frame_http::FrameHandler handler{stage, null_logger()};
  FramePool pool{1, 0};
  Metrics metrics;
  std::stop_source stop;
  FrameEndpoint endpoint{handler, pool, nullptr, metrics, [] { return true; }, stop.get_token()};
};

TEST_F(FrameEndpointTest, APoolWithoutRoomIs429) {
  pool.refuse_waiting();
  EXPECT_EQ(send(), 429);
  EXPECT_EQ(endpoint.check_rate({})->status, 429);
  EXPECT_EQ(metrics.frames_deferred.value(), 2);
}

// Its end refuses frames too: that is no line that was full, and no other pace of the camera helps.
TEST_F(FrameEndpointTest, AtTheEndItIs503) {
  stop.request_stop();
  pool.refuse_waiting();
  EXPECT_EQ(send(), 503);
  EXPECT_EQ(endpoint.check_rate({})->status, 503);
  EXPECT_EQ(metrics.frames_failed.value(), 2);
  EXPECT_EQ(metrics.frames_deferred.value(), 0);
}

}  // namespace
}  // namespace facepipe::serve
