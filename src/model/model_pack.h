// A model pack: one folder with a manifest, the detector's weights and the embedder's. docs/formats/model-pack.md
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/file.h"
#include "base/result.h"
#include "model/decision.h"
#include "model/norm_limits.h"
#include "model/preprocessing.h"

namespace facepipe::model {

inline constexpr std::string_view kManifestFileName = "manifest.json";

struct PackSource {  // a file that the pack was made from
  std::string name;  // its file name, no folder
  std::string sha256;
};

struct PackFile {  // a file of the pack itself
  std::string name;
  std::string sha256;
  std::uint64_t size_bytes = 0;
  // 16 hexadecimal digits: what a load compares, since it takes a third of SHA-256's time and less. Empty in packs of
  // before there was one: their loads compare SHA-256.
  std::string xxh64 = {};
};
// Of a file with that content.
[[nodiscard]] PackFile pack_file(std::string name, ByteView content);

// What an embedder computes in.
enum class Precision { kFp32, kInt8 };
[[nodiscard]] std::string_view to_string(Precision precision);  // "fp32", "int8"

// What this program writes; it reads every one from 1.
inline constexpr int kManifestVersion = 2;

struct Manifest {
  int format_version = kManifestVersion;  // that it was read from
  std::string name;                       // "facenet-msceleb-128"
  std::string licence;                    // SPDX expression or free text
  std::string training_data;              // what the embedder was trained on, for people; empty: not said
  std::vector<PackSource> sources;
  std::map<std::string, PackFile> files;  // role -> file; "detector" and "embedder" are always there once read
  // Which code runs the two (detect/detector.h, embed/embedder.h); a program may not know the kind.
  std::string detector_kind = "mtcnn";
  std::string embedder_kind = "onnx";
  int embedding_size = 0;
  int min_input_px = 1;         // the smallest side of a picture that the embedder takes
  Preprocessing preprocessing;  // the pack's own mode
  // Euclidean distance past which a probe is unknown in the pack's own mode, and the false-accept rate that it was
  // calibrated at (docs/numerics.md). Absent: no calibration, always the nearest.
  std::optional<float> distance_threshold;
  std::optional<float> threshold_far;
  // In the pack's own mode: the threshold by the size of a gallery, and how sure a name is. Galleries that state a
  // share of strangers use it in place of distance_threshold.
  std::optional<Decision> decision;
  // In the pack's own mode: which of the network's outputs say little. The graph then tells their lengths.
  std::optional<NormLimits> norm;

  Precision precision = Precision::kFp32;
  // int8 only: mean cosine between its embeddings and the float32 network's, over the pictures it was calibrated with.
  std::optional<float> fp32_cosine;

  // Identifies the embedder for galleries: the embedder's source, SHA-256 of its canonical weights. The same for
  // both precisions: their embeddings are compared freely (docs/numerics.md).
  std::string model_id;

  // A second network, for faces that the picture's edge cuts: everything above is its own, but for the detector, of
  // which it has neither kind nor file, and it has no third. Null: there is none.
  std::shared_ptr<const Manifest> cut_faces;
};

// A folder whose manifest has been read, and checked by its own digest where it has one, and whose files exist with
// their sizes. What is loaded is checked by map() and check(): damaged weights find no face, or another's name.
class ModelPack {
 public:
  // kNotFound (no folder or manifest), kInvalidData (field named), kUnsupported (newer format_version, both named),
  // kMismatch (a manifest that is not the one that was written; a file cut short: expected and found size).
  [[nodiscard]] static Result<ModelPack> open(const std::filesystem::path& folder);
  [[nodiscard]] const Manifest& manifest() const { return manifest_; }
  [[nodiscard]] std::filesystem::path file(std::string_view role) const;  // role must be in the manifest
  // The file of a role, mapped, its content as the manifest has it; kMismatch names the file and both digests. The role
  // must be in the manifest.
  [[nodiscard]] Result<MappedFile> map(std::string_view role) const;
  // The same check for a file that a library opens by its name. Keeps nothing of it in memory.
  [[nodiscard]] Status check(std::string_view role) const;
  // Reads every file and compares its SHA-256; kMismatch names the file and both digests.
  [[nodiscard]] Status verify() const;
  // The network for cut faces as a pack without a detector, of the same folder. nullopt: there is none.
  [[nodiscard]] std::optional<ModelPack> cut_faces() const;

 private:
  ModelPack(std::filesystem::path folder, Manifest manifest)
      : folder_(std::move(folder)), manifest_(std::move(manifest)) {}
  [[nodiscard]] Status check_sizes() const;
  std::filesystem::path folder_;
  Manifest manifest_;
};

// One JSON object of kManifestVersion, fields in a fixed order: equal manifests give equal text.
[[nodiscard]] std::string manifest_to_json(const Manifest& manifest);
// What the file manifest.json holds: that object with one more field at its end, "manifest_sha256", the SHA-256 of the
// object without it. ModelPack::open compares it: a flipped bit of the threshold would name strangers.
[[nodiscard]] std::string manifest_file_text(const Manifest& manifest);
// Every field is checked; kInvalidData names the field and what it must be, kUnsupported both format versions. Fields
// that this version does not know are ignored.
[[nodiscard]] Result<Manifest> manifest_from_json(std::string_view json);

}  // namespace facepipe::model
