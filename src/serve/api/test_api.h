// For tests: an API over a store in a folder of its own, without networks.
#pragma once

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/json_reader.h"
#include "base/temporary_folder.h"
#include "detect/test_detector.h"
#include "faces/store/sqlite_face_store.h"
#include "serve/api/api.h"
#include "stage/detection/detection_stage.h"

namespace facepipe::serve::testing {

class ApiFixture : public ::testing::Test {
 protected:
  // What tests of frames would need; nothing is stored.
  struct NoSink final : stage::FrameSink {
    [[nodiscard]] bool knows_frames() const override { return false; }
    [[nodiscard]] Result<std::optional<int>> find(const std::string&) override { return std::optional<int>(); }
    [[nodiscard]] Result<stage::StoredFrame> store(stage::DetectedFrame) override { return stage::StoredFrame{}; }
  };

  explicit ApiFixture(bool kept = true) {
    auto live = access::LiveAccess::open(folder_ / "access.json", std::nullopt, null_logger());
    EXPECT_TRUE(live);
    access_ = *std::move(live);
    door_.emplace(FrontDoorOptions{.port_name = "frames", .browser = {}, .tls = false, .tokens = access_.get()},
                  null_logger());
    auto queues = queue::QueueStore::open(folder_ / "queues.db", {});
    EXPECT_TRUE(queues);
    queues_ = *std::move(queues);
    EXPECT_TRUE(queues_->create_queue("dead", {}));
    if (kept) {
      faces::SqliteFaceStore::Options options;
      options.retention.frames = std::chrono::hours(1'000'000);
      options.changeable_retention = {"known", "unknown", "bytes"};
      auto store = faces::SqliteFaceStore::open(folder_ / "faces.db", options);
      EXPECT_TRUE(store) << store.error().message;
      store_ = *std::move(store);
      events_.emplace(*store_, [] { return true; }, null_logger());
      waits_.emplace(*store_);
    }
    desk_.emplace(people::DeskParts{.gallery = people::GalleryFile(folder_ / "gallery.fpg"), .store = store_.get()});
    system_ = {.version = "1",
               .started = system_clock().now(),
               .ready = [] { return true; },
               .people = [] { return std::optional<std::int64_t>(); },
               .checks = [] { return std::vector<SystemCheck>{{"one", true, ""}}; },
               .queues = queues_.get(),
               .queue_names = {"dead"},
               .dead_letters = "dead",
               .fixed = {{"keep", "faces"}},
               .outputs = {"bell"},
               .test_output = [this](const std::string& output, std::string_view) { return test_output(output); },
               .frames = &metrics_.recent_frames,
               .answers = &metrics_.recent_answers};
    api_.emplace(
        ApiParts{
            .door = *door_,
            .store = store_.get(),
            .desk = *desk_,
            .looker = looker_,
            .frames = endpoint_,
            .pool = pool_,
            .system = system_,
            .events = events_ ? &*events_ : nullptr,
            .waits = waits_ ? &*waits_ : nullptr,
            .name_of = nullptr,
            .last_frame = [this](const std::string& camera,
                                 std::optional<Clock::TimePoint> time) -> Result<std::optional<CameraFrame>> {
              if (at_hand_) {
                return at_hand_(camera, time);
              }
              return store_ ? kept_frame(*store_, camera, time) : std::optional<CameraFrame>();
            },
            .forget = {.face =
                           [this](faces::FaceId face) {
                             forgotten_.push_back(faces::to_text(face));
                             return Status{};
                           },
                       .unknown = [this](faces::UnknownId unknown) { forgotten_.push_back(faces::to_text(unknown)); },
                       .at_hand = [this] { forgotten_.emplace_back("frames"); }},
            .logger = null_logger()},
        "1");
    api_->add_routes(router_);
  }

  // As a client without a token has it.
  http::Response ask(const std::string& method, const std::string& target, const std::string& body = "",
                     http::Headers headers = {}) {
    headers.emplace_back("host", "127.0.0.1");
    if (!body.empty() && http::header(headers, "content-type").empty()) {
      headers.emplace_back("content-type", "application/json");
    }
    http::Request request{method, target, std::move(headers), body, "127.0.0.1"};
    if (auto refused = router_.admit(request)) {
      return *std::move(refused);
    }
    std::promise<http::Response> answered;
    router_.handle(std::move(request),
                   http::Responder([&answered](http::Response response) { answered.set_value(std::move(response)); }));
    return answered.get_future().get();
  }

  virtual Result<std::optional<OutputTest>> test_output(const std::string& output) {
    return Error{ErrorCode::kNotFound, "no such output: " + output};
  }

  const TemporaryFolder folder_;
  std::unique_ptr<access::LiveAccess> access_;
  std::optional<FrontDoor> door_;
  std::unique_ptr<queue::QueueStore> queues_;
  std::unique_ptr<faces::FaceStore> store_;
  std::optional<EventFeed> events_;
  std::optional<FrameWaits> waits_;
  std::optional<people::PeopleDesk> desk_;
  detect::testing::TestDetector detector_{std::vector<detect::Face>{}};
  look::Looker looker_{{.detector = detector_, .recognizer = nullptr, .decode = {}, .memory = nullptr}};
  NoSink sink_;
  stage::DetectionStage detection_{detector_, sink_, {}};
  frame_http::FrameHandler frames_{detection_, null_logger()};
  FramePool frame_pool_{1, 4};
  Metrics metrics_;
  FrameEndpoint endpoint_{frames_, frame_pool_, nullptr, metrics_, [] { return true; }};
  SystemView system_;
  LastFrameOf at_hand_;                 // empty: what is kept
  std::vector<std::string> forgotten_;  // what was told to who remembers it
  std::optional<Api> api_;
  FramePool pool_{2, 16};
  http::Router router_{{}, "nothing"};
};

}  // namespace facepipe::serve::testing
