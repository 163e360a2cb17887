#include "frame_http/frame_handler.h"

#include <gtest/gtest.h>

#include <limits>
#include <map>
#include <new>
#include <optional>
#include <stdexcept>
#include <thread>

#include "base/base64.h"
#include "base/test_memory.h"
#include "detect/test_detector.h"
#include "image/encode.h"
#include "queue/test_queue.h"
#include "queue/validation.h"
#include "wire/messages.h"

namespace facepipe::frame_http {
namespace {

Bytes png(int width = 64, int height = 48) {
  const image::RgbImage black(width, height);
  return image::encode_png(black.view()).value();
}

FrameRequest json_request(ByteView picture) {
  FrameRequest request;
  request.body = wire::to_json(wire::Frame{"r1", "a.png", to_bytes(picture)});
  request.content_type = "application/json";
  return request;
}

FrameRequest raw_request(ByteView picture) {
  FrameRequest request;
  request.body = std::string(as_text(picture));
  request.content_type = "image/png";
  request.request_id = "r1";
  request.filename = "a.png";
  return request;
}

std::vector<detect::Face> faces(std::size_t count) {
  std::vector<detect::Face> faces;
  for (std::size_t i = 0; i < count; ++i) {
    faces.push_back({{4, 4, 44 - static_cast<float>(i), 40}, 0.75F, {{{1, 2}, {3, 4}, {5, 6}, {7, 8}, {9, 10}}}});
  }
  return faces;
}

using detect::testing::TestDetector;

class FrameHandling : public ::testing::Test {
 protected:
  using FindFaces = std::function<std::vector<detect::Face>(image::RgbView)>;
  static TestDetector detector_of(FindFaces find) {
    return TestDetector([find = std::move(find)](image::RgbView frame, const WorkLimit&) -> Result<detect::Detection> {
      return detect::Detection{find(frame), true};
    });
  }
  FrameAnswer handle_into(stage::FrameSink& sink, const FrameRequest& request, const detect::Detector& detector,
                          const WorkLimit& limit = {}) {
    const stage::DetectionStage stage(detector, sink, options_);
    return FrameHandler(stage, logger_).handle(request, limit);
  }
  FrameAnswer handle(const FrameRequest& request, FindFaces find) {
    stage::AnsweringQueueSink answering(requests_, fifo_, answers_, fifo_);
    stage::QueueSink original(requests_, fifo_);
    return handle_into(with_answers_ ? static_cast<stage::FrameSink&>(answering) : original, request,
                       detector_of(std::move(find)));
  }
  FrameAnswer handle(const FrameRequest& request, std::size_t face_count = 1) {
    return handle(request, [=](image::RgbView) { return faces(face_count); });
  }

  queue::FakeQueue requests_;
  queue::FakeQueue answers_;
  bool with_answers_ = true;
  bool fifo_ = false;
  stage::DetectionOptions options_;
  std::vector<std::string> records_;
  Logger logger_{LogLevel::kDebug, [this](std::string_view line) { records_.emplace_back(line); }};
};

TEST_F(FrameHandling, RefusalsAreTheOriginals) {
  FrameRequest request;
  FrameAnswer answer = handle(request);
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.body, R"({"error":"Missing request body"})");
  request.body = "not json";
  answer = handle(request);
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.body, R"({"error":"Request body must be valid JSON"})");
  request.body = R"({"request_id":"r1","filename":""})";
  answer = handle(request);
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.body, R"({"error":"Missing one or more required fields: request_id, filename, content"})");
  EXPECT_TRUE(requests_.batches.empty());
}

