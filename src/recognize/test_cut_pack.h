// A pack with a network for cut faces, and no network's file that the runtime could read: what loads one fails. Test
// code only.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>

#include "base/file.h"
#include "model/model_pack.h"

namespace facepipe::recognize::testing {

// Of embeddings with two values, with a decision. A comparison at 0.2 names a stranger of 10,000, at 0.4 one of 1,000.
inline model::Manifest manifest_of(const std::string& model_id, const std::string& mode) {
  model::Manifest manifest;
  manifest.name = model_id;
  manifest.licence = "CC0-1.0";
  manifest.model_id = model_id;
  manifest.embedding_size = 2;
  manifest.preprocessing = model::known_mode(mode).value();
  manifest.decision = model::Decision{.false_accepts = {{0.2F, 1e-4}, {0.4F, 1e-3}}, .slope = 10};
  return manifest;
}

// In `folder`: `first` with `second` for cut faces.
inline model::ModelPack write_cut_pack(const std::filesystem::path& folder, model::Manifest first,
                                       model::Manifest second) {
  const model::PackFile embedder = model::pack_file("embedder.onnx", as_bytes("-"));
  first.files = {{"detector", model::pack_file("detector.safetensors", as_bytes("-"))}, {"embedder", embedder}};
  second.files = {{"embedder", embedder}};
  first.cut_faces = std::make_shared<const model::Manifest>(std::move(second));
  EXPECT_TRUE(write_file_atomically(folder / "detector.safetensors", as_bytes("-")));
  EXPECT_TRUE(write_file_atomically(folder / "embedder.onnx", as_bytes("-")));
  EXPECT_TRUE(write_file_atomically(folder / model::kManifestFileName, as_bytes(model::manifest_file_text(first))));
  auto pack = model::ModelPack::open(folder);
  EXPECT_TRUE(pack) << pack.error().message;
  return *std::move(pack);
}

}  // namespace facepipe::recognize::testing
