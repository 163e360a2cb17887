// Tested by face_store_test.cc
#include "faces/store/details.h"

#include <bit>
#include <cstring>

#include "base/json_reader.h"
#include "base/json_writer.h"
#include "faces/ids.h"

namespace facepipe::faces {
namespace {

static_assert(std::endian::native == std::endian::little, "vectors are stored little-endian");

// Writes what is there; what is absent, or as it is by default, is left out.
class Fields {
 public:
  Fields() { json_.begin_object(); }
  Fields& text(std::string_view name, std::string_view value) {
    if (!value.empty()) {
      json_.key(name).string(value);
    }
    return *this;
  }
  Fields& integer(std::string_view name, std::int64_t value) {
    json_.key(name).integer(value);
    return *this;
  }
  Fields& number(std::string_view name, std::optional<float> value) {
    if (value) {
      json_.key(name).number(*value);
    }
    return *this;
  }
  Fields& truth(std::string_view name, bool value) {
    json_.key(name).boolean(value);
    return *this;
  }
  template <typename Id>
  Fields& id(std::string_view name, std::optional<Id> value) {
    return value ? text(name, to_text(*value)) : *this;
  }
  Fields& texts(std::string_view name, const std::vector<std::string>& values) {
    if (!values.empty()) {
      json_.key(name).begin_array();
      for (const std::string& value : values) {
        json_.string(value);
      }
      json_.end_array();
    }
    return *this;
  }
  Fields& numbers(std::string_view name, std::span<const float> values) {
    json_.key(name).begin_array();
    for (const float value : values) {
      json_.number(value);
    }
    json_.end_array();
    return *this;
  }
  Fields& box(const std::optional<image::Box>& box) {
    return box ? numbers("box", std::array{box->x1, box->y1, box->x2, box->y2}) : *this;
  }
  std::string end() {
    json_.end_object();
    return std::move(json_).text();
  }

 private:
  JsonWriter json_;
};

// Reads them: absent fields leave what is there.
class Reader {
 public:
  static Result<Reader> of(std::string_view json) {
    FACEPIPE_ASSIGN(JsonDocument document, JsonDocument::parse_object(json, {.context = "face store: stored details"}));
    return Reader(std::move(document));
  }
  void text(std::string_view name, std::string& value) const {
    if (const auto found = document_[name].as_string()) {
      value = *found;
    }
  }
  void integer(std::string_view name, int& value) const {
    if (const auto found = document_[name].as_integer()) {
      value = static_cast<int>(*found);
    }
  }
  void number(std::string_view name, std::optional<float>& value) const {
    if (const auto found = document_[name].as_number()) {
      value = static_cast<float>(*found);
    }
  }
  void truth(std::string_view name, bool& value) const {
    if (const auto found = document_[name].as_boolean()) {
      value = *found;
    }
  }
  void time(std::string_view name, Clock::TimePoint& value) const {
    if (const auto found = document_[name].as_integer()) {
      value = Clock::TimePoint(std::chrono::milliseconds(*found));
    }
  }
  template <typename Id>
  void id(std::string_view name, std::optional<Id>& value) const {
    if (const auto found = document_[name].as_string()) {
      value = parse<Id>(*found);
    }
  }
  Status texts(std::string_view name, std::vector<std::string>& values) const {
    const JsonValue list = document_[name];
    return !list ? Status{} : list.each_item([&](const JsonValue& item) -> Status {
      FACEPIPE_ASSIGN(const std::string_view value, item.string());
      values.emplace_back(value);
      return {};
    });
  }
  // Nothing where it is absent; otherwise `count` of them.
  [[nodiscard]] Result<std::vector<float>> numbers(std::string_view name, std::size_t count) const {
    std::vector<float> values;
    const JsonValue list = document_[name];
    if (!list) {
      return values;
    }
    FACEPIPE_TRY(list.each_item([&](const JsonValue& item) -> Status {
      const auto value = item.as_number();
      if (!value) {
        return item.must_be("a number");
      }
      values.push_back(static_cast<float>(*value));
      return {};
    }));
    return values.size() == count ? Result<std::vector<float>>(std::move(values))
                                  : list.must_be(std::to_string(count) + " numbers");
  }
  Status box(std::optional<image::Box>& box) const {
    FACEPIPE_ASSIGN(const std::vector<float> corners, numbers("box", 4));
    if (!corners.empty()) {
      box = image::Box{corners[0], corners[1], corners[2], corners[3]};
    }
    return {};
  }

