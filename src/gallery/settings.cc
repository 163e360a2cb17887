// Tested by gallery_file_test.cc.
#include "gallery/settings.h"

#include <limits>
#include <string>

#include "model/preprocessing_json.h"

namespace facepipe::gallery {
namespace {

Result<std::optional<float>> read_threshold(const JsonValue& value) {
  if (value.type() == JsonType::kNull) {
    return std::optional<float>{};
  }
  const auto number = value.as_number();
  if (!number || *number < 0 || *number > static_cast<double>(std::numeric_limits<float>::max())) {
    return value.must_be("null or a number of at least 0");
  }
  return std::optional<float>(static_cast<float>(*number));
}

// Absent in galleries of before, whose threshold is the one they state.
Result<std::optional<double>> read_strangers(const JsonValue& value) {
  if (!value) {
    return std::optional<double>{};
  }
  const auto number = value.as_number();
  if (!number || !(*number > 0 && *number < 1)) {
    return value.must_be("null or a number above 0 and below 1");
  }
  return number;
}

// Absent in galleries of before.
Result<float> read_min_quality(const JsonValue& value) {
  if (!value) {
    return 0.0F;
  }
  const auto number = value.as_number();
  if (!number || !(*number >= 0 && static_cast<float>(*number) < 1)) {
    return value.must_be("null or a number of at least 0 and below 1");
  }
  return static_cast<float>(*number);
}

}  // namespace

Settings settings_of(const Gallery& gallery) {
  return {gallery.origin(), gallery.distance_threshold(), gallery.strangers(), gallery.min_quality()};
}

std::string settings_json(const Gallery& gallery) {
  JsonWriter json;
  json.begin_object();
  write_settings(json, settings_of(gallery));
  json.end_object();
  return std::move(json).text();
}

void write_settings(JsonWriter& json, const Settings& settings) {
  json.key("model_id").string(settings.origin.model_id);
  json.key("embedding_size").integer(settings.origin.embedding_size);
  json.key("preprocessing");
  model::write_preprocessing(json, settings.origin.preprocessing);
  json.key("distance_threshold");
  settings.distance_threshold ? json.number(*settings.distance_threshold) : json.null();
  if (settings.strangers) {
    json.key("strangers").number(*settings.strangers);
  }
  if (settings.min_quality > 0) {
    json.key("min_quality").number(settings.min_quality);
  }
}

Result<Settings> read_settings(const JsonDocument& json) {
  Settings settings;
  FACEPIPE_ASSIGN(const auto model_id, json["model_id"].string());
  settings.origin.model_id = std::string(model_id);
  FACEPIPE_ASSIGN(const std::int64_t size, json["embedding_size"].integer(1, kMaxEmbeddingSize));
  settings.origin.embedding_size = static_cast<int>(size);
  FACEPIPE_ASSIGN(settings.origin.preprocessing,
                  model::read_preprocessing(json["preprocessing"], model::AlignmentFields::kOptional));
  FACEPIPE_ASSIGN(settings.distance_threshold, read_threshold(json["distance_threshold"]));
  FACEPIPE_ASSIGN(settings.strangers, read_strangers(json["strangers"]));
  FACEPIPE_ASSIGN(settings.min_quality, read_min_quality(json["min_quality"]));
  return settings;
}

}  // namespace facepipe::gallery