TEST_F(FrameHandling, PicturesThatCannotBeReadAreNamed) {
  FrameRequest request;
  request.body = R"({"request_id":"r1","filename":"f","content":"Zm9v!"})";
  FrameAnswer answer = handle(request);
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.body, R"({"error":"content: expected base64, found a character outside the alphabet at offset 4"})");
  answer = handle(json_request(as_bytes("no picture")));
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.body.rfind(R"({"error":"cannot read the image: )", 0), 0U) << answer.body;
  options_.decode.limits.max_side_px = 50;
  answer = handle(json_request(png()));
  EXPECT_EQ(answer.status, 400);
  EXPECT_NE(answer.body.find("50"), std::string::npos) << answer.body;
  options_.decode.limits.max_bytes = 10;
  answer = handle(json_request(Bytes(100'000)));
  EXPECT_EQ(answer.status, 400);
  EXPECT_NE(answer.body.find("the limit is"), std::string::npos) << answer.body;
  EXPECT_EQ(handle(raw_request(png())).status, 400);
}

TEST_F(FrameHandling, NoFaceIsAnsweredOnTheAnswersQueue) {
  const FrameAnswer answer = handle(json_request(png()), 0);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, R"({"message":"No face detected."})");
  ASSERT_EQ(answers_.stored.size(), 1U);
  EXPECT_EQ(answers_.stored[0].body, R"({"request_id":"r1","result":"No-Face","face_index":0,"face_count":0})");
  EXPECT_TRUE(requests_.stored.empty());
}

TEST_F(FrameHandling, NoFaceWithoutAnAnswersQueueIsTheOriginals) {
  with_answers_ = false;
  const FrameAnswer answer = handle(json_request(png()), 0);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, R"({"message":"No face detected."})");
  EXPECT_TRUE(answers_.stored.empty());
}

TEST_F(FrameHandling, NoFaceThatCannotBeAnsweredIs502) {
  answers_.message_error = [](const auto&, bool) { return Error{ErrorCode::kUnavailable, "away"}; };
  const FrameAnswer answer = handle(json_request(png()), 0);
  EXPECT_EQ(answer.status, 502);
  EXPECT_EQ(answer.body, R"({"error":"Failed to enqueue message: away"})");
}

TEST_F(FrameHandling, EveryFaceIsQueued) {
  FrameRequest request = json_request(png());
  request.camera = "camera-7";
  request.trace_header = "Root=1-2-3";
  const FrameAnswer answer = handle(request, 3);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, R"({"message":"Face detection complete and request enqueued.","faces":3})");
  ASSERT_EQ(requests_.stored.size(), 3U);
  EXPECT_TRUE(answers_.stored.empty());
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(requests_.stored[i].group_id, "camera-7");
    EXPECT_EQ(requests_.stored[i].trace_header, "Root=1-2-3");
    const auto message = wire::parse_face_message(requests_.stored[i].body);
    ASSERT_TRUE(message) << message.error().message;
    EXPECT_EQ(message->request_id, "r1");
    EXPECT_EQ(message->face_index, static_cast<int>(i));
    EXPECT_EQ(message->face_count, 3);
    EXPECT_EQ(message->box, (image::Box{4, 4, 44 - static_cast<float>(i), 40}));
    EXPECT_EQ(message->confidence, 0.75F);
    EXPECT_EQ(message->crop, "source");
    ASSERT_TRUE(message->landmarks);
    EXPECT_EQ((*message->landmarks)[4], (image::Point{9, 10}));
  }
}

TEST_F(FrameHandling, TheLargestAloneGivesTheOriginalsBody) {
  options_.faces = stage::FaceSelection::kLargest;
  const FrameAnswer answer = handle(json_request(png()), 3);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, R"({"message":"Face detection complete and request enqueued."})");
  ASSERT_EQ(requests_.stored.size(), 1U);
  const auto message = wire::parse_face_message(requests_.stored[0].body);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->face_count, 1);
  EXPECT_EQ(message->box, (image::Box{4, 4, 44, 40}));
}

