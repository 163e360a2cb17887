// The manifest of a model pack as JSON. Format: docs/formats/model-pack.md. Tested by manifest_test.cc.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "base/hex.h"
#include "base/json_reader.h"
#include "base/json_writer.h"
#include "model/model_pack.h"
#include "model/preprocessing_json.h"

namespace facepipe::model {
namespace {

// Format 1 named no kinds: its packs held MTCNN and Inception-ResNet v1, whose convolutions leave nothing to pool below
// this side.
constexpr int kMinInputOfFormat1 = 75;
constexpr std::int64_t kMaxEmbeddingSize = 65'536;

std::string field_error(std::string_view context, std::string_view path, std::string_view expected,
                        std::string_view /*found*/) {
  return std::string(context) + ": field '" + std::string(path) + "' must be " + std::string(expected);
}

// A name that stays inside its folder on every system.
bool is_plain_file_name(std::string_view name) {
  const auto is_plain = [](char c) { return c != '/' && c != '\\' && c != ':' && static_cast<unsigned char>(c) >= 32; };
  return !name.empty() && name != "." && name != ".." && std::all_of(name.begin(), name.end(), is_plain);
}

bool has(const JsonValue& value) {
  return value.type() != JsonType::kAbsent;
}

Result<int> read_int(const JsonValue& value, std::int64_t low, std::int64_t high) {
  FACEPIPE_ASSIGN(const std::int64_t number, value.integer(low, high));
  return static_cast<int>(number);
}

Result<std::string> read_text(const JsonValue& value) {
  FACEPIPE_ASSIGN(const std::string_view text, value.text());
  return std::string(text);
}

Result<std::string> read_hex(const JsonValue& value, std::size_t digits, std::string_view expected) {
  FACEPIPE_ASSIGN(const std::string_view text, value.text());
  return is_hex(text, digits) ? Result<std::string>(std::string(text)) : value.must_be(expected);
}

Result<std::string> read_digest(const JsonValue& value) {
  return read_hex(value, 64, "a SHA-256 of 64 lower-case hexadecimal digits");
}

Result<std::string> read_plain_name(const JsonValue& value) {
  FACEPIPE_ASSIGN(const std::string_view name, value.text());
  return is_plain_file_name(name) ? Result<std::string>(std::string(name))
                                  : value.must_be("a plain file name without path separators");
}

// The pack's own mode, which its network takes.
Result<Preprocessing> read_own_mode(const JsonValue& value, const Manifest& manifest) {
  const bool format_1 = manifest.format_version == 1;
  FACEPIPE_TRY(value.check_object());
  FACEPIPE_TRY(value["input_px"].integer(format_1 ? 1 : manifest.min_input_px, kMaxInputPx));
  return read_preprocessing(value, format_1 ? AlignmentFields::kNone : AlignmentFields::kRequired);
}

// Whose fields an object has: the pack's, or those of its network for cut faces.
enum class Part { kPack, kCutFaces };

// What runs the two files, and what it takes.
Status read_kinds(const JsonValue& root, Part part, Manifest& manifest) {
  if (manifest.format_version == 1) {
    manifest.min_input_px = kMinInputOfFormat1;
    return {};
  }
  if (part == Part::kPack) {
    const JsonValue detector = root["detector"];
    FACEPIPE_TRY(detector.check_object());
    FACEPIPE_ASSIGN(manifest.detector_kind, read_text(detector["kind"]));
  }
  const JsonValue embedder = root["embedder"];
  FACEPIPE_TRY(embedder.check_object());
  FACEPIPE_ASSIGN(manifest.embedder_kind, read_text(embedder["kind"]));
  FACEPIPE_ASSIGN(manifest.min_input_px, read_int(embedder["min_input_px"], 1, kMaxInputPx));
  return {};
}

Result<PackSource> read_source(const JsonValue& value) {
  FACEPIPE_TRY(value.check_object());
  PackSource source;
  FACEPIPE_ASSIGN(source.name, read_plain_name(value["name"]));
  FACEPIPE_ASSIGN(source.sha256, read_digest(value["sha256"]));
  return source;
}

Result<std::vector<PackSource>> read_sources(const JsonValue& value) {
  std::vector<PackSource> sources;
  FACEPIPE_TRY(value.each_item([&sources](const JsonValue& item) -> Status {
    FACEPIPE_ASSIGN(PackSource source, read_source(item));
    sources.push_back(std::move(source));
    return {};
  }));
  return sources;
}

Result<PackFile> read_pack_file(const JsonValue& value) {
  FACEPIPE_TRY(value.check_object());
  PackFile file;
  FACEPIPE_ASSIGN(file.name, read_plain_name(value["name"]));
  FACEPIPE_ASSIGN(file.sha256, read_digest(value["sha256"]));
  FACEPIPE_ASSIGN(const std::int64_t size, value["size_bytes"].integer(1, std::numeric_limits<std::int64_t>::max()));
  file.size_bytes = static_cast<std::uint64_t>(size);
  if (const JsonValue xxh64 = value["xxh64"]; has(xxh64)) {
    FACEPIPE_ASSIGN(file.xxh64, read_hex(xxh64, 16, "an XXH64 of 16 lower-case hexadecimal digits"));
  }
  return file;
}

Result<std::map<std::string, PackFile>> read_files(const JsonValue& roles, Part part) {
  std::map<std::string, PackFile> files;
  FACEPIPE_TRY(roles.each_field([&files](std::string_view role, const JsonValue& value) -> Status {
    FACEPIPE_ASSIGN(PackFile file, read_pack_file(value));
    files.insert_or_assign(std::string(role), std::move(file));
    return {};
  }));
  for (const char* role : {"detector", "embedder"}) {
    const bool wanted = part == Part::kPack || role != std::string_view("detector");
    if (wanted && !files.contains(role)) {
      return roles[role].must_be("present: a pack holds a detector and an embedder");
    }
  }
  return files;
}

void write_sources_and_files(JsonWriter& json, const Manifest& manifest) {
  json.key("sources").begin_array();
  for (const PackSource& source : manifest.sources) {
    json.begin_object().key("name").string(source.name).key("sha256").string(source.sha256).end_object();
  }
  json.end_array();
  json.key("files").begin_object();
  for (const auto& [role, file] : manifest.files) {
    json.key(role).begin_object();
    json.key("name").string(file.name).key("sha256").string(file.sha256);
    json.key("size_bytes").integer(static_cast<std::int64_t>(file.size_bytes));
    if (!file.xxh64.empty()) {
      json.key("xxh64").string(file.xxh64);
    }
    json.end_object();
  }
  json.end_object();
}

void write_manifest(JsonWriter& json, const Manifest& manifest, Part part) {
  json.begin_object();
  if (part == Part::kPack) {
    json.key("format_version").integer(kManifestVersion);
  }
  json.key("name").string(manifest.name);
  json.key("licence").string(manifest.licence);
  if (!manifest.training_data.empty()) {
    json.key("training_data").string(manifest.training_data);
  }
  json.key("model_id").string(manifest.model_id);
  json.key("embedding_size").integer(manifest.embedding_size);
  if (part == Part::kPack) {
    json.key("detector").begin_object().key("kind").string(manifest.detector_kind).end_object();
  }
  json.key("embedder").begin_object().key("kind").string(manifest.embedder_kind);
  json.key("min_input_px").integer(manifest.min_input_px).end_object();
  json.key("preprocessing");
  write_preprocessing(json, manifest.preprocessing);
  if (manifest.distance_threshold) {
    json.key("distance_threshold").number(*manifest.distance_threshold);
  }
  if (manifest.threshold_far) {
    json.key("threshold_far").number(*manifest.threshold_far);
  }
  if (manifest.decision) {
    json.key("decision");
    write_decision(json, *manifest.decision);
  }
  if (manifest.norm) {
    json.key("norm");
    write_norm_limits(json, *manifest.norm);
  }
  json.key("precision").string(to_string(manifest.precision));
  if (manifest.fp32_cosine) {
    json.key("fp32_cosine").number(*manifest.fp32_cosine);
  }
  write_sources_and_files(json, manifest);
  if (manifest.cut_faces && part == Part::kPack) {
    json.key("cut_faces");
    write_manifest(json, *manifest.cut_faces, Part::kCutFaces);
  }
  json.end_object();
}

// `manifest` has its format_version.
Status read_manifest(const JsonValue& root, Part part, Manifest& manifest) {
  FACEPIPE_ASSIGN(manifest.name, read_text(root["name"]));
  FACEPIPE_ASSIGN(manifest.licence, read_text(root["licence"]));
  if (const JsonValue training_data = root["training_data"]; has(training_data)) {
    FACEPIPE_ASSIGN(manifest.training_data, read_text(training_data));
  }
  FACEPIPE_ASSIGN(manifest.model_id, read_text(root["model_id"]));
  FACEPIPE_ASSIGN(manifest.embedding_size, read_int(root["embedding_size"], 1, kMaxEmbeddingSize));
  FACEPIPE_TRY(read_kinds(root, part, manifest));
  FACEPIPE_ASSIGN(manifest.preprocessing, read_own_mode(root["preprocessing"], manifest));
  // Embeddings are unit vectors, so no distance is past 2.
  FACEPIPE_ASSIGN(manifest.distance_threshold, read_positive(root["distance_threshold"], 2));
  FACEPIPE_ASSIGN(manifest.threshold_far, read_positive(root["threshold_far"], 1));
  if (manifest.threshold_far && !manifest.distance_threshold) {
    return root["distance_threshold"].must_be("present where threshold_far is");
  }
  if (const JsonValue decision = root["decision"]; has(decision)) {
    FACEPIPE_ASSIGN(manifest.decision, read_decision(decision));
  }
  if (const JsonValue norm = root["norm"]; has(norm)) {
    FACEPIPE_ASSIGN(manifest.norm, read_norm_limits(norm));
  }
  if (const JsonValue precision = root["precision"]; has(precision)) {  // packs of before there was a choice: fp32
    FACEPIPE_ASSIGN(const std::size_t named,
                    precision.one_of({to_string(Precision::kFp32), to_string(Precision::kInt8)}));
    manifest.precision = named == 0 ? Precision::kFp32 : Precision::kInt8;
  }
  // A cosine of unit vectors, with room for a rounding above 1.
  FACEPIPE_ASSIGN(manifest.fp32_cosine, read_positive(root["fp32_cosine"], 2));
  FACEPIPE_ASSIGN(manifest.sources, read_sources(root["sources"]));
  FACEPIPE_ASSIGN(manifest.files, read_files(root["files"], part));
  const JsonValue second = root["cut_faces"];
  if (part == Part::kCutFaces || !has(second)) {
    return {};
  }
  FACEPIPE_TRY(second.check_object());
  const auto cut_faces = std::make_shared<Manifest>();
  cut_faces->format_version = manifest.format_version;
  FACEPIPE_TRY(read_manifest(second, Part::kCutFaces, *cut_faces));
  manifest.cut_faces = cut_faces;
  return {};
}

}  // namespace

Result<std::optional<float>> read_positive(const JsonValue& value, int high) {
  if (!has(value)) {
    return std::optional<float>();
  }
  const auto number = value.as_number();
  if (!number || !(*number > 0.0) || !(*number < high)) {
    return value.must_be("a number above 0 and below " + std::to_string(high));
  }
  return std::optional<float>(static_cast<float>(*number));
}

std::string_view to_string(Precision precision) {
  return precision == Precision::kInt8 ? "int8" : "fp32";
}

std::string manifest_to_json(const Manifest& manifest) {
  JsonWriter json;
  write_manifest(json, manifest, Part::kPack);
  return std::move(json).text();
}

Result<Manifest> manifest_from_json(std::string_view json) {
  const auto document = JsonDocument::parse_object(json, {.context = "manifest", .field_error = field_error});
  if (!document) {
    return Error{document.error().code,
                 "manifest: expected a JSON object, got " + std::to_string(json.size()) + " bytes that are none"};
  }
  const JsonValue& root = document->root();
  Manifest manifest;
  FACEPIPE_ASSIGN(const int version, read_int(root["format_version"], 1, std::numeric_limits<int>::max()));
  if (version > kManifestVersion) {
    return Error{ErrorCode::kUnsupported, "manifest: format_version " + std::to_string(version) +
                                              " is newer than this program's, " + std::to_string(kManifestVersion)};
  }
  manifest.format_version = version;
  FACEPIPE_TRY(read_manifest(root, Part::kPack, manifest));
  return manifest;
}

}  // namespace facepipe::model
