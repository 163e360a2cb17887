// facepipe model build | info
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "calibration.h"
#include "command.h"
#include "output.h"
#include "packs/pack_builder.h"
#include "recipe_file.h"

namespace facepipe::app {
namespace {

struct BuildOptions {
  std::filesystem::path out;
  std::filesystem::path mtcnn;
  std::string recipe_name;  // of a file or an installed one; empty: what the options say
  packs::PackRecipe recipe;
  std::string mode = "whitened";
  float threshold = 0;
  float far = 0;
  std::vector<std::filesystem::path> calibrate;
  std::string cut_recipe_name;  // empty: no network for cut faces
  std::filesystem::path cut_embedder;
  std::vector<std::filesystem::path> cut_calibrate;  // empty: it stays fp32
  image::DecodeOptions decode;
};

// The recipe file's words, where the command line has none of its own.
Status take_recipe(BuildOptions& options) {
  packs::PackRecipe& recipe = options.recipe;
  if (options.recipe_name.empty()) {
    FACEPIPE_ASSIGN(recipe.preprocessing, model::known_mode(options.mode));
  } else {
    FACEPIPE_ASSIGN(packs::PackRecipe read, load_recipe(options.recipe_name));
    read.name = recipe.name.empty() ? read.name : recipe.name;
    read.licence = recipe.licence.empty() ? read.licence : recipe.licence;
    read.embedder = recipe.embedder;
    read.precision = recipe.precision;
    read.prepack = recipe.prepack;
    recipe = std::move(read);
  }
  if (recipe.name.empty() || recipe.licence.empty()) {
    return Error{ErrorCode::kInvalidArgument, "expected --name and --licence, or --recipe"};
  }
  recipe.pnet = options.mtcnn / "pnet.pt";
  recipe.rnet = options.mtcnn / "rnet.pt";
  recipe.onet = options.mtcnn / "onet.pt";
  if (options.threshold > 0) {
    recipe.distance_threshold = options.threshold;
    recipe.threshold_far = std::nullopt;
  }
  if (options.far > 0) {
    recipe.threshold_far = options.far;
  }
  return {};
}

// The second network. It is not laid out for this machine: most machines never load it.
Status take_cut_faces(BuildOptions& options) {
  FACEPIPE_ASSIGN(packs::PackRecipe recipe, load_recipe(options.cut_recipe_name));
  recipe.embedder = options.cut_embedder;
  recipe.prepack = false;
  if (!options.cut_calibrate.empty()) {
    recipe.precision = model::Precision::kInt8;
    FACEPIPE_ASSIGN(recipe.calibration,
                    calibration_crops(options.cut_calibrate, options.mtcnn, recipe.preprocessing, options.decode));
  }
  options.recipe.cut_faces = std::make_shared<const packs::PackRecipe>(std::move(recipe));
  return {};
}

Status build(BuildOptions& options) {
  FACEPIPE_TRY(take_recipe(options));
  packs::PackRecipe& recipe = options.recipe;
  if (recipe.precision == model::Precision::kInt8) {
    FACEPIPE_ASSIGN(recipe.calibration,
                    calibration_crops(options.calibrate, options.mtcnn, recipe.preprocessing, options.decode));
  }
  if (!options.cut_recipe_name.empty()) {
    FACEPIPE_TRY(take_cut_faces(options));
  }
  FACEPIPE_TRY(packs::build_pack(recipe, options.out));
  return {};
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
                   "The network: ONNX, TensorFlow Lite, or Inception-ResNet v1 as a Keras .h5 or a .pt of PyTorch")
      ->required();
  CLI::Option* recipe = build_command->add_option(
      "--recipe", options->recipe_name, "What the network wants: a TOML file, or the name of an installed recipe");
  build_command->add_option("--name", options->recipe.name, "Name of the pack (default: the recipe's)");
  build_command->add_option("--licence", options->recipe.licence, "Licence of the weights (default: the recipe's)");
  build_command->add_option("--mode", options->mode, "Preprocessing: whitened, standard or classic")
      ->capture_default_str()
      ->excludes(recipe);
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
  CLI::Option* cut_recipe = build_command->add_option(
      "--cut-recipe", options->cut_recipe_name, "Recipe of a second network, for faces that the picture's edge cuts");
  CLI::Option* cut_embedder =
      build_command->add_option("--cut-embedder", options->cut_embedder, "Its file")->needs(cut_recipe);
  cut_recipe->needs(cut_embedder);
  build_command
      ->add_option("--cut-calibrate", options->cut_calibrate,
                   "Photographs with faces, or folders of them: it is quantised to int8")
      ->check(CLI::ExistingPath)
      ->needs(cut_recipe);
  add_decode_limits(*build_command, options->decode.limits);
  build_command->callback([options, &status] {
    const Status built = build(*options);
    status = built ? kExitSuccess : report(built.error());
  });

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