 private:
  explicit Reader(JsonDocument document) : document_(std::move(document)) {}
  JsonDocument document_;
};

}  // namespace

std::string face_details(const FaceRecord& face) {
  const Decision& decision = face.decision;
  return Fields()
      .text("request_id", face.request_id)
      .integer("face_index", face.face_index)
      .integer("face_count", face.face_count)
      .box(face.box)
      .number("confidence", face.confidence)
      .number("quality", face.quality)
      .truth("usable", face.usable)
      .texts("reasons", face.reasons)
      .text("name", decision.name)
      .number("distance", decision.distance)
      .number("threshold", decision.threshold)
      .number("probability", decision.probability)
      .text("second_name", decision.second_name)
      .number("second_distance", decision.second_distance)
      .number("second_probability", decision.second_probability)
      .end();
}

Status read_details(std::string_view json, FaceRecord& face) {
  FACEPIPE_ASSIGN(const Reader fields, Reader::of(json));
  fields.text("request_id", face.request_id);
  fields.integer("face_index", face.face_index);
  fields.integer("face_count", face.face_count);
  FACEPIPE_TRY(fields.box(face.box));
  fields.number("confidence", face.confidence);
  fields.number("quality", face.quality);
  fields.truth("usable", face.usable);
  FACEPIPE_TRY(fields.texts("reasons", face.reasons));
  Decision& decision = face.decision;
  fields.text("name", decision.name);
  fields.number("distance", decision.distance);
  fields.number("threshold", decision.threshold);
  fields.number("probability", decision.probability);
  fields.text("second_name", decision.second_name);
  fields.number("second_distance", decision.second_distance);
  fields.number("second_probability", decision.second_probability);
  return {};
}

std::string crop_details(const Crop& crop) {
  Fields fields;
  fields.text("media_type", crop.media_type).box(crop.box);
  if (crop.landmarks) {
    std::vector<float> points;
    for (const image::Point& point : *crop.landmarks) {
      points.insert(points.end(), {point.x, point.y});
    }
    fields.numbers("landmarks", points);
  }
  return fields.end();
}

Status read_details(std::string_view json, Crop& crop) {
  FACEPIPE_ASSIGN(const Reader fields, Reader::of(json));
  fields.text("media_type", crop.media_type);
  FACEPIPE_TRY(fields.box(crop.box));
  FACEPIPE_ASSIGN(const std::vector<float> points, fields.numbers("landmarks", 2 * image::Landmarks{}.size()));
  if (!points.empty()) {
    image::Landmarks landmarks;
    for (std::size_t i = 0; i < landmarks.size(); ++i) {
      landmarks[i] = {points[2 * i], points[2 * i + 1]};
    }
    crop.landmarks = landmarks;
  }
  return {};
}

std::string visit_details(const VisitRecord& visit) {
  return Fields()
      .text("name", visit.name)
      .number("probability", visit.probability)
      .text("second_name", visit.second_name)
      .integer("frames", visit.frames)
      .id("best_face", visit.best_face)
      .texts("reasons", visit.reasons)
      .text("corrected_by", visit.corrected_by)
      .text("votes", visit.votes)
      .end();
}

Status read_details(std::string_view json, VisitRecord& visit) {
  FACEPIPE_ASSIGN(const Reader fields, Reader::of(json));
  fields.text("name", visit.name);
  fields.number("probability", visit.probability);
  fields.text("second_name", visit.second_name);
  fields.integer("frames", visit.frames);
  fields.id("best_face", visit.best_face);
  fields.text("corrected_by", visit.corrected_by);
  fields.text("votes", visit.votes);
  return fields.texts("reasons", visit.reasons);
}

std::string unknown_details(const UnknownRecord& unknown) {
  return Fields()
      .integer("faces", unknown.faces)
      .integer("visits", unknown.visits)
      .integer("first_ms", unknown.first_seen.time_since_epoch().count())
      .id("best_face", unknown.best_face)
      .end();
}

Status read_details(std::string_view json, UnknownRecord& unknown) {
  FACEPIPE_ASSIGN(const Reader fields, Reader::of(json));
  fields.integer("faces", unknown.faces);
  fields.integer("visits", unknown.visits);
  fields.time("first_ms", unknown.first_seen);
  fields.id("best_face", unknown.best_face);
  return {};
}

std::string picture_details(const PictureRecord& picture) {
  return Fields()
      .text("source", picture.source)
      .id("face", picture.face)
      .number("quality", picture.quality)
      .texts("reasons", picture.reasons)
      .end();
}

Status read_details(std::string_view json, PictureRecord& picture) {
  FACEPIPE_ASSIGN(const Reader fields, Reader::of(json));
  fields.text("source", picture.source);
  fields.id("face", picture.face);
  fields.number("quality", picture.quality);
  return fields.texts("reasons", picture.reasons);
}

std::string frame_details(const FramePicture& frame) {
  return Fields()
      .text("request_id", frame.request_id)
      .integer("width", frame.width)
      .integer("height", frame.height)
      .end();
}

Status read_details(std::string_view json, FramePicture& frame) {
  FACEPIPE_ASSIGN(const Reader fields, Reader::of(json));
  fields.text("request_id", frame.request_id);
  fields.integer("width", frame.width);
  fields.integer("height", frame.height);
  return {};
}

Bytes vector_bytes(std::span<const float> vector) {
  return to_bytes(std::as_bytes(vector));
}

Result<std::vector<float>> vector_of(ByteView bytes) {
  if (bytes.size() % sizeof(float) != 0) {
    return Error{ErrorCode::kInvalidData, "face store: expected an embedding of 4 bytes a number, got " +
                                              std::to_string(bytes.size()) + " bytes"};
  }
  std::vector<float> vector(bytes.size() / sizeof(float));
  if (!vector.empty()) {
    std::memcpy(vector.data(), bytes.data(), bytes.size());
  }
  return vector;
}

}  // namespace facepipe::faces
