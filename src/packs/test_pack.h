// For tests: model packs around a graph.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>

#include "base/file.h"
#include "base/hash.h"
#include "model/model_pack.h"

namespace facepipe::packs::testing {

// A pack whose embedder is `onnx` and whose detector is a placeholder.
inline model::ModelPack write_pack(const std::filesystem::path& folder, ByteView onnx, int embedding_size) {
  model::Manifest manifest;
  manifest.name = "test";
  manifest.licence = "CC0-1.0";
  manifest.model_id = "inception-resnet-v1:test";
  manifest.embedding_size = embedding_size;
  manifest.min_input_px = 75;
  manifest.preprocessing = *model::known_mode("standard");
  manifest.files = {{"detector", {"detector.safetensors", sha256_hex(as_bytes("-")), 1}},
                    {"embedder", {"embedder.onnx", sha256_hex(onnx), onnx.size()}}};
  EXPECT_TRUE(write_file_atomically(folder / "detector.safetensors", as_bytes("-")));
  EXPECT_TRUE(write_file_atomically(folder / "embedder.onnx", onnx));
  EXPECT_TRUE(write_file_atomically(folder / model::kManifestFileName, as_bytes(model::manifest_to_json(manifest))));
  auto pack = model::ModelPack::open(folder);
  EXPECT_TRUE(pack) << pack.error().message;
  return *std::move(pack);
}

}  // namespace facepipe::packs::testing
