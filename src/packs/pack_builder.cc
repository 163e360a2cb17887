// Weights files to a model pack. Format: docs/formats/model-pack.md. Tested by pack_builder_test.cc and
// embed_golden_test.cc.
#include "packs/pack_builder.h"

#include <bit>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "base/file.h"
#include "base/hash.h"
#include "embed/layer_embedder.h"
#include "embed/prepacked.h"
#include "packs/embedder_source.h"
#include "packs/int8_embedder.h"
#include "packs/layer_chain.h"
#include "packs/prepack.h"
#include "packs/source_file.h"
#include "weights/tensor_file.h"

namespace facepipe::packs {
namespace {

static_assert(std::endian::native == std::endian::little, "the canonical form is little-endian");

// A file of the new pack, not written yet.
struct NewFile {
  model::PackFile file;
  Bytes content;
};

// The name holds the start of the digest: a pack that is being replaced keeps its own files until its manifest is
// replaced, so a reader sees the old pack or the new one, never a mixture.
NewFile new_file(const std::string& role, const std::string& extension, Bytes content) {
  model::PackFile file = model::pack_file("", content);
  file.name = role + "-" + file.sha256.substr(0, 16) + extension;
  return {std::move(file), std::move(content)};
}

Result<NewFile> build_detector(const PackRecipe& recipe, std::vector<model::PackSource>& sources) {
  FACEPIPE_ASSIGN(DetectorWeights detector, read_detector(recipe.pnet, recipe.rnet, recipe.onet));
  sources = std::move(detector.sources);
  return new_file("detector", ".safetensors",
                  weights::write_tensor_file({{{"network", "mtcnn"}}, std::move(detector.tensors)}));
}

// A network on its way into the pack.
struct NewNetwork {
  const PackRecipe& recipe;
  model::Manifest& manifest;
  NewFile embedder;
  std::optional<NewFile> layers;  // the same, where own kernels run it
};

// The embedder laid out for this machine, in files that other machines pass over.
Status add_prepacked(const NewNetwork& network, const std::filesystem::path& folder, std::vector<NewFile>& files) {
  const NewFile& embedder = network.embedder;
  const std::string target = embed::prepack_target();
  const std::string name = "embedder-" + embedder.file.sha256.substr(0, 16) + "-" + target + ".weights";
  FACEPIPE_ASSIGN(PrepackedGraph prepacked, prepack(embedder.content, network.manifest.embedding_size, name, folder));
  const auto add = [&](const std::string& role, NewFile file) {
    network.manifest.files.insert_or_assign(role, file.file);
    files.push_back(std::move(file));
  };
  // The graph names this file, so the name cannot hold the file's own digest: it holds that of what it was made from.
  model::PackFile weights = model::pack_file(name, prepacked.initializers);
  add(embed::prepacked_weights_role(target), NewFile{std::move(weights), std::move(prepacked.initializers)});
  add(embed::prepacked_role(target), new_file("embedder-" + target, ".onnx", std::move(prepacked.graph)));
  add(std::string(embed::kPatternRole),
      new_file(std::string(embed::kPatternRole), ".f32", std::move(prepacked.pattern)));
  return {};
}

// A network as it was read, and what its pack says of it.
Result<NewNetwork> read_network(const PackRecipe& recipe, model::Manifest& manifest) {
  FACEPIPE_ASSIGN(EmbedderSource source, read_embedder(recipe));
  manifest.model_id = std::move(source.model_id);
  manifest.embedding_size = source.embedding_size;
  manifest.min_input_px = source.min_input_px;
  manifest.sources.push_back(std::move(source.source));
  if (recipe.precision == model::Precision::kInt8) {
    FACEPIPE_ASSIGN(Int8Embedder int8, make_int8_embedder(source.graph, recipe.calibration, recipe.preprocessing));
    manifest.fp32_cosine = static_cast<float>(int8.cosine);
    return NewNetwork{recipe, manifest, new_file("embedder", ".onnx", std::move(int8.onnx)), std::nullopt};
  }
  NewNetwork network{recipe, manifest, new_file("embedder", ".onnx", write_onnx(source.graph)), std::nullopt};
  if (std::optional<Bytes> layers = layer_file(source.graph)) {
    FACEPIPE_TRY(try_layers(*layers, network.embedder.content, source.embedding_size));
    network.layers = new_file(std::string(embed::kLayersRole), ".safetensors", *std::move(layers));
  }
  return network;
}

// The recipe's network, and in the manifest what is said of it.
Result<NewNetwork> build_embedder(const PackRecipe& recipe, model::Manifest& manifest) {
  manifest.name = recipe.name;
  manifest.licence = recipe.licence;
  manifest.training_data = recipe.training_data;
  manifest.decision = recipe.decision;
  manifest.norm = recipe.norm;
  manifest.preprocessing = recipe.preprocessing;
  manifest.distance_threshold = recipe.distance_threshold;
  manifest.threshold_far = recipe.threshold_far;
  manifest.precision = recipe.precision;
  FACEPIPE_ASSIGN(NewNetwork network, read_network(recipe, manifest));
  manifest.files.emplace("embedder", network.embedder.file);
  if (network.layers) {
    manifest.files.emplace(embed::kLayersRole, network.layers->file);
  }
  return network;
}

std::vector<std::string> file_names(const model::Manifest& manifest) {
  std::vector<std::string> names = manifest.cut_faces ? file_names(*manifest.cut_faces) : std::vector<std::string>();
  for (const auto& [role, file] : manifest.files) {
    names.push_back(file.name);
  }
  return names;
}

// Files of the manifest that is about to be replaced. An unreadable manifest names none: nothing is then removed.
std::vector<std::string> current_file_names(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  if (const Result<model::ModelPack> pack = model::ModelPack::open(folder); pack) {
    names = file_names(pack->manifest());
  }
  return names;
}

// What cannot be read back is never written: a bad name, licence, threshold or mode of the recipe ends here.
Status check_manifest(const model::Manifest& manifest) {
  if (const auto read_back = model::manifest_from_json(model::manifest_to_json(manifest)); !read_back) {
    return Error{ErrorCode::kInvalidArgument, read_back.error().message};
  }
  return {};
}

Status make_folder(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) {
    return Error{ErrorCode::kUnavailable, "cannot make the folder " + folder.string() + ": " + error.message()};
  }
  return {};
}

Status write_pack(const std::filesystem::path& folder, const model::Manifest& manifest,
                  const std::string& manifest_json, const std::vector<NewFile>& files) {
  FACEPIPE_TRY(make_folder(folder));
  std::vector<std::string> stale = current_file_names(folder);
  for (const NewFile& file : files) {
    FACEPIPE_TRY(write_file_atomically(folder / file.file.name, file.content));
  }
  FACEPIPE_TRY(write_file_atomically(folder / model::kManifestFileName, as_bytes(manifest_json)));
  for (const std::string& name : file_names(manifest)) {
    std::erase(stale, name);
  }
  for (const std::string& name : stale) {
    std::error_code error;
    std::filesystem::remove(folder / name, error);  // left behind at worst: no manifest names it any more
  }
  return {};
}

void append(Bytes& out, ByteView bytes) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}

