// Tested by face_handler_test.cc.
#include "stage/recognition/face_handler.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <string>
#include <utility>

#include "base/work_limit.h"
#include "recognize/quality.h"
#include "wire/message_fate.h"

namespace facepipe::stage {
namespace {

// A message on its way through the batch. `message.face` is empty once it is decoded.
struct Work {
  wire::FaceMessage message;
  bool lacks_landmarks = false;
  std::optional<recognize::Quality> quality;              // where a rule decides
  const recognize::FaceRecognizer* recognizer = nullptr;  // who is to name it
  std::optional<Error> error;
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

FaceOutcome failure(const wire::FaceMessage& message, const Error& error) {
  FaceOutcome outcome;
  outcome.error = error;
  if (wire::fate_of(error.code) == wire::MessageFate::kAnswerError && !message.request_id.empty()) {
    outcome.answer = answer_head(message);
    outcome.answer->result = std::string(wire::kErrorResult);
    outcome.answer->error = error.message;
  }
  return outcome;
}

void write_quality(const recognize::Quality& quality, wire::Answer& answer) {
  answer.quality = quality.score;
  for (const recognize::Flaw flaw : quality.flaws) {
    answer.reasons.emplace_back(recognize::to_string(flaw));
  }
}

FaceOutcome success(const Work& work, recognize::Identity identity) {
  const wire::FaceMessage& message = work.message;
  FaceOutcome outcome;
  outcome.answer = answer_head(message);
  outcome.answer->aligned = work.lacks_landmarks ? std::string(wire::kAlignedByBox) : std::string();
  if (work.quality) {
    write_quality(*work.quality, *outcome.answer);
    identity = recognize::judged(identity, *work.quality, *work.recognizer->rule());
  }
  outcome.answer->result = std::move(identity.name);
  outcome.answer->distance = identity.distance;
  outcome.answer->second = std::move(identity.second_name);
  outcome.answer->second_distance = identity.second_distance;
  outcome.answer->threshold = identity.threshold;
  outcome.answer->probability = identity.probability;
  outcome.answer->second_probability = identity.second_probability;
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

// The message read, its picture decoded and cropped to the network's input: nothing large is left.
Result<recognize::Probe> read_probe(std::string_view body, const recognize::FaceRecognizer& recognizer,
                                    const image::DecodeOptions& decode, WorkMemory* memory, Work& work) {
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
  message.face = {};
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
  return work.recognizer->prepare(probe);
}

// Probes that one network embeds, and whose messages they are.
struct Together {
  std::vector<recognize::Probe> probes;
  std::vector<std::size_t> of;
};

// One identity or error a probe.
std::vector<Result<recognize::Identity>> recognize_each(const recognize::FaceRecognizer& recognizer,
                                                        std::span<const recognize::Probe> probes) {
  std::vector<Result<recognize::Identity>> results;
  results.reserve(probes.size());
  auto together = guarded([&] { return recognizer.recognize(probes); });
  if (together) {
    for (recognize::Identity& identity : *together) {
      results.emplace_back(std::move(identity));
    }
    return results;
  }
  for (std::size_t i = 0; i < probes.size(); ++i) {
    if (probes.size() == 1) {
      results.emplace_back(together.error());
      break;
    }
    auto alone = guarded([&] { return recognizer.recognize(probes.subspan(i, 1)); });
    if (alone) {
      results.emplace_back(std::move(alone->front()));
    } else {
      results.emplace_back(alone.error());
    }
  }
  return results;
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
                         WorkMemory* memory)
    : source_(source), logger_(logger), memory_(memory) {
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
  std::map<const recognize::FaceRecognizer*, Together> by_recognizer;
  for (std::size_t i = 0; i < bodies.size(); ++i) {
    auto probe = guarded([&] { return read_probe(bodies[i], **recognizer, decode, memory_, work[i]); });
    if (probe) {
      Together& together = by_recognizer[work[i].recognizer];
      together.probes.push_back(*std::move(probe));
      together.of.push_back(i);
    } else {
      work[i].error = probe.error();
    }
  }
  std::vector<FaceOutcome> outcomes(work.size());
  for (const auto& [who, together] : by_recognizer) {
    auto identities = recognize_each(*who, together.probes);
    for (std::size_t i = 0; i < identities.size(); ++i) {
      Work& item = work[together.of[i]];
      if (identities[i]) {
        outcomes[together.of[i]] = success(item, *std::move(identities[i]));
      } else {
        item.error = identities[i].error();
      }
    }
  }
  for (std::size_t i = 0; i < work.size(); ++i) {
    if (work[i].error) {
      outcomes[i] = failure(work[i].message, *work[i].error);
    }
    log_outcome(logger_, work[i].message, outcomes[i]);
  }
  return outcomes;
}

}  // namespace facepipe::stage
