// Tested by look_test.cc, and by tests/e2e with the programs.
#include "look/look.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <span>
#include <string_view>

#include "gallery/index/distance.h"
#include "model/decision.h"
#include "recognize/probe.h"

namespace facepipe::look {
namespace {

constexpr std::chrono::milliseconds kMemoryPatience{5'000};
constexpr float kLargestDistance = 2;  // of unit vectors

// Without nearest people whose picture was rejected; with them where there is nobody else.
Result<std::vector<NearPerson>> nearest_people(const recognize::FaceRecognizer& recognizer,
                                               std::span<const float> embedding, std::size_t count) {
  const gallery::Gallery& gallery = recognizer.gallery();
  FACEPIPE_ASSIGN(const auto ranked, recognize::nearest_people(gallery, recognizer.rule(), embedding, count));
  std::vector<NearPerson> people;
  for (const recognize::RankedPerson& near : ranked) {
    const gallery::Person person = gallery.people()[near.person];
    people.push_back({person.id, person.name, near.distance});
  }
  if (people.empty() && count > 0) {
    FACEPIPE_ASSIGN(const auto candidates, gallery.candidates(embedding, count, gallery::Centroids::kLeftOut));
    for (const gallery::Candidate& candidate : candidates) {
      const gallery::Person person = gallery.people()[candidate.person];
      people.push_back({person.id, person.name, candidate.nearest});
    }
  }
  return people;
}

// Faces that one recogniser looks at, with the networks' input.
struct Part {
  const recognize::FaceRecognizer* recognizer = nullptr;
  std::vector<recognize::Probe> inputs;
  std::vector<SeenFace*> faces;

  [[nodiscard]] Status take(const recognize::Probe& probe, SeenFace& seen) {
    FACEPIPE_ASSIGN(recognize::Probe input, recognizer->prepare(probe));
    inputs.push_back(std::move(input));
    faces.push_back(&seen);
    return {};
  }
};

Status name(const recognize::FaceRecognizer& recognizer, const embed::MeasuredEmbedding& measured, std::size_t nearest,
            SeenFace& seen) {
  FACEPIPE_ASSIGN(seen.identity, recognizer.identify(measured.embedding));
  if (seen.quality) {  // a face that cannot be told has no name
    recognize::add_norm(measured.norm, recognizer.rule()->norm, *seen.quality);
    seen.identity = recognize::judged(*seen.identity, *seen.quality, *recognizer.rule());
  }
  FACEPIPE_ASSIGN(seen.nearest, nearest_people(recognizer, measured.embedding, nearest));
  return {};
}

// Of two pictures alone: the threshold of a gallery with one person of one picture, narrower where the edge cuts one of
// them (recognize::judged).
void judge(const recognize::FaceRecognizer& recognizer, bool cut, Comparison& comparison) {
  const auto& rule = recognizer.rule();
  if (!rule) {
    const auto threshold = recognizer.threshold();
    comparison.same = !threshold || comparison.distance <= *threshold;
    comparison.threshold = threshold;
    return;
  }
  const auto margin_of_cut = static_cast<float>(cut ? rule->decision.cut : 0.0);
  const float threshold = model::distance_threshold(rule->decision, 1, rule->strangers) - margin_of_cut;
  comparison.threshold = std::max(threshold, 0.0F);
  const double margin = double{*comparison.threshold} - double{comparison.distance};
  comparison.probability = model::probabilities(rule->decision, margin, -std::numeric_limits<double>::infinity()).first;
  comparison.same = margin >= 0;
}

}  // namespace

Result<Sight> Looker::look(ByteView encoded, const LookOptions& options, const WorkLimit& limit) const {
  return guarded([&]() -> Result<Sight> {
    FACEPIPE_ASSIGN(const image::ImageInfo info, image::probe_image(encoded, parts_.decode.limits));
    MemoryShare share;
    if (parts_.memory != nullptr) {
      FACEPIPE_ASSIGN(share, parts_.memory->take(
                                 recognize::probing_memory(info, parts_.decode.apply_exif_orientation, parts_.detector),
                                 std::string(to_string(info.format)) + " of " + std::to_string(info.width) + "x" +
                                     std::to_string(info.height) + " px",
                                 kMemoryPatience, limit.stop()));
    }
    image::DecodeOptions decode = parts_.decode;
    decode.work = limit;
    FACEPIPE_ASSIGN(const image::RgbImage picture, image::decode_image(encoded, decode));
    return look(picture.view(), options, limit);
  });
}

Result<Sight> Looker::look(image::RgbView picture, const LookOptions& options, const WorkLimit& limit) const {
  if (options.depth != Depth::kDetect && !parts_.recognizer) {
    return Error{ErrorCode::kUnsupported, "this server finds faces and recognises none (--recognize-threads 0)"};
  }
  FACEPIPE_ASSIGN(const detect::Detection found, parts_.detector.detect(picture, limit));
  Sight sight;
  sight.width = picture.width;
  sight.height = picture.height;
  sight.incomplete = !found.complete;
  for (const detect::Face& face : found.faces) {
    if (sight.faces.size() == options.max_faces) {
      sight.incomplete = true;
      break;
    }
    if (recognize::has_pixels(face.box, picture) || options.depth == Depth::kDetect) {
      sight.faces.push_back({face, {}, {}, {}, {}});
    }
  }
  if (options.depth != Depth::kDetect) {
    FACEPIPE_TRY(recognize(picture, options, limit, sight));
  }
  return sight;
}

Status Looker::recognize(image::RgbView picture, const LookOptions& options, const WorkLimit& limit,
                         Sight& sight) const {
  FACEPIPE_ASSIGN(const auto recognizer, parts_.recognizer());
  sight.threshold = recognizer->threshold();
  const bool names = options.depth == Depth::kRecognize;
  const bool embeds = options.depth == Depth::kEmbed || options.embeddings;
  Part own{options.by_network_for_cut_faces && !names ? &recognizer->for_cut_faces() : recognizer.get(), {}, {}};
  Part cut;
  for (SeenFace& seen : sight.faces) {  // one crop of the picture at a time
    FACEPIPE_TRY(limit.check("cutting out the faces"));
    const recognize::Probe probe = recognize::cut_probe(picture, seen.face);
    if (recognizer->rule()) {
      seen.quality = recognize::assess(probe, {.confidence = seen.face.confidence, .shorter_side_px = {}});
    }
    const recognize::FaceRecognizer& namer = names ? recognizer->for_face(seen.quality) : *own.recognizer;
    if (&namer != own.recognizer) {
      cut.recognizer = &namer;
      FACEPIPE_TRY(cut.take(probe, seen));
    }
    if (&namer == own.recognizer || embeds) {
      FACEPIPE_TRY(own.take(probe, seen));
    }
  }
  FACEPIPE_TRY(limit.check("recognising the faces"));
  if (cut.recognizer != nullptr) {
    FACEPIPE_ASSIGN(const std::vector<embed::MeasuredEmbedding> measured, cut.recognizer->measure(cut.inputs));
    for (std::size_t i = 0; i < measured.size(); ++i) {
      FACEPIPE_TRY(name(*cut.recognizer, measured[i], options.nearest, *cut.faces[i]));
    }
  }
  FACEPIPE_ASSIGN(std::vector<embed::MeasuredEmbedding> measured, own.recognizer->measure(own.inputs));
  for (std::size_t i = 0; i < measured.size(); ++i) {
    SeenFace& seen = *own.faces[i];
    if (names && !seen.identity) {
      FACEPIPE_TRY(name(*own.recognizer, measured[i], options.nearest, seen));
    }
    if (embeds) {
      seen.embedding = std::move(measured[i].embedding);
    }
  }
  return {};
}

Result<Comparison> Looker::compare(ByteView first, ByteView second, const WorkLimit& limit) const {
  Comparison comparison;
  LookOptions options{.depth = Depth::kEmbed, .max_faces = 1};
  const auto largest = [&](ByteView encoded, std::string_view which) -> Result<SeenFace> {
    auto sight = look(encoded, options, limit);
    if (!sight) {
      return sight.error().with_context(which);
    }
    if (sight->faces.empty()) {
      return Error{ErrorCode::kNotFound, std::string(which) + ": no face found"};
    }
    return std::move(sight->faces.front());
  };
  FACEPIPE_ASSIGN(comparison.first, largest(first, "the first picture"));
  FACEPIPE_ASSIGN(comparison.second, largest(second, "the second picture"));
  FACEPIPE_ASSIGN(const auto recognizer, parts_.recognizer());
  const auto either = [&comparison](bool (*is_so)(const recognize::Quality&)) {
    return (comparison.first.quality && is_so(*comparison.first.quality)) ||
           (comparison.second.quality && is_so(*comparison.second.quality));
  };
  const recognize::FaceRecognizer* judging = recognizer.get();
  if (either(recognize::is_deeply_cut)) {
    judging = &recognizer->for_cut_faces();
  }
  if (judging != recognizer.get()) {  // and both pictures are looked at again
    options.by_network_for_cut_faces = true;
    FACEPIPE_ASSIGN(comparison.first, largest(first, "the first picture"));
    FACEPIPE_ASSIGN(comparison.second, largest(second, "the second picture"));
  }
  if (comparison.first.embedding->size() != comparison.second.embedding->size()) {
    return Error{ErrorCode::kUnavailable, "the gallery changed its network meanwhile: try again"};
  }
  comparison.distance = std::sqrt(gallery::squared_distance(*comparison.first.embedding, *comparison.second.embedding));
  judge(*judging, either(recognize::is_cut), comparison);
  return comparison;
}

float likeness(float distance, std::optional<float> threshold, bool accepted) {
  const float bound = std::clamp(threshold.value_or(kLargestDistance), 0.0F, kLargestDistance);
  if (accepted) {
    const float share = bound > 0 ? std::clamp(distance / bound, 0.0F, 1.0F) : 1.0F;
    return 1 - (1 - kAcceptedLikeness) * share;
  }
  const float beyond = kLargestDistance - bound;
  const float left = beyond > 0 ? std::clamp((kLargestDistance - distance) / beyond, 0.0F, 1.0F) : 1.0F;
  return kRejectedLikeness * left;
}

}  // namespace facepipe::look
