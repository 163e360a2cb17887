// What a gallery states beside its people, as JSON fields of every form of its file (docs/formats/gallery.md).
#pragma once

#include <optional>
#include <string>

#include "base/json_reader.h"
#include "base/json_writer.h"
#include "gallery/gallery.h"

namespace facepipe::gallery {

struct Settings {
  GalleryOrigin origin;
  std::optional<float> distance_threshold;
  std::optional<double> strangers;
  float min_quality = 0;
};

[[nodiscard]] Settings settings_of(const Gallery& gallery);
// All of it as one object.
[[nodiscard]] std::string settings_json(const Gallery& gallery);
// Into the object that is open.
void write_settings(JsonWriter& json, const Settings& settings);
// kInvalidData names the field.
[[nodiscard]] Result<Settings> read_settings(const JsonDocument& json);

}  // namespace facepipe::gallery
