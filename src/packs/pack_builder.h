// Makes a model pack from weights files: what `facepipe model build` runs.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "image/image.h"
#include "model/model_pack.h"
#include "weights/tensor.h"

namespace facepipe::packs {

// What a file with an embedder can hold: PackRecipe::network.
inline constexpr const char* kOnnxNetwork = "onnx";
inline constexpr const char* kTfliteNetwork = "tflite";
inline constexpr const char* kInceptionNetwork = "inception-resnet-v1";

struct PackRecipe {
  std::string name;
  std::string licence;
  std::string training_data;   // what the network has seen, for people; empty: not said
  std::filesystem::path pnet;  // facenet-pytorch's data/pnet.pt, and so on
  std::filesystem::path rnet;
  std::filesystem::path onet;
  // ONNX, TensorFlow Lite, or Inception-ResNet v1 as .h5, state dict .pt (zip, legacy) or TorchScript .pt.
  std::filesystem::path embedder;
  std::string network;                // one of the three above: what the file must hold; empty: any
  std::string embedder_sha256;        // what the file must be; empty: any
  std::optional<int> embedding_size;  // what the network must make; needed where an ONNX file does not say it
  model::Preprocessing preprocessing;
  std::optional<float> distance_threshold;
  std::optional<float> threshold_far;
  std::optional<model::Decision> decision;  // how distances become names in the recipe's mode
  std::optional<model::NormLimits> norm;    // which embeddings say little; the graph then tells norms
  model::Precision precision = model::Precision::kFp32;
  // int8 only: faces cut out of photographs, as the network will see them, to learn the activations' ranges from.
  std::vector<image::RgbImage> calibration;
  // Also write the embedder laid out for this machine, as large again, loaded in a tenth of the time. A network that
  // own kernels run (layer_chain.h) is written for those in any case, and needs no such layout.
  bool prepack = true;
  // The network for faces that the picture's edge cuts (model::Manifest::cut_faces); its detector is not looked at.
  // Null: none.
  std::shared_ptr<const PackRecipe> cut_faces = nullptr;
};

// Writes the pack into `folder` (made if absent) and returns its manifest. An existing pack is replaced so that a
// reader sees the old one or the new one: new files first, under names of their own content, then the manifest, then
// the old files are removed. Equal inputs give equal bytes. Errors name the source file and the tensor, or the recipe's
// field (kInvalidArgument), or are make_int8_embedder's. Holds about seven times the weights in memory.
[[nodiscard]] Result<model::Manifest> build_pack(const PackRecipe& recipe, const std::filesystem::path& folder);

// Of Inception-ResNet v1: "inception-resnet-v1:" and the SHA-256 of the canonical weights (docs/formats/model-pack.md),
// whatever kind of file they came from. `canonical` as weights::canonical_inception_resnet_v1 returns it.
[[nodiscard]] std::string model_id(const weights::StateDict& canonical);

}  // namespace facepipe::packs