TEST_F(FrameHandling, ClassicCropsForAPythonRecogniser) {
  options_.crop = stage::CropStyle::kClassic;
  EXPECT_EQ(handle(json_request(png())).status, 200);
  ASSERT_EQ(requests_.stored.size(), 1U);
  const auto message = wire::parse_face_message(requests_.stored[0].body);
  ASSERT_TRUE(message);
  const auto crop = image::decode_image(message->face);
  ASSERT_TRUE(crop);
  EXPECT_EQ(crop->width(), 240);
  EXPECT_EQ(message->crop, "classic");

  // One face a frame: exactly what the Python detector sends.
  options_.faces = stage::FaceSelection::kLargest;
  EXPECT_EQ(handle(json_request(png())).status, 200);
  ASSERT_EQ(requests_.stored.size(), 2U);
  EXPECT_EQ(requests_.stored[1].body, wire::to_original_json(*message));
  EXPECT_TRUE(requests_.stored[1].body.starts_with(R"({"request_id":")" + message->request_id + R"(","face":")"));
}

TEST_F(FrameHandling, RawPictures) {
  EXPECT_EQ(handle(raw_request(png())).status, 200);
  ASSERT_EQ(requests_.stored.size(), 1U);
  FrameRequest request = raw_request(png());
  request.content_type = "Image/PNG";
  EXPECT_EQ(handle(request).status, 200);
  request.filename.clear();
  EXPECT_TRUE(handle(request).body.starts_with(
      R"({"error":"Missing one or more required fields: request_id, filename, content","hint":"beside a picture, )"));
  request = raw_request(png());
  request.request_id = "a\nb";
  EXPECT_EQ(handle(request).body, R"({"error":"request_id: expected text without control characters"})");
  request = raw_request({});
  EXPECT_EQ(handle(request).body, R"({"error":"Missing request body"})");
  request = raw_request(png());
  request.content_type = "application/octet-stream";
  EXPECT_EQ(handle(request).status, 200);
  request.body = "neither";
  const FrameAnswer answer = handle(request);
  EXPECT_EQ(answer.status, 415);
  EXPECT_TRUE(answer.body.starts_with(R"({"error":"expected a JPEG, PNG or WebP picture, a form)")) << answer.body;
}

// Every field that reaches a message, with what a queue refuses in it: refused before the picture is looked at, or
// carried in a message that a queue takes.
TEST_F(FrameHandling, WhatAQueueWouldRefuseIsSeenBeforeAnyWork) {
  int detections = 0;
  const auto detect = [&](image::RgbView) {
    ++detections;
    return faces(1);
  };
  const std::string odd[] = {"front door",
                             "T\xC3\xBCr",
                             "a\xEF\xBF\xBE",
                             "a\xEF\xBF\xBF",
                             "T\xFCr",
                             "a\x01",
                             "a\x7F",
                             std::string("a\0", 2),
                             std::string(129, 'a'),
                             std::string(257, 'a'),
                             std::string(5000, ' ')};
  for (const std::string& text : odd) {
    for (int field = 0; field < 4; ++field) {
      FrameRequest request = raw_request(png());
      std::string* const fields[] = {&request.request_id, &request.filename, &request.camera, &request.trace_header};
      *fields[field] = text;
      detections = 0;
      requests_.stored.clear();
      const FrameAnswer answer = handle(request, detect);
      if (answer.status == 200) {
        ASSERT_EQ(requests_.stored.size(), 1U);
        EXPECT_TRUE(queue::validate_message(requests_.stored[0])) << field << ": " << text;
        EXPECT_EQ(wire::parse_face_message(requests_.stored[0].body)->request_id, request.request_id);
      } else {
        EXPECT_EQ(answer.status, 400) << field << ": " << text;
        EXPECT_EQ(detections, 0);
        EXPECT_NE(answer.body.find(field == 0 ? "request_id" : "camera"), std::string::npos) << answer.body;
      }
      EXPECT_TRUE(field == 0 || field == 2 || answer.status == 200) << "a name of a file and a trace refuse no frame";
    }
  }
}

TEST_F(FrameHandling, OnFifoQueuesMessagesHaveAGroupAndAnIdOfTheirOwn) {
  fifo_ = true;
  queue::QueueAttributes fifo;
  fifo.fifo = true;
  FrameRequest request = raw_request(png());
  for (const char* camera : {"", "front door"}) {
    request.camera = camera;
    requests_.stored.clear();
    EXPECT_EQ(handle(request, 2).status, 200);
    EXPECT_EQ(handle(request, 2).status, 200);
    ASSERT_EQ(requests_.stored.size(), 4U);
    for (const auto& message : requests_.stored) {
      EXPECT_TRUE(queue::validate_message(message));
      EXPECT_TRUE(queue::validate_for_queue(message, fifo));
      EXPECT_EQ(message.group_id, requests_.stored[0].group_id);
    }
    EXPECT_NE(requests_.stored[0].deduplication_id, requests_.stored[1].deduplication_id);
    EXPECT_EQ(requests_.stored[0].deduplication_id, requests_.stored[2].deduplication_id) << "a frame that came again";
    EXPECT_EQ(handle(request, 0).status, 200);
    EXPECT_TRUE(queue::validate_for_queue(answers_.stored.back(), fifo));
  }
}

TEST_F(FrameHandling, BoxesBesideTheFrameAreNoFaces) {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  const auto detect = [](image::RgbView) {
    return std::vector<detect::Face>{
        {{100, 0, 140, 40}, 0.9F, {}}, {{4, 4, 40, 40}, 0.9F, {}}, {{kNan, 0, 1, 1}, 0.9F, {}}};
  };
  EXPECT_EQ(handle(json_request(png()), detect).status, 200);
  ASSERT_EQ(requests_.stored.size(), 1U);
  const auto message = wire::parse_face_message(requests_.stored[0].body);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->face_count, 1);
}

TEST_F(FrameHandling, AQueueThatRefusesIs502) {
  requests_.batch_error = Error{ErrorCode::kUnavailable, "the queue is away"};
  FrameAnswer answer = handle(json_request(png()));
  EXPECT_EQ(answer.status, 502);
  EXPECT_EQ(answer.body, R"({"error":"Failed to enqueue message: the queue is away"})");
  requests_.batch_error.reset();
  requests_.message_error = [](const queue::OutgoingMessage& message, bool) -> std::optional<Error> {
    return message.body.find("\"face_index\":1") != std::string::npos
               ? std::optional<Error>(Error{ErrorCode::kTimeout, "too slow"})
               : std::nullopt;
  };
  answer = handle(json_request(png()), 3);
  EXPECT_EQ(answer.status, 502);
  EXPECT_EQ(answer.body, R"json({"error":"Failed to enqueue message: too slow (2 of 3 faces are enqueued)"})json");
}

TEST_F(FrameHandling, OurOwnTroubleIsToldToTheLogAlone) {
  const auto out_of_memory = [](image::RgbView) -> std::vector<detect::Face> { throw std::bad_alloc(); };
  FrameAnswer answer = handle(json_request(png()), out_of_memory);
  EXPECT_EQ(answer.status, 500);
  EXPECT_EQ(answer.body, R"({"error":"Unhandled error: internal error"})");
  ASSERT_EQ(records_.size(), 1U);
  EXPECT_NE(records_[0].find("out of memory"), std::string::npos);
  const auto stray = [](image::RgbView) -> std::vector<detect::Face> { throw std::runtime_error("secret path"); };
  answer = handle(json_request(png()), stray);
  EXPECT_EQ(answer.status, 500);
  EXPECT_EQ(answer.body.find("secret"), std::string::npos);
}

TEST_F(FrameHandling, OneRecordAFrameWithoutItsContent) {
  const Bytes picture = png();
  EXPECT_EQ(handle(json_request(picture), 2).status, 200);
  ASSERT_EQ(records_.size(), 1U);
  EXPECT_NE(records_[0].find(R"("event":"frame","request_id":"r1","status":200,"width":64,"height":48,"faces":2,)"
                             R"("faces_left_out":0,"incomplete":false,"duplicate":false,"error":"")"),
            std::string::npos)
      << records_[0];
  EXPECT_EQ(records_[0].find(base64_encode(picture).substr(0, 40)), std::string::npos);
}

TEST_F(FrameHandling, FacesPastTheBoundAreLeftOutAndTheAnswerSaysSo) {
  options_.max_faces = 3;
  const FrameAnswer answer = handle(json_request(png()), 10);
  EXPECT_EQ(answer.body, R"({"message":"Face detection complete and request enqueued.","faces":3,"faces_left_out":7})");
  EXPECT_EQ(answer.faces_left_out, 7);
  ASSERT_EQ(requests_.batches.size(), 1U);
  EXPECT_EQ(requests_.batches[0], 3U);
  EXPECT_NE(records_[0].find(R"("faces":3,"faces_left_out":7)"), std::string::npos) << records_[0];
}

TEST_F(FrameHandling, TheLargestFaceAloneLeavesNothingOut) {
  options_.max_faces = 3;
  options_.faces = stage::FaceSelection::kLargest;
  const FrameAnswer answer = handle(json_request(png()), 10);
  EXPECT_EQ(answer.body, R"({"message":"Face detection complete and request enqueued."})");
  EXPECT_EQ(answer.faces_left_out, 0);
}

class LimitedFrameHandling : public FrameHandling {
 protected:
  FrameAnswer handle_within(TestDetector::Function find, const WorkLimit& limit = {}) {
    stage::AnsweringQueueSink sink(requests_, false, answers_, false);
    return handle_into(sink, raw_request(png()), TestDetector(std::move(find)), limit);
  }
  // Looks at its limit until it is reached.
  static Result<detect::Detection> endless(image::RgbView, const WorkLimit& limit) {
    while (!limit.reached()) {
      std::this_thread::yield();
    }
    return limit.check("detection").error();
  }
};

TEST_F(LimitedFrameHandling, ADetectionThatLeftCandidatesOutIsSaidToBeIncomplete) {
  const FrameAnswer answer = handle_within(
      [](image::RgbView, const WorkLimit&) -> Result<detect::Detection> { return detect::Detection{faces(1), false}; });
  EXPECT_EQ(answer.body, R"({"message":"Face detection complete and request enqueued.","faces":1,"incomplete":true})");
  EXPECT_TRUE(answer.incomplete);
}

TEST_F(LimitedFrameHandling, PastTheTimeOutIs504AndNamesTheOption) {
  options_.timeout = std::chrono::milliseconds(20);
  const FrameAnswer answer = handle_within(endless);
  EXPECT_EQ(answer.status, 504);
  EXPECT_EQ(answer.body, R"x({"error":"detection took longer than 20 ms (--frame-timeout)"})x");
  EXPECT_TRUE(requests_.batches.empty());
}

TEST_F(LimitedFrameHandling, AStopEndsTheFrameWith503) {
  std::stop_source stop;
  FrameAnswer answer;
  std::jthread frame([&] { answer = handle_within(endless, WorkLimit(stop.get_token())); });
  stop.request_stop();
  frame.join();
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.retry_after_s, 1);
}

TEST_F(LimitedFrameHandling, WithoutMemoryNowIs503AndForNeverIs400) {
  WorkMemory memory(std::size_t{64} << 20U, "--max-work-memory");
  options_.memory = &memory;
  options_.memory_patience = std::chrono::milliseconds(1);
  const auto none = [](image::RgbView, const WorkLimit&) -> Result<detect::Detection> { return detect::Detection{}; };
  EXPECT_EQ(handle_within(none).status, 200);
  EXPECT_EQ(memory.used(), 0U);
  {
    const auto held = take_all(memory);
    const FrameAnswer answer = handle_within(none);
    EXPECT_EQ(answer.status, 503);
    EXPECT_EQ(answer.retry_after_s, 1);
    EXPECT_NE(answer.body.find("PNG of 64x48 px needs"), std::string::npos) << answer.body;
  }
  WorkMemory small(std::size_t{1} << 20U, "--max-work-memory");
  options_.memory = &small;
  const FrameAnswer answer = handle_within(none);
  EXPECT_EQ(answer.status, 400);
  EXPECT_NE(answer.body.find("--max-work-memory"), std::string::npos) << answer.body;
}

TEST_F(FrameHandling, AQueueWithoutSpaceIs503) {
  requests_.batch_error = Error{ErrorCode::kExhausted, "no space left"};
  const FrameAnswer answer = handle(json_request(png()));
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.body, R"({"error":"Failed to enqueue message: no space left"})");
}

