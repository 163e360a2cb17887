#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "image/encode.h"
#include "serve/api/test_api.h"

namespace facepipe::serve {
namespace {

using ::testing::HasSubstr;

Bytes picture_of(int width, int height) {
  const image::RgbImage pixels(width, height);
  return image::encode_jpeg(pixels.view(), 80, image::ChromaSampling::k420).value();
}

class CamerasApi : public testing::ApiFixture {
 protected:
  CamerasApi() {
    frame_.picture = {"one", "door", kTime, 1280, 720, picture_of(640, 360)};
    at_hand_ = [this](const std::string& camera,
                      std::optional<Clock::TimePoint> time) -> Result<std::optional<CameraFrame>> {
      const bool same = camera == "door" && (!time || *time == kTime);
      return same ? std::optional(frame_) : std::nullopt;
    };
  }
  void keep(std::uint64_t id, int index, const std::string& request, Clock::TimePoint time) {
    faces::NewFace face;
    face.record.id = faces::FaceId{id};
    face.record.request_id = request;
    face.record.camera = "door";
    face.record.time = time;
    face.record.face_index = index;
    face.record.face_count = 2;
    face.record.box = image::Box{10, 20, 110, 140};
    face.record.visit = faces::VisitId{4};
    face.record.decision.name = "unknown";
    faces::Batch batch;
    batch.faces.push_back(std::move(face));
    ASSERT_TRUE(store_->write(batch));
  }
  JsonDocument camera(const std::string& name = "door") {
    const http::Response answer = ask("GET", "/api/cameras/" + name);
    EXPECT_EQ(answer.status, 200) << answer.body;
    return JsonDocument::parse_object(answer.body, {}).value();
  }
  static constexpr Clock::TimePoint kTime{std::chrono::milliseconds(1'800'000'000'123)};
  CameraFrame frame_;
};

TEST_F(CamerasApi, TheLastFrameHasItsFacesAndNoOthers) {
  frame_.faces = 2;
  keep(2, 1, "one", kTime);
  keep(3, 0, "one", kTime - std::chrono::seconds(60));  // another frame under that id
  keep(4, 0, "two", kTime);
  const JsonDocument before = camera();
  const JsonValue last = before["last"];
  EXPECT_EQ(last["request_id"].as_string(), "one");
  EXPECT_EQ(last["width"].as_number(), 1280);
  EXPECT_EQ(last["height"].as_number(), 720);
  EXPECT_EQ(last["picture_width"].as_number(), 640);
  EXPECT_EQ(last["picture_height"].as_number(), 360);
  EXPECT_EQ(last["complete"].as_boolean(), false) << "the other one is being recognised";
  EXPECT_EQ(last["faces"].size(), 1U);
  keep(1, 0, "one", kTime);
  const JsonDocument after = camera();
  EXPECT_EQ(after["last"]["complete"].as_boolean(), true);
  std::vector<std::string> ids;
  ASSERT_TRUE(after["last"]["faces"].each_item([&](const JsonValue& face) -> Status {
    ids.emplace_back(face["id"].as_string().value_or(""));
    EXPECT_EQ(face["box"]["x2"].as_number(), 110);
    EXPECT_EQ(face["visit"].as_string(), "0000000000000004");
    return {};
  }));
  EXPECT_THAT(ids, ::testing::ElementsAre("0000000000000001", "0000000000000002"));
}

TEST_F(CamerasApi, ThePictureIsOfThatFrame) {
  const JsonDocument found = camera();
  const std::string image(found["last"]["image"].as_string().value_or(""));
  EXPECT_THAT(image, HasSubstr("/api/cameras/door/frame?time=2027-01-15T"));
  const http::Response picture = ask("GET", image);
  EXPECT_EQ(picture.status, 200) << picture.body;
  EXPECT_EQ(picture.body, as_text(frame_.picture.jpeg));
  EXPECT_EQ(http::header(picture.headers, "cache-control"), "private, no-cache");
  frame_.faces = 0;
  EXPECT_EQ(camera()["last"]["complete"].as_boolean(), true) << "nobody is in it";
  EXPECT_EQ(ask("GET", "/api/cameras/door/frame?time=2027-01-15T00:00:00Z").status, 404);
  EXPECT_EQ(ask("GET", "/api/cameras/door/frame?time=now").status, 400);
  EXPECT_EQ(ask("GET", "/api/cameras/door/frame").status, 200);
}

TEST_F(CamerasApi, WithoutAFrameThereIsTheCameraAloneAndWithoutEitherNothing) {
  EXPECT_EQ(ask("GET", "/api/cameras/yard").status, 404);
  at_hand_ = nullptr;
  keep(1, 0, "one", kTime);
  EXPECT_EQ(camera()["last"].type(), JsonType::kNull);
}

TEST_F(CamerasApi, AKeptFrameIsShownUntilThereIsANewerOne) {
  at_hand_ = nullptr;
  keep(1, 0, "one", kTime);
  faces::Batch batch;
  batch.frames.push_back(frame_.picture);
  ASSERT_TRUE(store_->write(batch));
  const JsonDocument found = camera();
  EXPECT_EQ(found["last"]["faces"].size(), 1U);
  EXPECT_EQ(found["last"]["complete"].as_boolean(), false) << "of two";
  EXPECT_EQ(ask("GET", std::string(found["last"]["image"].as_string().value_or(""))).status, 200);
  EXPECT_EQ(ask("GET", "/api/cameras/door/frame?time=2027-01-15T00:00:00Z").status, 404);
}

}  // namespace
}  // namespace facepipe::serve
