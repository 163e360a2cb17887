// The manifest of a model pack as JSON. Format: docs/formats/model-pack.md. Tested by manifest_test.cc.
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "base/json_writer.h"
#include "model/model_pack.h"

namespace facepipe::model {
namespace {

namespace dom = simdjson::dom;

// Format 1 named no kinds: its packs held MTCNN and Inception-ResNet v1, whose convolutions leave nothing to pool below
// this side.
constexpr int kMinInputOfFormat1 = 75;
constexpr std::int64_t kMaxEmbeddingSize = 65'536;
constexpr double kMaxNumber = 1e6;

Error field_error(std::string_view field, std::string_view expected) {
  return {ErrorCode::kInvalidData, "manifest: field '" + std::string(field) + "' must be " + std::string(expected)};
}

// A name that stays inside its folder on every system.
bool is_plain_file_name(std::string_view name) {
  const auto is_plain = [](char c) { return c != '/' && c != '\\' && c != ':' && static_cast<unsigned char>(c) >= 32; };
  return !name.empty() && name != "." && name != ".." && std::all_of(name.begin(), name.end(), is_plain);
}

// A JSON object with the path of its own name, so that an error names the whole path ("preprocessing.mode").
struct ObjectReader {
  dom::object object;
  std::string prefix;

  [[nodiscard]] std::string path(std::string_view name) const { return prefix + std::string(name); }
  [[nodiscard]] bool has(std::string_view name) const { return object.at_key(name).error() == simdjson::SUCCESS; }