// A store in memory that remembers for ever.
class FakeStoreSink final : public stage::FrameSink {
 public:
  [[nodiscard]] bool knows_frames() const override { return true; }
  Result<std::optional<int>> find(const std::string& key) override {
    if (trouble) {
      return *trouble;
    }
    const auto found = frames.find(key);
    return found == frames.end() ? std::nullopt : std::optional(static_cast<int>(found->second.faces.size()));
  }
  Result<stage::StoredFrame> store(stage::DetectedFrame frame) override {
    if (store_trouble) {
      return *store_trouble;
    }
    const std::string key = frame.key;
    const auto [stored, added] = frames.emplace(key, std::move(frame));
    return stage::StoredFrame{static_cast<int>(stored->second.faces.size()), !added};
  }
  std::optional<Error> trouble;
  std::optional<Error> store_trouble;
  std::map<std::string, stage::DetectedFrame> frames;
};

class StoredFrameHandling : public FrameHandling {
 protected:
  FrameAnswer handle_stored(const FrameRequest& request, std::size_t face_count) {
    return handle_into(store_, request, detector_of([&, face_count](image::RgbView) {
                         ++detections_;
                         return faces(face_count);
                       }));
  }
  FakeStoreSink store_;
  int detections_ = 0;
};

TEST_F(StoredFrameHandling, AFrameIsStoredWholeAndOnceWhateverItsForm) {
  const FrameAnswer first = handle_stored(json_request(png()), 12);
  EXPECT_EQ(first.status, 200);
  ASSERT_EQ(store_.frames.size(), 1U);
  EXPECT_EQ(store_.frames.begin()->second.faces.size(), 12U) << "more than one batch of a queue";
  const FrameAnswer again = handle_stored(raw_request(png()), 12);
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(store_.frames.size(), 1U);
  EXPECT_EQ(detections_, 1) << "a known frame is not worked on";
  EXPECT_NE(records_[1].find(R"("duplicate":true)"), std::string::npos);
}

