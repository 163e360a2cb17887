// Pictures to records and embeddings, for `facepipe evaluate`. Tested by tests/e2e/test_evaluate.py.
#include <algorithm>
#include <array>
#include <utility>

#include "base/json_writer.h"
#include "evaluate.h"
#include "recognize/naming.h"

namespace facepipe::app {
namespace {

// Of a record of a face: how many there were, the box's corners; of the quality as it is without the norm its score,
// whether it is usable, the flaws as bits, what is outside; the norm, or -1; then the embedding.
constexpr std::size_t kPlaceFields = 5;
constexpr std::size_t kFaceFields = kPlaceFields + 5;
// Earlier releases kept no more than kPlaceFields and the embedding.

// What makes embeddings: one of the pack's networks.
struct Network {
  const recognize::FaceRecognizer& recognizer;
  const model::Manifest& manifest;
  const model::Preprocessing& mode;
};

// What embeddings depend on, of the pack and of the options: not its name, threshold or licence.
std::string describe_embedding(const EvaluateOptions& options, const EvaluateModels& models, const Network& network) {
  const model::Manifest& manifest = network.manifest;
  model::Manifest own;
  own.files = manifest.files;
  own.embedder_kind = manifest.embedder_kind;
  own.embedding_size = manifest.embedding_size;
  own.precision = manifest.precision;
  own.model_id = manifest.model_id;
  own.preprocessing = network.mode;
  return "embedding 1\n" + describe_detection(options, models.manifest()) + model::manifest_to_json(own) + "\n" +
         std::string(evaluate::to_string(models.rule));
}

float bits_of(const std::vector<recognize::Flaw>& flaws) {
  unsigned bits = 0;
  for (const recognize::Flaw flaw : flaws) {
    bits |= 1U << static_cast<unsigned>(flaw);
  }
  return static_cast<float>(bits);
}

std::vector<recognize::Flaw> flaws_of(float bits) {
  std::vector<recognize::Flaw> flaws;
  for (unsigned flaw = 0; flaw <= static_cast<unsigned>(recognize::Flaw::kWeak); ++flaw) {
    if ((static_cast<unsigned>(bits) >> flaw & 1U) != 0) {
      flaws.push_back(static_cast<recognize::Flaw>(flaw));
    }
  }
  return flaws;
}

Result<std::vector<float>> embed_labelled(const EvaluateModels& models, const recognize::FaceRecognizer& recognizer,
                                          image::RgbView picture) {
  FACEPIPE_ASSIGN(const detect::Detection found, models.models.detector->detect(picture));
  const auto chosen = evaluate::choose_face(found.faces, picture.width, picture.height, models.rule);
  if (!chosen) {
    return std::vector<float>{0};
  }
  const detect::Face& face = found.faces[*chosen];
  std::vector<recognize::Probe> probes;
  probes.push_back(recognize::cut_probe(picture, face));
  const recognize::Quality quality =
      recognize::assess(probes.front(), {.confidence = face.confidence, .shorter_side_px = {}});
  FACEPIPE_ASSIGN(const std::vector<embed::MeasuredEmbedding> measured, recognizer.measure(probes));
  const embed::Embedding& embedding = measured.front().embedding;
  std::vector<float> record = {static_cast<float>(found.faces.size()),
                               face.box.x1,
                               face.box.y1,
                               face.box.x2,
                               face.box.y2,
                               quality.score,
                               quality.usable ? 1.0F : 0.0F,
                               bits_of(quality.flaws),
                               quality.outside,
                               measured.front().norm.value_or(-1)};
  record.insert(record.end(), embedding.begin(), embedding.end());
  return record;
}

// `size`: of an embedding.
Photograph photograph_of(const PictureRecord& record, std::size_t size) {
  Photograph photograph;
  photograph.readable = record.readable();
  const std::vector<float>& values = record.values;
  if (values.size() < kPlaceFields + size) {
    return photograph;
  }
  photograph.several_faces = values[0] > 1;
  photograph.box = {values[1], values[2], values[3], values[4]};
  photograph.embedding.assign(values.end() - static_cast<std::ptrdiff_t>(size), values.end());
  if (values.size() == kFaceFields + size) {
    photograph.quality = {
        .score = values[5], .usable = values[6] > 0, .flaws = flaws_of(values[7]), .outside = values[8]};
    photograph.norm = values[9] < 0 ? std::nullopt : std::optional(values[9]);
  }
  return photograph;
}

Result<Photographs> embed_by(const EvaluateOptions& options, const EvaluateModels& models, const Network& network,
                             std::span<const std::filesystem::path> files, WithQuality with_quality) {
  const auto size = static_cast<std::size_t>(network.manifest.embedding_size);
  const auto valid = [size, with_quality](const std::vector<float>& record) {
    return record.size() == 1 || record.size() == kFaceFields + size ||
           (with_quality == WithQuality::kNo && record.size() == kPlaceFields + size);
  };
  FACEPIPE_ASSIGN(
      const PictureRecords records,
      compute_records(
          options, "embeddings", describe_embedding(options, models, network), files,
          [&](image::RgbView picture) { return embed_labelled(models, network.recognizer, picture); }, valid));
  Photographs photographs;
  photographs.from_cache = records.from_cache;
  photographs.unreadable = records.unreadable;
  for (const PictureRecord& record : records.records) {
    photographs.all.push_back(photograph_of(record, size));
    photographs.without_face += record.readable() && photographs.all.back().embedding.empty() ? 1U : 0U;
    photographs.several_faces += photographs.all.back().several_faces ? 1U : 0U;
  }
  return photographs;
}

}  // namespace

std::string describe_detection(const EvaluateOptions& options, const model::Manifest& manifest) {
  const detect::DetectorOptions detector = options.detector.get();
  JsonWriter json;
  json.begin_object().key("detector").string(manifest.detector_kind);
  const auto file = manifest.files.find("detector");
  json.key("sha256").string(file == manifest.files.end() ? "" : file->second.sha256);
  json.key("min_face").integer(detector.min_face_size_px).key("factor").number(detector.factor);
  json.key("thresholds").begin_array();
  for (const float threshold : detector.thresholds) {
    json.number(threshold);
  }
  json.end_array().key("exif").boolean(options.decode.apply_exif_orientation).end_object();
  return std::move(json).text() + "\n";
}

Result<EvaluateModels> open_models(const EvaluateOptions& options) {
  FACEPIPE_ASSIGN(Models models, load_models(options.pack.folder_for_mode(options.mode), options.detector.get()));
  FACEPIPE_ASSIGN(std::unique_ptr<const embed::Embedder> embedder, embed::load_embedder(models.pack));
  FACEPIPE_ASSIGN(model::Preprocessing mode, choose_mode(options.mode, models.pack.manifest()));
  FACEPIPE_ASSIGN(const evaluate::FaceRule rule, evaluate::face_rule_named(options.face));
  return EvaluateModels{std::move(models), std::move(embedder), std::move(mode), rule};
}

Result<Photographs> embed_photographs(const EvaluateOptions& options, const EvaluateModels& models,
                                      std::span<const std::filesystem::path> files, WithQuality with_quality) {
  const model::Manifest& manifest = models.manifest();
  FACEPIPE_ASSIGN(
      const recognize::FaceRecognizer recognizer,
      recognize::FaceRecognizer::create(models.embedder, manifest, recognize::new_gallery(manifest, models.mode)));
  return embed_by(options, models, {recognizer, manifest, models.mode}, files, with_quality);
}

Result<Photographs> embed_cut_photographs(const EvaluateOptions& options, const EvaluateModels& models,
                                          const recognize::CutFaceNetwork& network,
                                          std::span<const std::filesystem::path> files) {
  FACEPIPE_ASSIGN(const auto recognizer, network.without_people());
  const model::Manifest& manifest = network.manifest();
  return embed_by(options, models, {*recognizer, manifest, manifest.preprocessing}, files, WithQuality::kYes);
}

Result<LabelledFiles> people_of(const std::filesystem::path& folder) {
  FACEPIPE_ASSIGN(const std::vector<client::FrameFile> files, pictures_of({{folder}}));
  LabelledFiles labelled;
  for (const client::FrameFile& file : files) {
    const std::string name = file.relative.parent_path().string();
    labelled.files.push_back(file.path);
    labelled.person.push_back(name.empty() ? std::filesystem::absolute(file.path).parent_path().filename().string()
                                           : name);
  }
  return labelled;
}

void describe_photographs(evaluate::Summary& summary, const EvaluateModels& models, const Photographs& photographs) {
  summary.text("pack", "model pack", models.manifest().name);
  summary.text("mode", "mode", models.mode.mode);
  summary.text("face", "face of several", std::string(evaluate::to_string(models.rule)));
  summary.count("photographs", "photographs", photographs.all.size());
  summary.count("without_face", "without a face that was found", photographs.without_face);
  summary.count("several_faces", "with several faces", photographs.several_faces);
  summary.count("unreadable", photographs.unreadable > 0 ? "that cannot be read" : "", photographs.unreadable);
  summary.count("from_cache", photographs.from_cache > 0 ? "known from a run before" : "", photographs.from_cache);
}

}  // namespace facepipe::app
