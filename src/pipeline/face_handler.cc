// Tested by face_handler_test.cc.
#include "pipeline/face_handler.h"

#include <string>
#include <utility>

#include "pipeline/error_table.h"
#include "pipeline/guard.h"

namespace facepipe::pipeline {
namespace {

// A message on its way through the batch. `message.face` is empty once it is decoded.
struct Work {
  FaceMessage message;
  std::optional<Error> error;
};

Answer answer_head(const FaceMessage& message) {
  Answer answer;
  answer.request_id = message.request_id;
  answer.confidence = message.confidence;
  answer.face_index = message.face_index;
  answer.face_count = message.face_count;
  answer.box = message.box;
  return answer;
}

FaceOutcome failure(const FaceMessage& message, const Error& error) {
  FaceOutcome outcome;
  outcome.error = error;
  if (map_error(error.code).fate == MessageFate::kAnswerError && !message.request_id.empty()) {
    outcome.answer = answer_head(message);
    outcome.answer->result = std::string(kErrorResult);
    outcome.answer->error = error.message;
  }
  return outcome;
}

FaceOutcome success(const FaceMessage& message, recognize::Identity identity) {
  FaceOutcome outcome;
  outcome.answer = answer_head(message);
  outcome.answer->result = std::move(identity.name);
  outcome.answer->distance = identity.distance;
  outcome.answer->second = std::move(identity.second_name);
  outcome.answer->second_distance = identity.second_distance;
  return outcome;
}

Result<recognize::Probe> read_probe(std::string_view body, const image::DecodeOptions& decode, FaceMessage& message) {
  std::string request_id;
  auto parsed = parse_face_message(body, &request_id);
  message.request_id = std::move(request_id);
  if (!parsed) {
    return parsed.error();
  }
  message = *std::move(parsed);
  auto pixels = image::decode_image(message.face, decode);
  message.face = {};
  if (!pixels) {
    return pixels.error().with_context("face message: cannot read the face's picture");
  }
  const bool is_source = message.crop == kCropSource;
  return recognize::Probe{*std::move(pixels), is_source ? message.crop_box : std::nullopt};
}

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

void log_outcome(Logger& logger, const FaceMessage& message, const FaceOutcome& outcome) {
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

FaceHandler::FaceHandler(const recognize::FaceRecognizer& recognizer, const image::DecodeLimits& limits, Logger& logger)
    : recognizer_(recognizer), logger_(logger) {
  decode_.apply_exif_orientation = false;  // a crop is upright already
  decode_.limits = limits;
}

std::vector<FaceOutcome> FaceHandler::handle(std::span<const std::string_view> bodies) const {
  std::vector<Work> work(bodies.size());
  std::vector<recognize::Probe> probes;
  for (std::size_t i = 0; i < bodies.size(); ++i) {
    auto probe = guarded([&] { return read_probe(bodies[i], decode_, work[i].message); });
    if (probe) {
      probes.push_back(*std::move(probe));
    } else {
      work[i].error = probe.error();
    }
  }
  auto identities = recognize_each(recognizer_, probes);
  std::vector<FaceOutcome> outcomes;
  outcomes.reserve(work.size());
  auto next = identities.begin();
  for (const Work& item : work) {
    if (item.error) {
      outcomes.push_back(failure(item.message, *item.error));
    } else if (auto& identity = *next++; identity) {
      outcomes.push_back(success(item.message, *std::move(identity)));
    } else {
      outcomes.push_back(failure(item.message, identity.error()));
    }
    log_outcome(logger_, item.message, outcomes.back());
  }
  return outcomes;
}

}  // namespace facepipe::pipeline
