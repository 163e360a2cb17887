// facepipe detect | embed | recognize FILE...: one JSON line a file, in the order given.
#include <condition_variable>
#include <limits>
#include <memory>
#include <mutex>
#include <thread>

#include "annotate.h"
#include "base/file.h"
#include "base/json_writer.h"
#include "client/frame_source.h"
#include "command.h"
#include "image/decode.h"
#include "look/look.h"
#include "output.h"
#include "progress.h"
#include "recognize/cut_faces.h"
#include "recognize/naming.h"

namespace facepipe::app {
namespace {

using look::Depth;

struct OneShotOptions {
  Depth depth = Depth::kDetect;
  std::vector<std::filesystem::path> inputs;
  int threads = 1;
  std::filesystem::path annotate_dir;
  image::DecodeOptions decode;
  std::string mode;
  PackOption pack;
  GalleryOption gallery;
  StrangersOption strangers;
  DetectorOption detector;
};

struct Line {
  std::string json;
  bool failed = false;
};

void write_identity(JsonWriter& json, const recognize::Identity& identity) {
  json.key("name").string(identity.name).key("distance");
  identity.distance ? json.number(*identity.distance) : json.null();
  if (identity.threshold) {
    json.key("threshold").number(*identity.threshold);
  }
  if (!identity.probability) {
    return;
  }
  json.key("probability").number(*identity.probability);
  if (identity.second_distance) {
    json.key("second").string(identity.second_name).key("second_distance").number(*identity.second_distance);
    json.key("second_probability").number(identity.second_probability.value_or(0));
  }
}

void write_face(JsonWriter& json, const look::SeenFace& found, Depth depth) {
  const image::Box& box = found.face.box;
  json.begin_object().key("box").begin_array();
  json.number(box.x1).number(box.y1).number(box.x2).number(box.y2).end_array();
  json.key("confidence").number(found.face.confidence).key("landmarks").begin_array();
  for (const image::Point& point : found.face.landmarks) {
    json.begin_array().number(point.x).number(point.y).end_array();
  }
  json.end_array();
  if (depth == Depth::kEmbed && found.embedding) {
    json.key("embedding").begin_array();
    for (const float value : *found.embedding) {
      json.number(value);
    }
    json.end_array();
  }
  if (found.identity) {
    write_identity(json, *found.identity);
  }
  if (found.quality) {
    json.key("quality").number(found.quality->score).key("reasons").begin_array();
    for (const recognize::Flaw flaw : found.quality->flaws) {
      json.string(recognize::to_string(flaw));
    }
    json.end_array();
  }
  json.end_object();
}

class OneShot {
 public:
  [[nodiscard]] static Result<std::unique_ptr<OneShot>> create(const OneShotOptions& options) {
    const std::filesystem::path pack = options.depth == Depth::kRecognize ? options.pack.folder_for(options.gallery)
                                                                          : options.pack.folder_for_mode(options.mode);
    FACEPIPE_ASSIGN(Models models, load_models(pack, options.detector.get()));
    std::shared_ptr<const recognize::FaceRecognizer> recognizer;
    if (options.depth != Depth::kDetect) {
      FACEPIPE_ASSIGN(recognize::FaceRecognizer loaded, load_recognizer(options, models.pack));
      recognizer = std::make_shared<recognize::FaceRecognizer>(std::move(loaded));
    }
    return std::unique_ptr<OneShot>(new OneShot(options, std::move(models), recognizer));
  }

  // `annotated`: where the picture with boxes goes, if that was asked for. Thread-safe.
  [[nodiscard]] Line process(const client::FrameFile& file, const std::filesystem::path& annotated) const {
    JsonWriter json;
    json.begin_object().key("file").string(file.path.string());
    const Status done = describe(file, annotated, json);
    if (!done) {
      JsonWriter failed;
      failed.begin_object().key("file").string(file.path.string()).key("error").string(with_way_out(done.error()));
      failed.end_object();
      return {std::move(failed).text(), true};
    }
    json.end_object();
    return {std::move(json).text(), false};
  }

 private:
  OneShot(const OneShotOptions& options, Models models,
          const std::shared_ptr<const recognize::FaceRecognizer>& recognizer)
      : options_(options),
        models_(std::move(models)),
        looker_({.detector = *models_.detector,
                 .recognizer = recognizer ? look::Looker::CurrentRecognizer([recognizer] { return Result(recognizer); })
                                          : nullptr,
                 .decode = options.decode}) {}

  [[nodiscard]] static Result<recognize::FaceRecognizer> load_recognizer(const OneShotOptions& options,
                                                                         const model::ModelPack& pack) {
    const model::Manifest& manifest = pack.manifest();
    FACEPIPE_ASSIGN(auto embedder, embed::load_embedder(pack));
    if (options.depth == Depth::kEmbed) {
      FACEPIPE_ASSIGN(const model::Preprocessing mode, choose_mode(options.mode, manifest));
      return recognize::FaceRecognizer::create(std::move(embedder), manifest, recognize::new_gallery(manifest, mode));
    }
    FACEPIPE_ASSIGN(gallery::Gallery gallery, options.gallery.load());
    if (options.strangers.share) {
      FACEPIPE_TRY(recognize::set_strangers(gallery, manifest, *options.strangers.share));
    }
    FACEPIPE_ASSIGN(recognize::FaceRecognizer recognizer,
                    recognize::FaceRecognizer::create(std::move(embedder), manifest, std::move(gallery)));
    recognize::name_cut_faces(
        recognizer, recognize::CutFaceNetwork::of(pack),
        [gallery = options.gallery] { return gallery.load_companion(); },
        [](const Error& error) { complain("cut faces are named by the first network: " + error.message); });
    return recognizer;
  }

