// The part of a record that nothing is looked up by, as one JSON text: sealed as a whole where there is a key, and a
// field more is no new format. docs/formats/face-store.md
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "faces/records.h"

namespace facepipe::faces {

// Record: FaceRecord, Crop, VisitRecord, UnknownRecord, PictureRecord or FramePicture.
template <typename Record>
[[nodiscard]] std::string write_details(const Record& record);
// Fills what the text holds into the record. kInvalidData for what write_details did not write.
template <typename Record>
[[nodiscard]] Status read_details(std::string_view json, Record& record);

// Embeddings: 32-bit floats, little-endian, exactly as they came.
[[nodiscard]] Bytes vector_bytes(std::span<const float> vector);
[[nodiscard]] Result<std::vector<float>> vector_of(ByteView bytes);

}  // namespace facepipe::faces
