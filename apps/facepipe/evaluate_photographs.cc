// Pictures to records and embeddings, for `facepipe evaluate`. Tested by tests/e2e/test_evaluate.py.
#include <atomic>
#include <mutex>
#include <utility>

#include "base/file.h"
#include "base/hash.h"
#include "base/json_writer.h"
#include "evaluate.h"
#include "evaluate/parallel.h"
#include "evaluate/record_cache.h"
#include "image/decode.h"
#include "output.h"
#include "progress.h"
#include "recognize/naming.h"

namespace facepipe::app {
namespace {

constexpr std::size_t kNamedFailures = 5;
// Of a record of a face: how many there were, the box's corners, then the embedding.
constexpr std::size_t kFaceFields = 5;

class RecordRun {
 public:
  RecordRun(const EvaluateOptions& options, std::span<const std::filesystem::path> files, evaluate::RecordCache& cache)
      : options_(options), files_(files), cache_(cache), progress_("photographs", files.size()) {
    result_.records.resize(files.size());
  }

  Result<PictureRecords> run(const ComputeRecord& compute,
                             const std::function<bool(const std::vector<float>&)>& valid) {
    evaluate::for_each_index(files_.size(), options_.jobs, [&](std::size_t i, std::size_t) {
      if (stopped_) {
        return;
      }
      if (const Status done = work(i, compute, valid); !done) {
        const std::lock_guard lock(mutex_);
        failure_ = failure_ ? failure_ : done.error();
        stopped_ = true;
      }
      progress_.set(++done_);
    });
    if (failure_) {
      return *failure_;
    }
    FACEPIPE_TRY(cache_.save());
    result_.from_cache = from_cache_;
    for (const PictureRecord& record : result_.records) {
      result_.unreadable += record.readable() ? 0U : 1U;
    }
    return std::move(result_);
  }

 private:
  // What goes wrong with a picture is its record's; an error is the cache's.
  Status work(std::size_t i, const ComputeRecord& compute,
              const std::function<bool(const std::vector<float>&)>& valid) {
    PictureRecord& record = result_.records[i];
    const auto encoded = read_file(files_[i], options_.decode.limits.max_bytes);
    if (!encoded) {
      record.error = encoded.error().message;
      return {};
    }
    const std::string key = sha256_hex(*encoded);
    if (auto kept = cache_.find(key); kept && valid(*kept)) {
      record.values = *std::move(kept);
      ++from_cache_;
      return {};
    }
    const auto picture = image::decode_image(*encoded, options_.decode);
    auto values = picture ? compute(picture->view()) : Result<std::vector<float>>(picture.error());
    if (!values) {
      record.error = files_[i].string() + ": " + with_way_out(values.error());
      return {};
    }
    record.values = *std::move(values);
    return cache_.put(key, record.values);
  }

