// facepipe evaluate DIR: how well a pack tells the people of a folder apart, and the threshold at a false-accept rate.
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/file.h"
#include "base/json_writer.h"
#include "client/frame_source.h"
#include "command.h"
#include "gallery/calibrate.h"
#include "image/decode.h"
#include "output.h"
#include "progress.h"
#include "recognize/recognizer.h"

namespace facepipe::app {
namespace {

struct EvaluateOptions {
  std::filesystem::path folder;
  std::string mode;
  double far = 1e-3;
  image::DecodeOptions decode;
  PackOption pack;
  DetectorOption detector;
};

// The largest face of every picture that has one, in the order of the files.
struct Labelled {
  std::vector<std::vector<float>> embeddings;
  std::vector<std::size_t> person;
  std::vector<std::string> people;
  std::size_t without_face = 0;
};

Result<std::vector<float>> embed_largest(const std::filesystem::path& path, const image::DecodeOptions& decode,
                                         const Models& models, const recognize::FaceRecognizer& recognizer) {
  FACEPIPE_ASSIGN(const Bytes encoded, read_file(path, decode.limits.max_bytes));
  auto decoded = image::decode_image(encoded, decode);
  if (!decoded) {
    return decoded.error().with_context(path.string());
  }
  const image::RgbImage picture = *std::move(decoded);
  FACEPIPE_ASSIGN(const detect::Detection found, models.detector->detect(picture.view()));
  if (found.faces.empty()) {
    return std::vector<float>{};
  }
  std::vector<recognize::Probe> probes;
  probes.push_back(recognize::cut_probe(picture.view(), found.faces.front()));
  FACEPIPE_ASSIGN(std::vector<embed::Embedding> embeddings, recognizer.embed(probes));
  return std::move(embeddings.front());
}

Result<Labelled> embed_folder(const EvaluateOptions& options, const Models& models,
                              const recognize::FaceRecognizer& recognizer) {
  FACEPIPE_ASSIGN(const std::vector<client::FrameFile> files, pictures_of({{options.folder}}));
  Labelled labelled;
  std::map<std::string, std::size_t> index;
  ProgressBar progress("photographs", files.size());
  for (std::size_t i = 0; i < files.size(); ++i) {
    FACEPIPE_ASSIGN(std::vector<float> embedding, embed_largest(files[i].path, options.decode, models, recognizer));
    progress.set(i + 1);
    if (embedding.empty()) {
      ++labelled.without_face;
      continue;
    }
    const std::string name = files[i].path.parent_path().filename().string();
    const auto [entry, added] = index.try_emplace(name, labelled.people.size());
    if (added) {
      labelled.people.push_back(name);
    }
    labelled.embeddings.push_back(std::move(embedding));
    labelled.person.push_back(entry->second);
  }
  return labelled;
}

// Pictures whose nearest other picture shows the same person.
std::size_t count_nearest_correct(const Labelled& labelled) {
  std::size_t correct = 0;
  for (std::size_t probe = 0; probe < labelled.embeddings.size(); ++probe) {
    float nearest = std::numeric_limits<float>::infinity();
    std::size_t owner = labelled.people.size();
    for (std::size_t other = 0; other < labelled.embeddings.size(); ++other) {
      if (other == probe) {
        continue;
      }
      float squared = 0;
      for (std::size_t k = 0; k < labelled.embeddings[probe].size(); ++k) {
        const float difference = labelled.embeddings[probe][k] - labelled.embeddings[other][k];
        squared += difference * difference;
      }
      if (squared < nearest) {
        nearest = squared;
        owner = labelled.person[other];
      }
    }
    correct += owner == labelled.person[probe] ? std::size_t{1} : 0;
  }
  return correct;
}

Result<std::string> evaluate(const EvaluateOptions& options) {
  FACEPIPE_ASSIGN(const Models models, load_models(options.pack.folder(), options.detector.get()));
  FACEPIPE_ASSIGN(auto embedder, embed::load_embedder(models.pack));
  const model::Manifest& manifest = models.pack.manifest();
  FACEPIPE_ASSIGN(const model::Preprocessing mode, choose_mode(options.mode, manifest));
  FACEPIPE_ASSIGN(const recognize::FaceRecognizer recognizer,
                  recognize::FaceRecognizer::create(std::move(embedder), manifest, new_gallery(manifest, mode)));
  FACEPIPE_ASSIGN(const Labelled labelled, embed_folder(options, models, recognizer));
  FACEPIPE_ASSIGN(const gallery::Calibration calibration,
                  gallery::calibrate_threshold(labelled.embeddings, labelled.person, options.far));
  JsonWriter json;
  json.begin_object().key("pack").string(manifest.name).key("mode").string(mode.mode);
  json.key("people").integer(static_cast<std::int64_t>(labelled.people.size()));
  json.key("faces").integer(static_cast<std::int64_t>(labelled.embeddings.size()));
  json.key("without_face").integer(static_cast<std::int64_t>(labelled.without_face));
  json.key("nearest_correct").integer(static_cast<std::int64_t>(count_nearest_correct(labelled)));
  json.key("genuine_pairs").integer(static_cast<std::int64_t>(calibration.genuine_pairs));
  json.key("impostor_pairs").integer(static_cast<std::int64_t>(calibration.impostor_pairs));
  json.key("far").number(options.far).key("distance_threshold").number(calibration.distance_threshold);
  json.key("true_accept_rate").number(calibration.true_accept_rate);
  json.key("false_accept_rate").number(calibration.false_accept_rate).end_object();
  return std::move(json).text();
}

}  // namespace

void add_evaluate_command(CLI::App& app, const Environment& environment, int& status) {
  const auto options = std::make_shared<EvaluateOptions>();
  CLI::App* command = app.add_subcommand("evaluate", "Accuracy and threshold on a folder of people, a folder a person");
  command->add_option("folder", options->folder, "Folder of folders of pictures")->required();
  command->add_option("--mode", options->mode, "Preprocessing: classic, standard or whitened (default: the pack's)");
  command->add_option("--far", options->far, "False-accept rate of the threshold")->capture_default_str();
  options->pack.add_to(*command, environment);
  options->detector.add_to(*command);
  add_decode_limits(*command, options->decode.limits);
  command->callback([options, &status] {
    const auto line = evaluate(*options);
    if (!line) {
      status = report(line.error());
      return;
    }
    print_line(*line);
  });
}

}  // namespace facepipe::app