void append_count(Bytes& out, std::uint64_t count) {
  append(out, std::as_bytes(std::span(&count, 1)));
}

}  // namespace

std::string model_id(const weights::StateDict& canonical) {
  Bytes bytes;
  for (const auto& [name, tensor] : canonical) {
    append_count(bytes, name.size());
    append(bytes, as_bytes(name));
    append_count(bytes, tensor.shape.size());
    for (const std::int64_t extent : tensor.shape) {
      append_count(bytes, static_cast<std::uint64_t>(extent));
    }
    append(bytes, std::as_bytes(std::span(tensor.values)));
  }
  return "inception-resnet-v1:" + sha256_hex(bytes);
}

Result<model::Manifest> build_pack(const PackRecipe& recipe, const std::filesystem::path& folder) {
  model::Manifest manifest;
  FACEPIPE_ASSIGN(NewFile detector, build_detector(recipe, manifest.sources));
  manifest.files.emplace("detector", detector.file);
  std::vector<NewNetwork> networks;
  FACEPIPE_ASSIGN(NewNetwork first, build_embedder(recipe, manifest));
  networks.push_back(std::move(first));
  if (recipe.cut_faces) {
    const auto cut_faces = std::make_shared<model::Manifest>();
    manifest.cut_faces = cut_faces;
    FACEPIPE_ASSIGN(NewNetwork second, build_embedder(*recipe.cut_faces, *cut_faces));
    networks.push_back(std::move(second));
  }
  FACEPIPE_TRY(check_manifest(manifest));
  std::vector<NewFile> files;
  files.push_back(std::move(detector));
  for (NewNetwork& network : networks) {
    // Layers need no layout for each kind of machine.
    if (network.layers) {
      files.push_back(*std::move(network.layers));
    } else if (network.recipe.prepack) {
      FACEPIPE_TRY(make_folder(folder));
      FACEPIPE_TRY(add_prepacked(network, folder, files));
    }
    files.push_back(std::move(network.embedder));
  }
  FACEPIPE_TRY(write_pack(folder, manifest, model::manifest_file_text(manifest), files));
  return manifest;
}

}  // namespace facepipe::packs
