// /api/cameras. Tested by cameras_api_test.cc and tests/e2e/test_api.py.
#include <algorithm>

#include "base/hex.h"
#include "base/time_text.h"
#include "image/decode.h"
#include "serve/api/answers.h"
#include "serve/api/api.h"
#include "serve/api/common_fields.h"

namespace facepipe::serve {
namespace {

constexpr std::size_t kMostFaces = faces::kMaxPage;

LastFrameOf last_frame_of(const ApiParts& parts) {
  faces::FaceStore* const store = parts.store;
  if (parts.last_frame || store == nullptr) {
    return parts.last_frame;
  }
  return [store](const std::string& camera, std::optional<Clock::TimePoint> time) {
    return kept_frame(*store, camera, time);
  };
}

std::string picture_path(const std::string& camera) {
  return "/api/cameras/" + percent_encode(camera) + "/frame";
}

// Faces of that frame, and of no other under its id.
Result<std::vector<faces::FaceRecord>> faces_of(faces::FaceStore* store, const std::string& camera,
                                                const faces::FramePicture& frame) {
  if (store == nullptr) {
    return std::vector<faces::FaceRecord>();
  }
  faces::FaceFilter filter;
  filter.camera = camera;
  filter.request_id = frame.request_id;
  filter.from = frame.time;
  filter.to = frame.time + Clock::TimePoint::duration(1);
  FACEPIPE_ASSIGN(auto page, store->faces(filter, {.limit = kMostFaces, .after = {}}));
  std::ranges::sort(page.records, {}, &faces::FaceRecord::face_index);
  return std::move(page.records);
}

Status write_frame(JsonWriter& json, const ApiParts& parts, const std::string& camera, const CameraFrame& frame) {
  const faces::FramePicture& picture = frame.picture;
  FACEPIPE_ASSIGN(const image::ImageInfo size, image::probe_image(picture.jpeg));
  FACEPIPE_ASSIGN(const auto kept, faces_of(parts.store, camera, picture));
  const auto expected = kept.empty() ? 0U : static_cast<std::size_t>(kept.front().face_count);
  json.begin_object().key("request_id").string(picture.request_id).key("time").string(format_utc(picture.time));
  json.key("width").integer(picture.width).key("height").integer(picture.height);
  json.key("picture_width").integer(size.width).key("picture_height").integer(size.height);
  json.key("image").string(picture_path(camera) + "?time=" + percent_encode(format_utc(picture.time)));
  json.key("complete").boolean(kept.size() >= std::max(frame.faces, expected)).key("faces").begin_array();
  for (const faces::FaceRecord& face : kept) {
    write(json, face, parts.name_of);
  }
  json.end_array().end_object();
  return {};
}

Operation list_cameras(const ApiParts& parts) {
  return {.id = "listCameras",
          .method = "GET",
          .path = "/api/cameras",
          .tag = "cameras",
          .summary = "Cameras that something is kept of",
          .answer = "Cameras",
          .errors = {404},
          .run = of_store(parts.store, [](FaceStore& store, const ApiRequest&) -> Answer {
            FACEPIPE_ASSIGN(const auto cameras, store.cameras());
            JsonWriter json;
            json.begin_object().key("items").begin_array();
            for (const std::string& camera : cameras) {
              json.begin_object().key("name").string(camera);
              json.key("frame").string(picture_path(camera)).end_object();
            }
            json.end_array().end_object();
            return json_answer(std::move(json));
          })};
}

Operation get_camera(const ApiParts& parts, const LastFrameOf& last_frame) {
  return {.id = "getCamera",
          .method = "GET",
          .path = "/api/cameras/{camera}",
          .tag = "cameras",
          .summary = "Its last frame, with the faces that were found in it",
          .path_fields = {{.name = "camera", .low = 1, .high = 256}},
          .answer = "Camera",
          .run = [parts, last_frame](const ApiRequest& request) -> Answer {
            const std::string& camera = request.path.text("camera");
            if (!last_frame) {
              return nothing_is_kept();
            }
            FACEPIPE_ASSIGN(const auto frame, last_frame(camera, std::nullopt));
            if (!frame && parts.store != nullptr) {
              FACEPIPE_ASSIGN(const auto cameras, parts.store->cameras());
              if (!std::ranges::binary_search(cameras, camera)) {
                return Error{ErrorCode::kNotFound, "nothing is kept of such a camera"};
              }
            } else if (!frame) {
              return nothing_is_kept();
            }
            JsonWriter json;
            json.begin_object().key("name").string(camera).key("frame").string(picture_path(camera)).key("last");
            if (frame) {
              FACEPIPE_TRY(write_frame(json, parts, camera, *frame));
            } else {
              json.null();
            }
            json.end_object();
            return json_answer(std::move(json));
          }};
}

Operation get_camera_frame(const LastFrameOf& last_frame) {
  return {.id = "getCameraFrame",
          .method = "GET",
          .path = "/api/cameras/{camera}/frame",
          .tag = "cameras",
          .summary = "Its last frame as a small picture",
          .path_fields = {{.name = "camera", .low = 1, .high = 256}},
          .query = {{.name = "time",
                     .kind = Field::Kind::kTime,
                     .about = "that frame, not a newer one: 404 once there are two newer ones"}},
          .media_type = std::string(kAnyPicture),
          .run = [last_frame](const ApiRequest& request) -> Answer {
            if (!last_frame) {
              return nothing_is_kept();
            }
            FACEPIPE_ASSIGN(const auto frame, last_frame(request.path.text("camera"), request.query.time("time")));
            if (!frame) {
              return Error{ErrorCode::kNotFound, request.query.has("time") ? "there is no such frame any more"
                                                                           : "there is no frame of this camera"};
            }
            return frame_answer(request.request, frame->picture);
          }};
}

}  // namespace

Result<std::optional<CameraFrame>> kept_frame(faces::FaceStore& store, const std::string& camera,
                                              std::optional<Clock::TimePoint> time) {
  FACEPIPE_ASSIGN(auto frame, store.last_frame(camera));
  if (!frame || (time && *time != frame->time)) {
    return std::optional<CameraFrame>();
  }
  return std::optional(CameraFrame{*std::move(frame)});
}

Operations camera_operations(const ApiParts& parts) {
  const LastFrameOf last_frame = last_frame_of(parts);
  return {list_cameras(parts), get_camera(parts, last_frame), get_camera_frame(last_frame)};
}

}  // namespace facepipe::serve