// A client that tries again before the first try is over: both are worked on, and one is stored.
TEST_F(StoredFrameHandling, AFrameThatIsStoredMeanwhileIsADuplicate) {
  options_.max_faces = 2;
  FrameAnswer meanwhile;
  const FrameAnswer late = handle_into(store_, raw_request(png()), detector_of([&](image::RgbView) {
                                         meanwhile = handle_stored(raw_request(png()), 3);
                                         return faces(3);
                                       }));
  EXPECT_FALSE(meanwhile.duplicate);
  EXPECT_EQ(meanwhile.faces_left_out, 1);
  EXPECT_EQ(late.status, 200);
  EXPECT_TRUE(late.duplicate) << "whoever waits for its faces looks for those of the first";
  EXPECT_EQ(late.faces, 2);
  EXPECT_EQ(late.faces_left_out, 0) << "counted once";
  EXPECT_EQ(store_.frames.size(), 1U);
}

TEST_F(StoredFrameHandling, AnotherPictureOrAnotherIdIsAnotherFrame) {
  EXPECT_EQ(handle_stored(raw_request(png()), 1).status, 200);
  EXPECT_EQ(handle_stored(raw_request(png(65, 48)), 1).status, 200);
  FrameRequest other = raw_request(png());
  other.request_id = "r2";
  EXPECT_EQ(handle_stored(other, 1).status, 200);
  EXPECT_EQ(store_.frames.size(), 3U);
}