  const EvaluateOptions& options_;
  std::span<const std::filesystem::path> files_;
  evaluate::RecordCache& cache_;
  ProgressBar progress_;
  PictureRecords result_;
  std::atomic<std::size_t> done_ = 0;
  std::atomic<std::size_t> from_cache_ = 0;
  std::atomic<bool> stopped_ = false;
  std::mutex mutex_;
  std::optional<Error> failure_;
};

void tell_unreadable(const PictureRecords& records) {
  std::size_t told = 0;
  for (const PictureRecord& record : records.records) {
    if (!record.readable() && told < kNamedFailures) {
      ++told;
      complain(record.error);
    }
  }
  if (records.unreadable > told) {
    complain("and " + std::to_string(records.unreadable - told) + " more pictures that cannot be read");
  }
}

// What embeddings depend on, of the pack and of the options: not its name, threshold or licence.
std::string describe_embedding(const EvaluateOptions& options, const EvaluateModels& models) {
  const model::Manifest& manifest = models.manifest();
  model::Manifest own;
  own.files = manifest.files;
  own.embedder_kind = manifest.embedder_kind;
  own.embedding_size = manifest.embedding_size;
  own.precision = manifest.precision;
  own.model_id = manifest.model_id;
  own.preprocessing = models.mode;
  return "embedding 1\n" + describe_detection(options, manifest) + model::manifest_to_json(own) + "\n" +
         std::string(evaluate::to_string(models.rule));
}

Result<std::vector<float>> embed_labelled(const EvaluateModels& models, const recognize::FaceRecognizer& recognizer,
                                          image::RgbView picture) {
  FACEPIPE_ASSIGN(const detect::Detection found, models.models.detector->detect(picture));
  const auto chosen = evaluate::choose_face(found.faces, picture.width, picture.height, models.rule);
  if (!chosen) {
    return std::vector<float>{0};
  }
  std::vector<recognize::Probe> probes;
  probes.push_back(recognize::cut_probe(picture, found.faces[*chosen]));
  FACEPIPE_ASSIGN(const std::vector<embed::Embedding> embeddings, recognizer.embed(probes));
  const image::Box& box = found.faces[*chosen].box;
  std::vector<float> record = {static_cast<float>(found.faces.size()), box.x1, box.y1, box.x2, box.y2};
  record.insert(record.end(), embeddings.front().begin(), embeddings.front().end());
  return record;
}

Photograph photograph_of(const PictureRecord& record) {
  Photograph photograph;
  photograph.readable = record.readable();
  const std::vector<float>& values = record.values;
  if (values.size() > kFaceFields) {
    photograph.several_faces = values[0] > 1;
    photograph.box = {values[1], values[2], values[3], values[4]};
    photograph.embedding.assign(values.begin() + kFaceFields, values.end());
  }
  return photograph;
}

}  // namespace

Result<PictureRecords> compute_records(const EvaluateOptions& options, std::string_view kind, std::string_view made_by,
                                       std::span<const std::filesystem::path> files, const ComputeRecord& compute,
                                       const std::function<bool(const std::vector<float>&)>& valid) {
  const std::string digest = sha256_hex(as_bytes(made_by));
  std::filesystem::path file;
  const std::filesystem::path& folder = options.cache.empty() ? options.out : options.cache;
  if (!folder.empty()) {
    FACEPIPE_TRY(make_folder(folder));
    constexpr std::size_t kShort = 16;  // digits, so that several packs may use one folder
    file = folder / (std::string(kind) + "-" + digest.substr(0, kShort) + ".tensors");
  }
  FACEPIPE_ASSIGN(const auto cache, evaluate::RecordCache::open(file, digest));
  FACEPIPE_ASSIGN(PictureRecords records, RecordRun(options, files, *cache).run(compute, valid));
  tell_unreadable(records);
  return records;
}

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
                                      std::span<const std::filesystem::path> files) {
  const model::Manifest& manifest = models.manifest();
  FACEPIPE_ASSIGN(
      const recognize::FaceRecognizer recognizer,
      recognize::FaceRecognizer::create(models.embedder, manifest, recognize::new_gallery(manifest, models.mode)));
  const auto size = static_cast<std::size_t>(manifest.embedding_size);
  FACEPIPE_ASSIGN(
      const PictureRecords records,
      compute_records(
          options, "embeddings", describe_embedding(options, models), files,
          [&](image::RgbView picture) { return embed_labelled(models, recognizer, picture); },
          [&](const std::vector<float>& record) { return record.size() == 1 || record.size() == kFaceFields + size; }));
  Photographs photographs;
  photographs.from_cache = records.from_cache;
  photographs.unreadable = records.unreadable;
  for (const PictureRecord& record : records.records) {
    photographs.all.push_back(photograph_of(record));
    photographs.without_face += record.readable() && photographs.all.back().embedding.empty() ? 1U : 0U;
    photographs.several_faces += photographs.all.back().several_faces ? 1U : 0U;
  }
  return photographs;
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
