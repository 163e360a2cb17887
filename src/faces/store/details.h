// The part of a record that nothing is looked up by, as one JSON text: sealed as a whole where there is a key, and a
// field more is no new format. docs/formats/face-store.md
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "faces/records.h"

namespace facepipe::faces {

[[nodiscard]] std::string face_details(const FaceRecord& face);
[[nodiscard]] std::string crop_details(const Crop& crop);
[[nodiscard]] std::string visit_details(const VisitRecord& visit);
[[nodiscard]] std::string unknown_details(const UnknownRecord& unknown);
[[nodiscard]] std::string picture_details(const PictureRecord& picture);
[[nodiscard]] std::string frame_details(const FramePicture& frame);

// Fill what the texts hold into the record. kInvalidData for what none of these wrote.
[[nodiscard]] Status read_details(std::string_view json, FaceRecord& face);
[[nodiscard]] Status read_details(std::string_view json, Crop& crop);
[[nodiscard]] Status read_details(std::string_view json, VisitRecord& visit);
[[nodiscard]] Status read_details(std::string_view json, UnknownRecord& unknown);
[[nodiscard]] Status read_details(std::string_view json, PictureRecord& picture);
[[nodiscard]] Status read_details(std::string_view json, FramePicture& frame);

// Embeddings: 32-bit floats, little-endian, exactly as they came.
[[nodiscard]] Bytes vector_bytes(std::span<const float> vector);
[[nodiscard]] Result<std::vector<float>> vector_of(ByteView bytes);

}  // namespace facepipe::faces