  [[nodiscard]] Status describe(const client::FrameFile& file, const std::filesystem::path& annotated,
                                JsonWriter& json) const {
    FACEPIPE_ASSIGN(const Bytes encoded, read_input(file.path, options_.decode.limits.max_bytes));
    FACEPIPE_ASSIGN(const image::RgbImage picture, image::decode_image(encoded, options_.decode));
    FACEPIPE_ASSIGN(
        const look::Sight sight,
        looker_.look(picture.view(), {.depth = options_.depth, .max_faces = std::numeric_limits<std::size_t>::max()}));
    if (!annotated.empty()) {
      std::vector<Label> labels;
      labels.reserve(sight.faces.size());
      for (const look::SeenFace& found : sight.faces) {
        labels.push_back({found.face.box, found.identity ? found.identity->name : ""});
      }
      FACEPIPE_TRY(write_annotated(picture.view(), labels, annotated));
      json.key("annotated").string(annotated.string());
    }
    json.key("width").integer(picture.width()).key("height").integer(picture.height()).key("faces").begin_array();
    for (const look::SeenFace& found : sight.faces) {
      write_face(json, found, options_.depth);
    }
    json.end_array();
    return {};
  }

  const OneShotOptions options_;
  const Models models_;
  const look::Looker looker_;
};

// Runs `work(i)` for every i on `threads` threads and hands the lines to `print` in order. No thread runs more than
// kAhead files ahead of the printed ones, so that memory stays bounded.
template <typename Work, typename Print>
void in_order(std::size_t count, int threads, const Work& work, const Print& print) {
  constexpr std::size_t kAhead = 256;
  std::vector<std::optional<Line>> lines(count);
  std::mutex mutex;
  std::condition_variable changed;
  std::size_t next = 0;
  std::size_t printed = 0;
  const auto run = [&] {
    std::unique_lock lock(mutex);
    while (next < count) {
      const std::size_t mine = next++;
      changed.wait(lock, [&] { return mine < printed + kAhead; });
      lock.unlock();
      Line line = work(mine);
      lock.lock();
      lines[mine] = std::move(line);
      changed.notify_all();
    }
  };
  std::vector<std::jthread> workers;
  workers.reserve(static_cast<std::size_t>(threads));
  for (int i = 0; i < threads; ++i) {
    workers.emplace_back(run);
  }
  std::unique_lock lock(mutex);
  while (printed < count) {
    changed.wait(lock, [&] { return lines[printed].has_value(); });
    Line line = std::move(*lines[printed]);
    lines[printed].reset();
    ++printed;
    changed.notify_all();
    lock.unlock();
    print(line, printed);
    lock.lock();
  }
}

int run(const OneShotOptions& options) {
  const auto files = pictures_of(options.inputs);
  if (!files) {
    return report(files.error());
  }
  const auto tool = OneShot::create(options);
  if (!tool) {
    return report(tool.error());
  }
  std::vector<std::filesystem::path> annotated(files->size());
  if (!options.annotate_dir.empty()) {
    annotated = annotated_names(options.annotate_dir, *files);
  }
  std::size_t failures = 0;
  {
    ProgressBar progress("files", files->size());
    in_order(
        files->size(), options.threads, [&](std::size_t i) { return (*tool)->process((*files)[i], annotated[i]); },
        [&](const Line& line, std::size_t done) {
          print_line(line.json);
          failures += line.failed ? 1 : 0;
          progress.set(done);
        });
  }
  if (failures > 0) {
    complain(std::to_string(failures) + " of " + std::to_string(files->size()) + " files failed");
    return kExitFailure;
  }
  return kExitSuccess;
}

void add_command(CLI::App& app, const Environment& environment, int& status, Depth depth, const char* name,
                 const char* description) {
  const auto options = std::make_shared<OneShotOptions>();
  options->depth = depth;
  CLI::App* command = app.add_subcommand(name, description);
  command->add_option("files", options->inputs, "Pictures, or folders of pictures")->required();
  add_setting(*command, "--threads", options->threads, "Files worked on at once")->check(CLI::Range(1, 256));
  command->add_option("--annotate", options->annotate_dir, "Write pictures with boxes and names into this folder");
  add_ignore_exif(*command, options->decode);
  add_decode_limits(*command, options->decode.limits);
  options->pack.add_to(*command, environment);
  options->detector.add_to(*command);
  if (depth == Depth::kEmbed) {
    command->add_option("--mode", options->mode, "Preprocessing: classic, standard or whitened (default: the pack's)");
  }
  if (depth == Depth::kRecognize) {
    options->gallery.add_to(*command, environment);
    options->strangers.add_to(*command, environment);
  }
  command->callback([options, &status] { status = run(*options); });
}

}  // namespace

void add_oneshot_commands(CLI::App& app, const Environment& environment, int& status) {
  add_command(app, environment, status, Depth::kDetect, "detect", "Faces of pictures: boxes, confidences, landmarks");
  add_command(app, environment, status, Depth::kEmbed, "embed", "Faces and their embeddings");
  add_command(app, environment, status, Depth::kRecognize, "recognize", "Faces and the names of known people");
}

}  // namespace facepipe::app
