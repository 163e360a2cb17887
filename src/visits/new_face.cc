// Tested by visit_keeper_test.cc.
#include "visits/new_face.h"

#include <algorithm>
#include <functional>

#include "image/decode.h"
#include "recognize/probe.h"

namespace facepipe::visits {
namespace {

std::string_view media_type(ByteView picture) {
  const auto info = image::probe_image(picture, {});
  const auto format = info ? info->format : image::ImageFormat::kJpeg;
  return format == image::ImageFormat::kPng    ? "image/png"
         : format == image::ImageFormat::kWebp ? "image/webp"
                                               : "image/jpeg";
}

faces::Crop crop_of(const wire::FaceMessage& message) {
  faces::Crop crop;
  crop.picture = message.face;
  crop.media_type = media_type(message.face);
  crop.box = message.crop_box;
  if (message.landmarks && message.box && message.crop_box) {
    crop.landmarks = recognize::move_landmarks(*message.landmarks, *message.box, *message.crop_box);
  }
  return crop;
}

faces::Decision decision_of(const recognize::Identity& identity, std::optional<float> threshold) {
  return {identity.person,
          identity.name,
          identity.distance,
          identity.threshold ? identity.threshold : threshold,
          identity.probability,
          identity.second_person,
          identity.second_name,
          identity.second_distance,
          identity.second_probability};
}

// Faces of one frame have one: camera, request and time.
std::uint64_t frame_of(const faces::FaceRecord& face) {
  constexpr std::uint64_t kPrime = 0x9E3779B97F4A7C15U;
  std::uint64_t frame = std::hash<std::string>()(face.request_id);
  frame = frame * kPrime + std::hash<std::string>()(face.camera);
  frame = frame * kPrime + static_cast<std::uint64_t>(face.time.time_since_epoch().count());
  return frame == 0 ? 1 : frame;  // 0 is no frame's
}

}  // namespace

faces::NewFace new_face(const stage::SeenFace& seen, faces::FaceId id, const recognize::FaceRecognizer& recognizer,
                        Clock::TimePoint now) {
  const wire::FaceMessage& message = seen.message;
  faces::NewFace face;
  faces::FaceRecord& record = face.record;
  record.id = id;
  record.request_id = message.request_id;
  record.face_index = message.face_index;
  record.face_count = message.face_count;
  record.camera = message.camera;
  record.time = message.time.value_or(now);
  record.box = message.box;
  record.confidence = message.confidence;
  if (seen.quality) {
    record.quality = seen.quality->score;
    record.usable = seen.quality->usable;
    for (const recognize::Flaw flaw : seen.quality->flaws) {
      record.reasons.emplace_back(recognize::to_string(flaw));
    }
  }
  record.decision = decision_of(seen.identity, recognizer.threshold());
  record.has_crop = true;
  face.embedding.assign(seen.embedding.begin(), seen.embedding.end());
  face.crop = crop_of(message);
  return face;
}

void leave_out(const std::deque<faces::PersonId>& gone, faces::Decision& decision) {
  const auto is_gone = [&gone](const std::optional<faces::PersonId>& person) {
    return person && std::ranges::find(gone, *person) != gone.end();
  };
  if (is_gone(decision.person)) {
    decision = {
        std::nullopt, std::string(recognize::kUnknown), decision.distance, decision.threshold, {}, {}, {}, {}, {}};
  } else if (is_gone(decision.second_person)) {
    decision.second_person.reset();
    decision.second_name.clear();
    decision.second_distance.reset();
    decision.second_probability.reset();
  }
}

Sighting sighting_of(const faces::NewFace& face) {
  const faces::FaceRecord& record = face.record;
  return {record.id,      frame_of(record), record.time,    record.box,     record.confidence,
          record.quality, record.usable,    record.reasons, face.embedding, record.decision};
}

}  // namespace facepipe::visits
