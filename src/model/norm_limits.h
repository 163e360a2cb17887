// What the length of a network's output, before it is brought to 1, says of a face: networks that were trained with a
// margin give shorter ones for what they can tell less of (Q. Meng et al., MagFace, 2021; M. Kim et al., AdaFace,
// 2022). docs/accuracy.md says what was measured. JSON: docs/formats/model-pack.md.
#pragma once

#include "base/json_reader.h"
#include "base/json_writer.h"
#include "base/result.h"

namespace facepipe::model {

// Of one network in one mode. 0 < useless < weak <= kMaxNorm.
struct NormLimits {
  float weak = 0;     // below it embeddings of different people are alike: nobody is to be enrolled by one
  float useless = 0;  // below it nobody can be told
  friend bool operator==(const NormLimits&, const NormLimits&) = default;
};
inline constexpr double kMaxNorm = 1e6;

// Of the manifest's object "norm". kInvalidData names the field and what it must be; fields that this version does not
// know are ignored.
[[nodiscard]] Result<NormLimits> read_norm_limits(const JsonValue& value);
// The object, as read_norm_limits reads it.
void write_norm_limits(JsonWriter& json, const NormLimits& limits);

}  // namespace facepipe::model
