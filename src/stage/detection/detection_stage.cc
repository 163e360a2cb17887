// Tested by detection_stage_test.cc, and with its answers by frame_http's frame_handler_test.cc.
#include "stage/detection/detection_stage.h"

#include <span>
#include <string_view>
#include <utility>

#include "base/work_limit.h"
#include "wire/messages.h"

namespace facepipe::stage {
namespace {

template <typename Work>
FrameOutcome outcome_of(const Work& work) {
  FrameOutcome outcome;
  if (const Status done = guarded([&] { return work(outcome); }); !done) {
    outcome.error = done.error();
  }
  return outcome;
}

Error not_stored(const Error& error, FrameOutcome& outcome) {
  outcome.kind = FrameOutcome::Kind::kNotStored;
  return error;
}

}  // namespace

FrameOutcome DetectionStage::handle(const EncodedFrame& frame, const WorkLimit& limit) const {
  return outcome_of([&](FrameOutcome& outcome) -> Status {
    std::string key = sink_.knows_frames() ? frame_key(frame.info.request_id, frame.picture) : std::string();
    FACEPIPE_ASSIGN(const bool known, is_known(key, outcome));
    if (known) {
      return {};
    }
    FACEPIPE_ASSIGN(DecodedFrame decoded, decode(frame, limit, outcome));
    decoded.key = std::move(key);
    return detect_and_store(decoded, outcome);
  });
}

FrameOutcome DetectionStage::handle(DecodedFrame frame) const {
  return outcome_of([&](FrameOutcome& outcome) -> Status {
    outcome.width = frame.pixels.width();
    outcome.height = frame.pixels.height();
    if (frame.key.empty() && sink_.knows_frames()) {
      frame.key = frame_key(frame.info.request_id, std::as_bytes(std::span(frame.pixels.pixels())));
    }
    FACEPIPE_ASSIGN(const bool known, is_known(frame.key, outcome));
    return known ? Status{} : detect_and_store(frame, outcome);
  });
}

Result<DecodedFrame> DetectionStage::decode(const EncodedFrame& frame, const WorkLimit& limit,
                                            FrameOutcome& outcome) const {
  constexpr std::string_view kUnreadable = "cannot read the image";
  const auto info = image::probe_image(frame.picture, options_.decode.limits);
  if (!info) {
    return info.error().with_context(kUnreadable);
  }
  outcome.width = info->width;
  outcome.height = info->height;
  DecodedFrame decoded{frame.info, {}, {}, limit, {options_.memory, options_.memory_patience, limit.stop()}};
  FACEPIPE_TRY(decoded.memory.take_for(*info, options_.decode.apply_exif_orientation, detector_));
  if (options_.timeout.count() > 0) {
    decoded.limit = limit.until(WorkLimit::Clock::now() + options_.timeout,
                                std::to_string(options_.timeout.count()) + " ms (--frame-timeout)");
  }
  image::DecodeOptions decode = options_.decode;
  decode.work = decoded.limit;
  auto pixels = image::decode_image(frame.picture, decode);
  if (!pixels) {
    return pixels.error().with_context(kUnreadable);
  }
  decoded.pixels = *std::move(pixels);
  outcome.width = decoded.pixels.width();
  outcome.height = decoded.pixels.height();
  return decoded;
}

Result<bool> DetectionStage::is_known(const std::string& key, FrameOutcome& outcome) const {
  const auto known = sink_.find(key);
  if (!known) {
    return not_stored(known.error(), outcome);
  }
  if (*known) {
    outcome.faces = **known;
    outcome.kind = FrameOutcome::Kind::kDuplicate;
  }
  return known->has_value();
}

Status DetectionStage::detect_and_store(DecodedFrame& frame, FrameOutcome& outcome) const {
  FACEPIPE_ASSIGN(std::vector<std::string> bodies, message_bodies(frame, outcome));
  if (options_.watcher != nullptr) {
    if (const Status seen = options_.watcher->see(frame.info, frame.pixels.view(), bodies.size()); !seen) {
      return not_stored(seen.error(), outcome);
    }
  }
  frame.pixels = image::RgbImage();  // a sink may take its time
  outcome.faces = static_cast<int>(bodies.size());
  const auto stored = sink_.store({std::move(frame.info), std::move(frame.key), std::move(bodies)});
  if (!stored) {
    return not_stored(stored.error(), outcome);
  }
  outcome.faces = stored->faces;
  if (stored->earlier) {  // by another call meanwhile, whose outcome tells the rest
    outcome.left_out = 0;
    outcome.incomplete = false;
    outcome.kind = FrameOutcome::Kind::kDuplicate;
  } else {
    outcome.kind = stored->faces > 0 ? FrameOutcome::Kind::kAccepted : FrameOutcome::Kind::kNoFace;
  }
  return {};
}

// The faces to send, the largest first.
Result<std::vector<detect::Face>> DetectionStage::find_faces(const DecodedFrame& frame, FrameOutcome& outcome) const {
  FACEPIPE_ASSIGN(detect::Detection found, detector_.detect(frame.pixels.view(), frame.limit));
  outcome.incomplete = !found.complete;
  std::vector<detect::Face> faces = std::move(found.faces);
  // A box beside the frame is no face that could be sent: it is left out before the others are counted.
  std::erase_if(faces, [&](const detect::Face& face) { return !recognize::has_pixels(face.box, frame.pixels.view()); });
  if (options_.faces == FaceSelection::kLargest && faces.size() > 1) {
    faces.resize(1);
  }
  if (faces.size() > options_.max_faces) {
    outcome.left_out = static_cast<int>(faces.size() - options_.max_faces);
    faces.resize(options_.max_faces);
  }
  return faces;
}

Result<std::vector<std::string>> DetectionStage::message_bodies(DecodedFrame& frame, FrameOutcome& outcome) const {
  const FaceEncoding encoding{options_.crop, options_.jpeg_quality, options_.max_message_bytes, options_.source_crop};
  FACEPIPE_ASSIGN(const std::vector<detect::Face> faces, find_faces(frame, outcome));
  // One classic crop a frame is what the Python detector sends, so then it is exactly its message.
  const bool as_original = options_.crop == CropStyle::kClassic && options_.faces == FaceSelection::kLargest;
  std::vector<std::string> bodies;
  for (const detect::Face& face : faces) {
    FACEPIPE_TRY(frame.limit.check("cutting out the faces"));
    wire::FaceMessage message;
    message.request_id = frame.info.request_id;
    message.face_index = static_cast<int>(bodies.size());
    message.face_count = static_cast<int>(faces.size());
    message.box = face.box;
    message.landmarks = face.landmarks;
    message.confidence = face.confidence;
    if (options_.tell_frame) {
      message.camera = frame.info.camera_name;
      message.time = frame.info.time;
      message.frame = wire::PictureSize{frame.pixels.width(), frame.pixels.height()};
    }
    FACEPIPE_TRY(encode_face(frame.pixels.view(), face, encoding, message));
    bodies.push_back(as_original ? wire::to_original_json(message) : wire::to_json(message));
    FACEPIPE_TRY(frame.memory.add_message(bodies.back().size()));
  }
  return bodies;
}

}  // namespace facepipe::stage
