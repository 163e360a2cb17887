// A preprocessing as JSON, in a pack's manifest and in a gallery's header: docs/formats/model-pack.md.
#pragma once

#include "base/json_reader.h"
#include "base/json_writer.h"
#include "base/result.h"
#include "model/preprocessing.h"

namespace facepipe::model {

// One object.
void write_preprocessing(JsonWriter& json, const Preprocessing& preprocessing);

// Are "alignment" and "colour_order" there?
enum class AlignmentFields {
  kNone,      // packs of format 1: box and RGB, whatever stands there
  kOptional,  // galleries: those of before have none, and are of box and RGB
  kRequired,  // packs
};
// kInvalidData names the field.
[[nodiscard]] Result<Preprocessing> read_preprocessing(const JsonValue& value, AlignmentFields fields);

// A number above 0 and below `high`; absent: nothing. Of manifests and recipes.
[[nodiscard]] Result<std::optional<float>> read_positive(const JsonValue& value, int high);

}  // namespace facepipe::model
