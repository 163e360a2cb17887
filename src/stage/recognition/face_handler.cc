// Tested by face_handler_test.cc.
#include "stage/recognition/face_handler.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <limits>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "base/retry.h"
#include "base/work_limit.h"
#include "recognize/quality.h"
#include "wire/message_fate.h"

namespace facepipe::stage {
namespace {

// A message on its way through the batch. `message.face` is empty once it is decoded, unless it is to be kept.
struct Work {
  std::string_view body;
  wire::FaceMessage message;
  bool lacks_landmarks = false;
  std::optional<recognize::Quality> quality;              // where a rule decides
  const recognize::FaceRecognizer* recognizer = nullptr;  // who names it
  // The input of the gallery's own network, where another names the face and somebody keeps it.
  std::optional<recognize::Probe> own_input;
  embed::Embedding embedding;    // by the gallery's own network; of whoever names it, where nobody keeps it
  std::optional<float> norm;     // of that network's output
  recognize::Identity identity;  // as the answer says it
  KeptFace kept;
  std::optional<Error> error;
  bool refused = false;  // by the keeper, with `error`
};

wire::Answer answer_head(const wire::FaceMessage& message) {
  wire::Answer answer;
  answer.request_id = message.request_id;
  answer.confidence = message.confidence;
  answer.face_index = message.face_index;
  answer.face_count = message.face_count;
  answer.box = message.box;
  return answer;
}

FaceOutcome failure(const Work& work) {
  FaceOutcome outcome;
  outcome.error = work.error;
  if (!work.refused && wire::fate_of(work.error->code) == wire::MessageFate::kAnswerError &&
      !work.message.request_id.empty()) {
    outcome.answer = answer_head(work.message);
    outcome.answer->result = std::string(wire::kErrorResult);
    outcome.answer->error = work.error->message;
  }
  return outcome;
}

void write_quality(const recognize::Quality& quality, wire::Answer& answer) {
  answer.quality = quality.score;
  for (const recognize::Flaw flaw : quality.flaws) {
    answer.reasons.emplace_back(recognize::to_string(flaw));
  }
}

FaceOutcome success(Work& work) {
  recognize::Identity& identity = work.identity;
  FaceOutcome outcome;
  outcome.answer = answer_head(work.message);
  outcome.answer->aligned = work.lacks_landmarks ? std::string(wire::kAlignedByBox) : std::string();
  if (work.quality) {
    write_quality(*work.quality, *outcome.answer);
  }
  outcome.answer->result = std::move(identity.name);
  outcome.answer->distance = identity.distance;
  outcome.answer->second = std::move(identity.second_name);
  outcome.answer->second_distance = identity.second_distance;
  outcome.answer->threshold = identity.threshold;
  outcome.answer->probability = identity.probability;
  outcome.answer->second_probability = identity.second_probability;
  outcome.answer->face_id = std::move(work.kept.face_id);
  outcome.answer->visit = std::move(work.kept.visit);
  return outcome;
}

// What image::warp holds: 16 bytes for each of at most 4 pixels a step, of a square that may be turned; and not more
// pixels than there are, and some around them.
std::size_t alignment_memory(const image::ImageInfo& info, const model::Preprocessing& preprocessing) {
  if (preprocessing.alignment != model::kLandmarksAlignment) {
    return 0;
  }
  const auto side =
      static_cast<std::size_t>(std::min(6 * preprocessing.input_px, 2 * std::max(info.width, info.height)));
  return (side + 16) * (side + 16) * 16;
}

// A face waits until there is memory: to be tried again would cost it a receipt.
Result<MemoryShare> share_for(ByteView picture, const model::Preprocessing& preprocessing,
                              const image::DecodeOptions& decode, WorkMemory* memory) {
  FACEPIPE_ASSIGN(const image::ImageInfo info, image::probe_image(picture, decode.limits));
  if (memory == nullptr) {
    return MemoryShare();
  }
  constexpr std::chrono::hours kPatience{24};
  constexpr std::size_t kHalfShrunk = std::size_t{512} * 3;  // of each row or column, while it is resized
  const std::size_t resized = static_cast<std::size_t>(std::max(info.width, info.height)) * kHalfShrunk;
  return memory->take(image::decode_memory(info, decode.apply_exif_orientation) + picture.size() + resized +
                          alignment_memory(info, preprocessing),
                      "a face's picture", kPatience, decode.work.stop());
}

// The message read, its picture decoded and cropped to the network's input: nothing large is left, but for the encoded
// picture where it is to be kept.
Result<recognize::Probe> read_probe(std::string_view body, const recognize::FaceRecognizer& recognizer,
                                    const image::DecodeOptions& decode, WorkMemory* memory, bool keep_picture,
                                    Work& work) {
  wire::FaceMessage& message = work.message;
  constexpr std::string_view kUnreadable = "face message: cannot read the face's picture";
  std::string request_id;
  auto parsed = wire::parse_face_message(body, &request_id);
  message.request_id = std::move(request_id);
  if (!parsed) {
    return parsed.error();
  }
  message = *std::move(parsed);
  FACEPIPE_TRY(decode.work.check("recognition"));
  const auto share = share_for(message.face, recognizer.gallery().origin().preprocessing, decode, memory);
  if (!share) {
    return share.error().with_context(kUnreadable);
  }
  auto pixels = image::decode_image(message.face, decode);
  if (!keep_picture) {
    message.face = {};
  }
  if (!pixels) {
    return pixels.error().with_context(kUnreadable);
  }
  recognize::Probe probe{*std::move(pixels), std::nullopt};
  if (message.crop == wire::kCropSource) {
    probe.box = message.crop_box;
    if (message.landmarks && message.box && message.crop_box) {
      probe.landmarks = recognize::move_landmarks(*message.landmarks, *message.box, *message.crop_box);
    }
  }
  if (recognizer.rule()) {
    recognize::FaceFacts facts{.confidence = message.confidence, .shorter_side_px = {}};
    if (message.box) {
      facts.shorter_side_px = std::min(message.box->width(), message.box->height());
    }
    work.quality = recognize::assess(probe, facts);
  }
  work.recognizer = &recognizer.for_face(work.quality);
  work.lacks_landmarks = work.recognizer->lacks_landmarks(probe);
  if (keep_picture && work.recognizer != &recognizer) {
    FACEPIPE_ASSIGN(work.own_input, recognizer.prepare(probe));
  }
  return work.recognizer->prepare(probe);
}

// Sets the embedding of each face, in order, or its error.
void embed_each(const recognize::FaceRecognizer& recognizer, std::span<const recognize::Probe> probes,
                std::span<Work* const> faces) {
  const auto embed = [&](std::size_t first, std::size_t count) {
    return guarded([&] { return recognizer.measure(probes.subspan(first, count)); });
  };
  const auto together = embed(0, probes.size());
  for (std::size_t i = 0; i < faces.size(); ++i) {
    const auto alone =
        together || probes.size() == 1 ? Result<std::vector<embed::MeasuredEmbedding>>(together) : embed(i, 1);
    if (alone) {
      const embed::MeasuredEmbedding& measured = (*alone)[together ? i : 0];
      faces[i]->embedding = measured.embedding;
      faces[i]->norm = measured.norm;
    } else {
      faces[i]->error = alone.error();
    }
  }
}

// Sets embedding and identity of each face that this recogniser names, in order, or its error.
void recognize_each(const recognize::FaceRecognizer& recognizer, std::span<const recognize::Probe> probes,
                    std::span<Work* const> faces) {
  embed_each(recognizer, probes, faces);
  for (Work* const face : faces) {
    if (face->error) {
      continue;
    }
    if (face->quality) {
      recognize::add_norm(face->norm, recognizer.rule()->norm, *face->quality);
    }
    auto identity = recognizer.identify(face->embedding);
    if (!identity) {
      face->error = identity.error();
      continue;
    }
    face->identity =
        face->quality ? recognize::judged(*identity, *face->quality, *recognizer.rule()) : *std::move(identity);
  }
}

// Faces with their probes.
struct Batch {
  std::vector<recognize::Probe> probes;
  std::vector<Work*> faces;
};

// Names each face, by whoever is to name it, and brings the embeddings of those that are kept back into one space.
void recognize_all(const recognize::FaceRecognizer& recognizer, Batch batch) {
  std::map<const recognize::FaceRecognizer*, Batch> by_recognizer;
  Batch kept;
  for (std::size_t i = 0; i < batch.faces.size(); ++i) {
    Batch& part = by_recognizer[batch.faces[i]->recognizer];
    part.probes.push_back(std::move(batch.probes[i]));
    part.faces.push_back(batch.faces[i]);
  }
  for (const auto& [who, part] : by_recognizer) {
    recognize_each(*who, part.probes, part.faces);
  }
  for (Work* const face : batch.faces) {
    if (face->own_input && !face->error) {
      kept.probes.push_back(*std::exchange(face->own_input, std::nullopt));
      kept.faces.push_back(face);
    }
  }
  if (!kept.faces.empty()) {
    embed_each(recognizer, kept.probes, kept.faces);
  }
}

// Ends early when `stop` is requested.
void pause(std::chrono::milliseconds time, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any changed;
  std::unique_lock lock(mutex);
  (void)changed.wait_for(lock, stop, time, [] { return false; });
}

// What the keeper makes of the faces; while it is out of reach or of space, it is asked again until `stop`.
Result<std::vector<KeptFace>> ask_keeper(FaceKeeper& keeper, std::span<Work* const> faces,
                                         const recognize::FaceRecognizer& recognizer, const std::stop_token& stop,
                                         Logger& logger) {
  constexpr RetryPolicy kUntilStop{.max_attempts = std::numeric_limits<int>::max()};
  std::vector<SeenFace> seen;
  seen.reserve(faces.size());
  for (const Work* face : faces) {
    seen.push_back({face->body, face->message, face->embedding, face->identity, face->quality});
  }
  bool told = false;
  return retry(
      kUntilStop, without_jitter([&stop](std::chrono::milliseconds time) { pause(time, stop); }),
      [&] { return guarded([&] { return keeper.keep(seen, recognizer); }); },
      [&](const Error& error) {
        const bool passes = is_retriable(error) || error.code == ErrorCode::kExhausted;
        if (passes && !std::exchange(told, true)) {
          logger.warning("faces_wait_for_store",
                         {{"code", to_string(error.code)}, {"error", std::string_view(error.message)}});
        }
        return passes && !stop.stop_requested();
      });
}

// Sets KeptFace of each, or the error of those that the keeper does not take, each tried alone.
void keep(FaceKeeper& keeper, std::span<Work* const> faces, const recognize::FaceRecognizer& recognizer,
          const std::stop_token& stop, Logger& logger) {
  if (faces.empty()) {
    return;
  }
  auto kept = ask_keeper(keeper, faces, recognizer, stop, logger);
  if (!kept && faces.size() > 1 && !stop.stop_requested()) {
    for (std::size_t i = 0; i < faces.size(); ++i) {
      keep(keeper, faces.subspan(i, 1), recognizer, stop, logger);
    }
    return;
  }
  for (std::size_t i = 0; i < faces.size(); ++i) {
    if (kept) {
      faces[i]->kept = std::move((*kept)[i]);
    } else {
      faces[i]->error = kept.error().with_context("keeping the face");
      faces[i]->refused = true;
    }
  }
}

void log_outcome(Logger& logger, const wire::FaceMessage& message, const FaceOutcome& outcome) {
  if (outcome.error) {
    logger.warning("face", {{"request_id", std::string_view(message.request_id)},
                            {"face_index", std::int64_t{message.face_index}},
                            {"answered", outcome.answer.has_value()},
                            {"code", to_string(outcome.error->code)},
                            {"error", std::string_view(outcome.error->message)}});
    return;
  }
  logger.info("face", {{"request_id", std::string_view(message.request_id)},
                       {"face_index", std::int64_t{message.face_index}},
                       {"known", outcome.answer->result != recognize::kUnknown}});
}

}  // namespace

FaceHandler::FaceHandler(RecognizerSource& source, const image::DecodeLimits& limits, Logger& logger,
                         WorkMemory* memory, FaceKeeper* keeper)
    : source_(source), logger_(logger), memory_(memory), keeper_(keeper) {
  decode_.apply_exif_orientation = false;  // a crop is upright already
  decode_.limits = limits;
  decode_.limits.max_pixels = std::min(limits.max_pixels, kMaxFacePixels);
  decode_.limits.max_side_px = std::min(limits.max_side_px, kMaxFaceSidePx);
}

std::vector<FaceOutcome> FaceHandler::handle(std::span<const std::string_view> bodies,
                                             const std::stop_token& stop) const {
  const auto recognizer = source_.current();
  if (!recognizer) {
    return std::vector<FaceOutcome>(bodies.size(), {std::nullopt, recognizer.error()});
  }
  image::DecodeOptions decode = decode_;
  decode.work = WorkLimit(stop);
  std::vector<Work> work(bodies.size());
  Batch batch;
  for (std::size_t i = 0; i < bodies.size(); ++i) {
    work[i].body = bodies[i];
    auto probe =
        guarded([&] { return read_probe(bodies[i], **recognizer, decode, memory_, keeper_ != nullptr, work[i]); });
    if (probe) {
      batch.probes.push_back(*std::move(probe));
      batch.faces.push_back(&work[i]);
    } else {
      work[i].error = probe.error();
    }
  }
  std::vector<Work*> faces = batch.faces;
  recognize_all(**recognizer, std::move(batch));
  if (keeper_ != nullptr) {
    std::erase_if(faces, [](const Work* face) { return face->error.has_value(); });
    keep(*keeper_, faces, **recognizer, stop, logger_);
  }
  std::vector<FaceOutcome> outcomes;
  outcomes.reserve(work.size());
  for (Work& item : work) {
    outcomes.push_back(item.error ? failure(item) : success(item));
    log_outcome(logger_, item.message, outcomes.back());
  }
  return outcomes;
}

}  // namespace facepipe::stage