  [[nodiscard]] Result<std::string> text(std::string_view name) const {
    std::string_view value;
    if (object.at_key(name).get(value) != simdjson::SUCCESS || value.empty()) {
      return field_error(path(name), "a text that is not empty");
    }
    return std::string(value);
  }
  [[nodiscard]] Result<std::int64_t> integer(std::string_view name, std::int64_t low, std::int64_t high) const {
    std::int64_t value = 0;
    if (object.at_key(name).get(value) != simdjson::SUCCESS || value < low || value > high) {
      return field_error(path(name), "an integer from " + std::to_string(low) + " to " + std::to_string(high));
    }
    return value;
  }
  [[nodiscard]] Result<bool> boolean(std::string_view name) const {
    bool value = false;
    if (object.at_key(name).get(value) != simdjson::SUCCESS) {
      return field_error(path(name), "true or false");
    }
    return value;
  }
  // Absent -> nothing; else a number in (0, high).
  [[nodiscard]] Result<std::optional<float>> positive(std::string_view name, double high) const {
    if (!has(name)) {
      return std::optional<float>();
    }
    double value = 0;
    if (object.at_key(name).get(value) != simdjson::SUCCESS || !(value > 0.0) || !(value < high)) {
      return field_error(path(name), "a number above 0 and below " + std::to_string(static_cast<int>(high)));
    }
    return std::optional<float>(static_cast<float>(value));
  }
  [[nodiscard]] Result<ObjectReader> child(std::string_view name) const {
    ObjectReader reader{{}, path(name) + "."};
    if (object.at_key(name).get(reader.object) != simdjson::SUCCESS) {
      return field_error(path(name), "an object");
    }
    return reader;
  }
  [[nodiscard]] Result<std::string> digest(std::string_view name) const {
    return hexadecimal(name, 64, "a SHA-256 of 64 lower-case hexadecimal digits");
  }
  [[nodiscard]] Result<std::string> hexadecimal(std::string_view name, std::size_t digits,
                                                std::string_view expected) const {
    FACEPIPE_ASSIGN(std::string value, text(name));
    const auto is_hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
    if (value.size() != digits || !std::all_of(value.begin(), value.end(), is_hex)) {
      return field_error(path(name), expected);
    }
    return value;
  }
  [[nodiscard]] Result<std::string> plain_name(std::string_view name) const {
    FACEPIPE_ASSIGN(std::string value, text(name));
    if (!is_plain_file_name(value)) {
      return field_error(path(name), "a plain file name without path separators");
    }
    return value;
  }
};

// `count` numbers of a picture's values or pixels.
Result<std::vector<float>> read_numbers(const dom::element& element, const std::string& path, std::size_t count) {
  std::vector<float> numbers;
  dom::array array;
  bool good = element.get(array) == simdjson::SUCCESS && array.size() == count;
  for (std::size_t i = 0; good && i < count; ++i) {
    double number = 0;
    good = array.at(i).get(number) == simdjson::SUCCESS && std::abs(number) <= kMaxNumber;
    numbers.push_back(static_cast<float>(number));
  }
  if (!good) {
    return field_error(path, std::to_string(count) + " numbers from -1e6 to 1e6");
  }
  return numbers;
}

Result<std::array<float, 3>> read_channels(const ObjectReader& reader, std::string_view name) {
  dom::element element;
  if (reader.object.at_key(name).get(element) != simdjson::SUCCESS) {
    return field_error(reader.path(name), "3 numbers from -1e6 to 1e6");
  }
  FACEPIPE_ASSIGN(const auto numbers, read_numbers(element, reader.path(name), 3));
  return std::array<float, 3>{numbers[0], numbers[1], numbers[2]};
}

// A name, or {"mean": [...], "deviation": [...]}.
Result<Normalisation> read_normalisation(const ObjectReader& preprocessing) {
  const std::string path = preprocessing.path("normalisation");
  if (const auto reader = preprocessing.child("normalisation"); reader) {
    Normalisation normalisation;
    FACEPIPE_ASSIGN(normalisation.mean, read_channels(*reader, "mean"));
    FACEPIPE_ASSIGN(normalisation.deviation, read_channels(*reader, "deviation"));
    for (const float deviation : normalisation.deviation) {
      if (!(deviation > 0)) {
        return field_error(reader->path("deviation"), "3 numbers above 0");
      }
    }
    return normalisation;
  }
  const auto name = preprocessing.text("normalisation");
  auto parsed = parse_normalisation(name ? *name : "");
  return parsed ? parsed : field_error(path, "unit, fixed, whiten, or an object of mean and deviation");
}

Result<ColourOrder> read_colour_order(const ObjectReader& preprocessing) {
  FACEPIPE_ASSIGN(const std::string text, preprocessing.text("colour_order"));
  for (const ColourOrder order : {ColourOrder::kRgb, ColourOrder::kBgr}) {
    if (text == to_string(order)) {
      return order;
    }
  }
  return field_error(preprocessing.path("colour_order"), "rgb or bgr");
}

Result<image::Landmarks> read_points(const ObjectReader& preprocessing) {
  image::Landmarks points{};
  dom::array array;
  if (preprocessing.object.at_key("points").get(array) != simdjson::SUCCESS || array.size() != points.size()) {
    return field_error(preprocessing.path("points"), "an array of 5 points");
  }
  for (std::size_t i = 0; i < points.size(); ++i) {
    const std::string path = preprocessing.path("points[" + std::to_string(i) + "]");
    FACEPIPE_ASSIGN(const auto numbers, read_numbers(array.at(i).value_unsafe(), path, 2));
    points[i] = {numbers[0], numbers[1]};
  }
  return points;
}

Result<Preprocessing> read_preprocessing(const ObjectReader& object, const Manifest& manifest) {
  FACEPIPE_ASSIGN(const ObjectReader reader, object.child("preprocessing"));
  const bool format_1 = manifest.format_version == 1;
  Preprocessing preprocessing;
  FACEPIPE_ASSIGN(preprocessing.mode, reader.text("mode"));
  FACEPIPE_ASSIGN(const std::int64_t input,
                  reader.integer("input_px", format_1 ? 1 : manifest.min_input_px, kMaxInputPx));
  FACEPIPE_ASSIGN(const std::int64_t margin, reader.integer("margin_px", 0, input - 1));
  preprocessing.input_px = static_cast<int>(input);
  preprocessing.margin_px = static_cast<int>(margin);
  FACEPIPE_ASSIGN(preprocessing.min_max_stretch, reader.boolean("min_max_stretch"));
  FACEPIPE_ASSIGN(preprocessing.normalisation, read_normalisation(reader));
  if (!format_1) {
    FACEPIPE_ASSIGN(preprocessing.alignment, reader.text("alignment"));
    FACEPIPE_ASSIGN(preprocessing.colour_order, read_colour_order(reader));
    if (reader.has("points")) {
      FACEPIPE_ASSIGN(preprocessing.points, read_points(reader));
    }
  }
  return preprocessing;
}

// What runs the two files, and what it takes.
Status read_kinds(const ObjectReader& reader, Manifest& manifest) {
  if (manifest.format_version == 1) {
    manifest.min_input_px = kMinInputOfFormat1;
    return {};
  }
  FACEPIPE_ASSIGN(const ObjectReader detector, reader.child("detector"));
  FACEPIPE_ASSIGN(manifest.detector_kind, detector.text("kind"));
  FACEPIPE_ASSIGN(const ObjectReader embedder, reader.child("embedder"));
  FACEPIPE_ASSIGN(manifest.embedder_kind, embedder.text("kind"));
  FACEPIPE_ASSIGN(const std::int64_t least, embedder.integer("min_input_px", 1, kMaxInputPx));
  manifest.min_input_px = static_cast<int>(least);
  return {};
}

Result<Precision> read_precision(const ObjectReader& manifest) {
  if (!manifest.has("precision")) {
    return Precision::kFp32;  // packs of before there was a choice
  }
  FACEPIPE_ASSIGN(const std::string text, manifest.text("precision"));
  for (const Precision precision : {Precision::kFp32, Precision::kInt8}) {
    if (text == to_string(precision)) {
      return precision;
    }
  }
  return field_error(manifest.path("precision"), "fp32 or int8");
}

Result<std::vector<PackSource>> read_sources(const ObjectReader& manifest) {
  dom::array array;
  if (manifest.object.at_key("sources").get(array) != simdjson::SUCCESS) {
    return field_error("sources", "an array");
  }
  std::vector<PackSource> sources;
  for (const dom::element element : array) {
    const std::string path = "sources[" + std::to_string(sources.size()) + "]";
    ObjectReader reader{{}, path + "."};
    if (element.get(reader.object) != simdjson::SUCCESS) {
      return field_error(path, "an object");
    }
    PackSource source;
    FACEPIPE_ASSIGN(source.name, reader.plain_name("name"));
    FACEPIPE_ASSIGN(source.sha256, reader.digest("sha256"));
    sources.push_back(std::move(source));
  }
  return sources;
}

Result<std::map<std::string, PackFile>> read_files(const ObjectReader& manifest) {
  FACEPIPE_ASSIGN(const ObjectReader roles, manifest.child("files"));
  std::map<std::string, PackFile> files;
  for (const auto& [role, element] : roles.object) {
    ObjectReader reader{{}, roles.path(role) + "."};
    if (element.get(reader.object) != simdjson::SUCCESS) {
      return field_error(roles.path(role), "an object");
    }
    PackFile file;
    FACEPIPE_ASSIGN(file.name, reader.plain_name("name"));
    FACEPIPE_ASSIGN(file.sha256, reader.digest("sha256"));
    FACEPIPE_ASSIGN(const std::int64_t size, reader.integer("size_bytes", 1, std::numeric_limits<std::int64_t>::max()));
    file.size_bytes = static_cast<std::uint64_t>(size);
    if (reader.has("xxh64")) {
      FACEPIPE_ASSIGN(file.xxh64, reader.hexadecimal("xxh64", 16, "an XXH64 of 16 lower-case hexadecimal digits"));
    }
    files.insert_or_assign(std::string(role), std::move(file));
  }
  for (const char* role : {"detector", "embedder"}) {
    if (!files.contains(role)) {
      return field_error(roles.path(role), "present: a pack holds a detector and an embedder");
    }
  }
  return files;
}

void write_channels(JsonWriter& json, std::string_view name, const std::array<float, 3>& values) {
  json.key(name).begin_array();
  for (const float value : values) {
    json.number(value);
  }
  json.end_array();
}

void write_normalisation(JsonWriter& json, const Normalisation& normalisation) {
  json.key("normalisation");
  if (const std::string name = to_string(normalisation); parse_normalisation(name)) {
    json.string(name);
    return;
  }
  json.begin_object();
  write_channels(json, "mean", normalisation.mean);
  write_channels(json, "deviation", normalisation.deviation);
  json.end_object();
}

void write_preprocessing(JsonWriter& json, const Preprocessing& preprocessing) {
  json.key("preprocessing").begin_object();
  json.key("mode").string(preprocessing.mode);
  json.key("input_px").integer(preprocessing.input_px);
  json.key("alignment").string(preprocessing.alignment);
  json.key("margin_px").integer(preprocessing.margin_px);
  if (preprocessing.points != image::Landmarks{}) {
    json.key("points").begin_array();
    for (const image::Point& point : preprocessing.points) {
      json.begin_array().number(point.x).number(point.y).end_array();
    }
    json.end_array();
  }
  json.key("min_max_stretch").boolean(preprocessing.min_max_stretch);
  json.key("colour_order").string(to_string(preprocessing.colour_order));
  write_normalisation(json, preprocessing.normalisation);
  json.end_object();
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

}  // namespace

std::string_view to_string(Precision precision) {
  return precision == Precision::kInt8 ? "int8" : "fp32";
}

std::string manifest_to_json(const Manifest& manifest) {
  JsonWriter json;
  json.begin_object();
  json.key("format_version").integer(kManifestVersion);
  json.key("name").string(manifest.name);
  json.key("licence").string(manifest.licence);
  json.key("model_id").string(manifest.model_id);
  json.key("embedding_size").integer(manifest.embedding_size);
  json.key("detector").begin_object().key("kind").string(manifest.detector_kind).end_object();
  json.key("embedder").begin_object().key("kind").string(manifest.embedder_kind);
  json.key("min_input_px").integer(manifest.min_input_px).end_object();
  write_preprocessing(json, manifest.preprocessing);
  if (manifest.distance_threshold) {
    json.key("distance_threshold").number(*manifest.distance_threshold);
  }
  if (manifest.threshold_far) {
    json.key("threshold_far").number(*manifest.threshold_far);
  }
  json.key("precision").string(to_string(manifest.precision));
  if (manifest.fp32_cosine) {
    json.key("fp32_cosine").number(*manifest.fp32_cosine);
  }
  write_sources_and_files(json, manifest);
  json.end_object();
  return std::move(json).text();
}

Result<Manifest> manifest_from_json(std::string_view json) {
  dom::parser parser;
  ObjectReader reader;
  const simdjson::padded_string padded(json);
  if (const auto error = parser.parse(padded).get(reader.object); error != simdjson::SUCCESS) {
    return Error{ErrorCode::kInvalidData,
                 std::string("manifest: expected a JSON object: ") + simdjson::error_message(error)};
  }
  Manifest manifest;
  FACEPIPE_ASSIGN(const std::int64_t version, reader.integer("format_version", 1, std::numeric_limits<int>::max()));
  if (version > kManifestVersion) {
    return Error{ErrorCode::kUnsupported, "manifest: format_version " + std::to_string(version) +
                                              " is newer than this program's, " + std::to_string(kManifestVersion)};
  }
  manifest.format_version = static_cast<int>(version);
  FACEPIPE_ASSIGN(manifest.name, reader.text("name"));
  FACEPIPE_ASSIGN(manifest.licence, reader.text("licence"));
  FACEPIPE_ASSIGN(manifest.model_id, reader.text("model_id"));
  FACEPIPE_ASSIGN(const std::int64_t size, reader.integer("embedding_size", 1, kMaxEmbeddingSize));
  manifest.embedding_size = static_cast<int>(size);
  FACEPIPE_TRY(read_kinds(reader, manifest));
  FACEPIPE_ASSIGN(manifest.preprocessing, read_preprocessing(reader, manifest));
  // Embeddings are unit vectors, so no distance is past 2.
  FACEPIPE_ASSIGN(manifest.distance_threshold, reader.positive("distance_threshold", 2.0));
  FACEPIPE_ASSIGN(manifest.threshold_far, reader.positive("threshold_far", 1.0));
  if (manifest.threshold_far && !manifest.distance_threshold) {
    return field_error("distance_threshold", "present where threshold_far is");
  }
  FACEPIPE_ASSIGN(manifest.precision, read_precision(reader));
  // A cosine of unit vectors, with room for a rounding above 1.
  FACEPIPE_ASSIGN(manifest.fp32_cosine, reader.positive("fp32_cosine", 2.0));
  FACEPIPE_ASSIGN(manifest.sources, read_sources(reader));
  FACEPIPE_ASSIGN(manifest.files, read_files(reader));
  return manifest;
}

}  // namespace facepipe::model