TEST_F(StoredFrameHandling, AFrameWithoutAFaceIsStoredToo) {
  const FrameAnswer answer = handle_stored(raw_request(png()), 0);
  EXPECT_EQ(answer.body, R"({"message":"No face detected."})");
  ASSERT_EQ(store_.frames.size(), 1U);
  const stage::DetectedFrame& frame = store_.frames.begin()->second;
  EXPECT_TRUE(frame.faces.empty());
  EXPECT_EQ(frame.info.request_id, "r1");
  EXPECT_EQ(handle_stored(raw_request(png()), 0).body, answer.body);
  EXPECT_EQ(detections_, 1);
}

TEST_F(StoredFrameHandling, TroubleOfTheStore) {
  store_.trouble = Error{ErrorCode::kExhausted, "no space left"};
  EXPECT_EQ(handle_stored(raw_request(png()), 1).status, 503);
  store_.trouble = Error{ErrorCode::kInvalidData, "damaged"};
  EXPECT_EQ(handle_stored(raw_request(png()), 1).status, 502);
  store_.trouble.reset();
  store_.store_trouble = Error{ErrorCode::kExhausted, "no space left"};
  EXPECT_EQ(handle_stored(raw_request(png()), 1).status, 503);
  EXPECT_EQ(handle_stored(raw_request(png()), 0).status, 503);
  store_.store_trouble.reset();
  EXPECT_EQ(handle_stored(raw_request(png()), 1).status, 200) << "it may come again";
}

TEST_F(FrameHandling, ManyThreadsAtOnce) {
  stage::QueueSink sink(requests_);
  const TestDetector detector(faces(2));
  const stage::DetectionStage stage(detector, sink, options_);
  const FrameHandler handler(stage, null_logger());
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < 10; ++i) {
          EXPECT_EQ(handler.handle(json_request(png())).status, 200);
        }
      });
    }
  }
  EXPECT_EQ(requests_.stored.size(), 80U);
}

}  // namespace
}  // namespace facepipe::frame_http
