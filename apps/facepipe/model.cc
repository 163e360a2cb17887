// facepipe model build | info
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "calibration.h"
#include "command.h"
#include "output.h"
#include "packs/pack_builder.h"

namespace facepipe::app {
namespace {

struct BuildOptions {
  std::filesystem::path out;
  std::filesystem::path mtcnn;
  packs::PackRecipe recipe;
  std::string mode = "whitened";
  float threshold = 0;
  float far = 0;
  std::vector<std::filesystem::path> calibrate;
  image::DecodeOptions decode;
};

int build(BuildOptions& options) {
  const auto mode = model::known_mode(options.mode);
  if (!mode) {
    return report(mode.error());
  }
  options.recipe.preprocessing = *mode;
  options.recipe.pnet = options.mtcnn / "pnet.pt";
  options.recipe.rnet = options.mtcnn / "rnet.pt";
  options.recipe.onet = options.mtcnn / "onet.pt";
  if (options.threshold > 0) {
    options.recipe.distance_threshold = options.threshold;
  }
  if (options.far > 0) {
    options.recipe.threshold_far = options.far;
  }
  if (options.recipe.precision == model::Precision::kInt8) {
    auto crops = calibration_crops(options.calibrate, options.mtcnn, *mode, options.decode);
    if (!crops) {
      return report(crops.error());
    }
    options.recipe.calibration = *std::move(crops);
  }
  const auto manifest = packs::build_pack(options.recipe, options.out);
  return manifest ? kExitSuccess : report(manifest.error());
}

int info(const std::filesystem::path& folder, bool verify) {
  const auto pack = model::ModelPack::open(folder);
  if (!pack) {
    return report(pack.error());
  }
  if (verify) {
    if (const Status verified = pack->verify(); !verified) {
      return report(verified.error());
    }
  }
  print_line(model::manifest_to_json(pack->manifest()));
  return kExitSuccess;
}

}  // namespace

void add_model_command(CLI::App& app, const Environment& environment, int& status) {
  CLI::App* model = app.add_subcommand("model", "Make and inspect model packs");
  model->require_subcommand(1);

  const auto options = std::make_shared<BuildOptions>();
  CLI::App* build_command = model->add_subcommand("build", "Make a model pack from weights files");
  build_command->add_option("--out", options->out, "Folder of the pack")->required();
  build_command->add_option("--mtcnn", options->mtcnn, "Folder of facenet-pytorch's pnet.pt, rnet.pt and onet.pt")
      ->required();
  build_command
      ->add_option("--embedder", options->recipe.embedder,
                   "Inception-ResNet v1: a Keras .h5, a state dict .pt or a TorchScript .pt")
      ->required();
  build_command->add_option("--name", options->recipe.name, "Name of the pack")->required();
  build_command->add_option("--licence", options->recipe.licence, "Licence of the weights")->required();
  build_command->add_option("--mode", options->mode, "Preprocessing: whitened, standard or classic")
      ->capture_default_str();
  CLI::Option* threshold =
      build_command->add_option("--threshold", options->threshold, "Distance past which a face is unknown")
          ->check(CLI::PositiveNumber);
  build_command->add_option("--far", options->far, "False-accept rate that the threshold was calibrated at")
      ->check(CLI::Range(0.0, 1.0))
      ->needs(threshold);
  CLI::Option* calibrate =
      build_command
          ->add_option("--calibrate", options->calibrate,
                       "Photographs with faces, or folders of them, to set the ranges of int8 from: some dozens")
          ->check(CLI::ExistingPath);
  CLI::Option* int8 = build_command
                          ->add_flag_callback(
                              "--int8", [options] { options->recipe.precision = model::Precision::kInt8; },
                              "Quantise the embedder: a quarter of the size, half the time, nearly the same embeddings")
                          ->needs(calibrate);
  calibrate->needs(int8);
  build_command->add_flag("!--portable", options->recipe.prepack,
                          "Leave out the embedder laid out for this machine: half the size, a slower start");
  add_decode_limits(*build_command, options->decode.limits);
  build_command->callback([options, &status] { status = build(*options); });

  const auto folder = std::make_shared<PackOption>();
  CLI::App* info_command = model->add_subcommand("info", "Print a pack's manifest");
  const auto verify = std::make_shared<bool>(false);
  const auto named = std::make_shared<std::filesystem::path>();
  folder->add_to(*info_command, environment);
  info_command->add_option("folder", *named, "Folder of the pack");
  info_command->add_flag("--verify", *verify, "Check the digest of every file");
  info_command->callback(
      [folder, named, verify, &status] { status = info(named->empty() ? folder->folder() : *named, *verify); });
}

}  // namespace facepipe::app
