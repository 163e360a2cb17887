// Tested by people_desk_test.cc.
#include "people/enrolment.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "faces/ids.h"
#include "image/encode.h"

namespace facepipe::people {
namespace {

constexpr std::chrono::milliseconds kMemoryPatience{5'000};
// A crop of at most so many pixels is kept without loss: JPEG moves a small face's embedding.
constexpr std::int64_t kLosslessPixels = 65'536;
constexpr int kJpegQuality = 95;

Candidate refused(std::string label, Refusal refusal, std::string message) {
  Candidate candidate;
  candidate.outcome.label = std::move(label);
  candidate.outcome.refusal = refusal;
  candidate.outcome.message = std::move(message);
  return candidate;
}

// Another picture cannot help against these.
bool is_ours(const Error& error) {
  return error.code == ErrorCode::kExhausted || error.code == ErrorCode::kUnavailable ||
         error.code == ErrorCode::kTimeout || error.code == ErrorCode::kInternal;
}

Result<MemoryShare> memory_for(const DeskParts& parts, const image::ImageInfo& picture, const WorkLimit& limit) {
  if (parts.memory == nullptr) {
    return MemoryShare();
  }
  const std::size_t peak = recognize::probing_memory(picture, parts.decode.apply_exif_orientation, *parts.detector);
  return parts.memory->take(peak, "a picture to enrol", kMemoryPatience, limit.stop());
}

Result<faces::Crop> crop_of(image::RgbView picture, const detect::Face& face) {
  const recognize::SourceCrop cut = recognize::cut_source_crop(picture, face.box, face.landmarks);
  const image::RgbView pixels = cut.pixels.view();
  const bool lossless = std::int64_t{pixels.width} * pixels.height <= kLosslessPixels;
  faces::Crop crop;
  FACEPIPE_ASSIGN(crop.picture, lossless ? image::encode_png(pixels, image::PngEffort::kFast)
                                         : image::encode_jpeg(pixels, kJpegQuality));
  crop.media_type = lossless ? "image/png" : "image/jpeg";
  crop.box = cut.box;
  crop.landmarks = recognize::move_landmarks(face.landmarks, face.box, cut.box);
  return crop;
}

// Refuses what the gallery is not to learn.
void say_quality(const Enrolling& how, Candidate& candidate) {
  PictureOutcome& outcome = candidate.outcome;
  outcome.quality = candidate.quality.score;
  outcome.reasons.clear();
  for (const recognize::Flaw flaw : candidate.quality.flaws) {
    outcome.reasons.emplace_back(recognize::to_string(flaw));
  }
  if (!recognize::may_be_enrolled(candidate.quality) && !how.options.force) {
    outcome.refusal = Refusal::kCannotBeTold;
    outcome.message = "a face that cannot be told: " + recognize::describe(candidate.quality);
  }
}

// Quality and the networks' input of a face; the outcome says if it is refused.
Status judge(const Enrolling& how, const recognize::Probe& probe, const recognize::FaceFacts& facts,
             Candidate& candidate) {
  if (how.judges) {
    candidate.quality = recognize::assess(probe, facts);
    say_quality(how, candidate);
  }
  if (candidate.outcome.refusal == Refusal::kNone) {
    FACEPIPE_ASSIGN(candidate.input, how.recognizer->prepare(probe));
  }
  if (candidate.outcome.refusal == Refusal::kNone && how.cut_faces != nullptr) {
    FACEPIPE_ASSIGN(candidate.cut_input, how.cut_faces->prepare(probe));
  }
  return {};
}

Result<Candidate> look_at(const Enrolling& how, const PictureToAdd& picture, const WorkLimit& limit) {
  const DeskParts& parts = how.parts;
  FACEPIPE_ASSIGN(const image::ImageInfo info, image::probe_image(picture.encoded, parts.decode.limits));
  FACEPIPE_ASSIGN(const MemoryShare memory, memory_for(parts, info, limit));
  image::DecodeOptions decode = parts.decode;
  decode.work = limit;
  FACEPIPE_ASSIGN(const image::RgbImage pixels, image::decode_image(picture.encoded, decode));
  FACEPIPE_ASSIGN(detect::Detection found, parts.detector->detect(pixels.view(), limit));
  std::erase_if(found.faces, [&](const detect::Face& face) { return face.confidence < how.options.min_confidence; });
  if (found.faces.empty()) {
    return refused(picture.label, Refusal::kNoFace, "no face found");
  }
  if (found.faces.size() > 1 && !how.options.take_largest) {
    return refused(picture.label, Refusal::kSeveralFaces,
                   "expected one face, found " + std::to_string(found.faces.size()));
  }
  const detect::Face& face = found.faces.front();  // the largest comes first
  Candidate candidate;
  candidate.outcome.label = picture.label;
  FACEPIPE_TRY(judge(how, recognize::cut_probe(pixels.view(), face),
                     {.confidence = face.confidence, .shorter_side_px = {}}, candidate));
  if (candidate.outcome.refusal == Refusal::kNone) {
    FACEPIPE_ASSIGN(candidate.crop, crop_of(pixels.view(), face));
  }
  return candidate;
}

// One a candidate that is not refused, in order.
Result<std::vector<embed::MeasuredEmbedding>> measure(const recognize::FaceRecognizer& network,
                                                      std::vector<Candidate>& candidates,
                                                      recognize::Probe Candidate::* input) {
  std::vector<recognize::Probe> inputs;
  for (Candidate& candidate : candidates) {
    if (candidate.outcome.refusal == Refusal::kNone) {
      inputs.push_back(std::move(candidate.*input));
    }
  }
  return network.measure(inputs);
}

}  // namespace

Result<recognize::Probe> probe_of(const faces::Crop& crop, const image::DecodeLimits& limits) {
  FACEPIPE_ASSIGN(image::RgbImage pixels, image::decode_image(crop.picture, {.limits = limits}));
  return recognize::Probe{std::move(pixels), crop.box, crop.landmarks};
}

Result<Candidate> candidate_of(const Enrolling& how, const PictureToAdd& picture, const WorkLimit& limit) {
  auto candidate = guarded([&] { return look_at(how, picture, limit); });
  if (!candidate && !is_ours(candidate.error())) {
    return refused(picture.label, Refusal::kNoPicture, candidate.error().message);
  }
  return candidate;
}

Result<Candidate> candidate_of(const Enrolling& how, const faces::FaceRecord& face, faces::Crop crop) {
  FACEPIPE_ASSIGN(const recognize::Probe probe, probe_of(crop, how.parts.decode.limits));
  Candidate candidate;
  candidate.outcome.label = faces::to_text(face.id);
  candidate.face = face.id;
  std::optional<float> side;
  if (face.box) {
    side = std::min(face.box->width(), face.box->height());
  }
  FACEPIPE_TRY(judge(how, probe, {.confidence = face.confidence, .shorter_side_px = side}, candidate));
  candidate.crop = std::move(crop);
  return candidate;
}

Status embed_candidates(const Enrolling& how, std::vector<Candidate>& candidates) {
  FACEPIPE_ASSIGN(auto measured, measure(*how.recognizer, candidates, &Candidate::input));
  std::size_t next = 0;
  for (Candidate& candidate : candidates) {
    if (candidate.outcome.refusal != Refusal::kNone) {
      continue;
    }
    embed::MeasuredEmbedding& one = measured[next++];
    candidate.embedding = std::move(one.embedding);
    if (const auto& rule = how.recognizer->rule(); how.judges && rule) {
      recognize::add_norm(one.norm, rule->norm, candidate.quality);
      say_quality(how, candidate);
    }
  }
  if (how.cut_faces == nullptr) {
    return {};
  }
  FACEPIPE_ASSIGN(auto cut, measure(*how.cut_faces, candidates, &Candidate::cut_input));
  next = 0;
  for (Candidate& candidate : candidates) {
    if (candidate.outcome.refusal == Refusal::kNone) {
      candidate.cut_embedding = std::move(cut[next++].embedding);
    }
  }
  return {};
}

}  // namespace facepipe::people
