// /api/frames. Tested by tests/e2e/test_api.py.
#include <algorithm>
#include <memory>

#include "base/id.h"
#include "serve/api/answers.h"
#include "serve/api/api.h"
#include "serve/api/common_fields.h"

namespace facepipe::serve {
namespace {

constexpr std::int64_t kMaxWaitSeconds = 30;
constexpr std::size_t kMaxFrameBody = std::size_t{48} << 20U;

// What is known of the frame: 200 with every face, else 202.
http::Response taken_answer(const frame_http::FrameAnswer& frame, const std::vector<faces::FaceRecord>& kept,
                            const NameOf& name_of) {
  const bool complete = kept.size() >= static_cast<std::size_t>(frame.faces);
  JsonWriter json;
  json.begin_object().key("request_id").string(frame.request_id).key("faces").integer(frame.faces);
  json.key("complete").boolean(complete).key("items").begin_array();
  for (const faces::FaceRecord& face : kept) {
    write(json, face, name_of);
  }
  json.end_array().end_object();
  return json_answer(std::move(json), complete ? 200 : 202);
}

http::Response refused_answer(const frame_http::FrameAnswer& frame) {
  // A picture that cannot be used is 422 here, as in the rest of the API.
  http::Response response =
      http::make_response(frame.status == 400 ? 422 : frame.status, "application/json", frame.body);
  if (frame.retry_after_s > 0) {
    response.headers.emplace_back("retry-after", std::to_string(frame.retry_after_s));
  }
  return response;
}

// A request of the API as the frame endpoint takes it: the ids that a picture has beside it may be left out.
frame_http::FrameRequest frame_of(const ApiRequest& request) {
  frame_http::FrameRequest frame;
  frame.body = request.request.body;
  frame.content_type = std::string(http::header(request.request.headers, "content-type"));
  frame.request_id = request.query.has("request_id") ? request.query.text("request_id") : id_text(random_id());
  frame.filename = request.query.has("filename") ? request.query.text("filename") : "frame";
  frame.camera = request.query.text("camera");
  frame.arrived = system_clock().now();
  return frame;
}

Operation post_frame(const ApiParts& parts) {
  Operation operation;
  operation.id = "postFrame";
  operation.method = "POST";
  operation.path = "/api/frames";
  operation.whom = FrontDoor::For::kFrames;
  operation.tag = "frames";
  operation.summary = "Send a frame; with `wait` its faces come in the answer, to who may read them";
  operation.query = {{.name = "request_id", .about = "absent: a random one", .low = 1, .high = 256},
                     {.name = "filename", .low = 1, .high = 1024},
                     {.name = "camera", .low = 0, .high = 256},
                     {.name = "wait",
                      .kind = Field::Kind::kInteger,
                      .about = "seconds; 202 with what there is when they are over",
                      .low = 0,
                      .high = kMaxWaitSeconds}};
  operation.picture = PictureBody{.pictures = {"picture"}, .json = false};
  operation.answer = "FrameTaken";
  operation.more_answers = {{202, "FrameTaken"}};
  operation.errors = {502, 504};
  operation.max_body_bytes = kMaxFrameBody;
  operation.reads_body = true;
  operation.rate = [&frames = parts.frames](const http::Request& head) { return frames.check_rate(head); };
  operation.run = [&frames = parts.frames, waits = parts.waits, name_of = parts.name_of](const ApiRequest& request,
                                                                                         http::Responder responder) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(request.query.integer("wait", 0));
    const bool waiting = waits != nullptr && request.query.integer("wait", 0) > 0 &&
                         (!request.who || access::allows(request.who->role, access::Role::kRead));
    const auto answer = std::make_shared<http::Responder>(std::move(responder));
    frame_http::FrameRequest frame = frame_of(request);
    frames.take(std::move(frame), FrameEndpoint::camera_of(request.request), [=](const frame_http::FrameAnswer& taken) {
      if (taken.status != 200) {
        (*answer)(refused_answer(taken));
        return;
      }
      if (taken.faces == 0 || !waiting) {
        (*answer)(taken_answer(taken, {}, name_of));
        return;
      }
      FrameWait wait;
      wait.request_id = taken.request_id;
      wait.faces = static_cast<std::size_t>(taken.faces);
      wait.from = taken.duplicate ? std::nullopt : std::optional(taken.time);
      wait.until = until;
      wait.done = [=](const std::vector<faces::FaceRecord>& kept) { (*answer)(taken_answer(taken, kept, name_of)); };
      if (!waits->add(std::move(wait))) {
        (*answer)(taken_answer(taken, {}, name_of));
      }
    });
  };
  return operation;
}

Operation get_frame_image(const ApiParts& parts) {
  return {.id = "getFrameImage",
          .method = "GET",
          .path = "/api/frames/{request_id}/image",
          .tag = "frames",
          .summary = "The frame as a small picture, where frames are kept",
          .path_fields = {{.name = "request_id", .low = 1, .high = 256}},
          .media_type = std::string(kAnyPicture),
          .run = of_store(parts.store, [](FaceStore& store, const ApiRequest& request) -> Answer {
            FACEPIPE_ASSIGN(const auto frame, store.frame(request.path.text("request_id")));
            return frame_answer(request.request, frame);
          })};
}

}  // namespace

Operations frame_operations(const ApiParts& parts) {
  return {get_frame_image(parts), post_frame(parts)};
}

}  // namespace facepipe::serve
