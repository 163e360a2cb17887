// Tested by face_store_test.cc
#include "faces/store/details.h"

#include <array>
#include <bit>
#include <concepts>
#include <cstring>
#include <functional>

#include "base/json_reader.h"
#include "base/json_writer.h"
#include "faces/ids.h"

namespace facepipe::faces {
namespace {

static_assert(std::endian::native == std::endian::little, "vectors are stored little-endian");

// Writes what is there; what is absent, or as it is by default, is left out.
class Writer {
 public:
  Writer() { json_.begin_object(); }
  Writer& text(std::string_view name, std::string_view value) {
    if (!value.empty()) {
      json_.key(name).string(value);
    }
    return *this;
  }
  Writer& integer(std::string_view name, std::int64_t value) {
    json_.key(name).integer(value);
    return *this;
  }
  Writer& number(std::string_view name, std::optional<float> value) {
    if (value) {
      json_.key(name).number(*value);
    }
    return *this;
  }
  Writer& truth(std::string_view name, bool value) {
    json_.key(name).boolean(value);
    return *this;
  }
  Writer& time(std::string_view name, Clock::TimePoint value) {
    return integer(name, value.time_since_epoch().count());
  }
  template <typename Id>
  Writer& id(std::string_view name, std::optional<Id> value) {
    return value ? text(name, to_text(*value)) : *this;
  }
  Writer& texts(std::string_view name, const std::vector<std::string>& values) {
    if (!values.empty()) {
      json_.key(name).begin_array();
      for (const std::string& value : values) {
        json_.string(value);
      }
      json_.end_array();
    }
    return *this;
  }
  Writer& box(std::string_view name, const std::optional<image::Box>& box) {
    return box ? numbers(name, std::array{box->x1, box->y1, box->x2, box->y2}) : *this;
  }
  Writer& points(std::string_view name, const std::optional<image::Landmarks>& landmarks) {
    if (!landmarks) {
      return *this;
    }
    std::vector<float> coordinates;
    for (const image::Point& point : *landmarks) {
      coordinates.insert(coordinates.end(), {point.x, point.y});
    }
    return numbers(name, coordinates);
  }
  std::string end() {
    json_.end_object();
    return std::move(json_).text();
  }

 private:
  Writer& numbers(std::string_view name, std::span<const float> values) {
    json_.key(name).begin_array();
    for (const float value : values) {
      json_.number(value);
    }
    json_.end_array();
    return *this;
  }
  JsonWriter json_;
};

// Reads them: absent fields leave what is there. The first trouble is kept for the end.
class Reader {
 public:
  explicit Reader(JsonDocument document) : document_(std::move(document)) {}
  Reader& text(std::string_view name, std::string& value) {
    if (const auto found = document_[name].as_string()) {
      value = *found;
    }
    return *this;
  }
  Reader& integer(std::string_view name, int& value) {
    if (const auto found = document_[name].as_integer()) {
      value = static_cast<int>(*found);
    }
    return *this;
  }
  Reader& number(std::string_view name, std::optional<float>& value) {
    if (const auto found = document_[name].as_number()) {
      value = static_cast<float>(*found);
    }
    return *this;
  }
  Reader& truth(std::string_view name, bool& value) {
    if (const auto found = document_[name].as_boolean()) {
      value = *found;
    }
    return *this;
  }
  Reader& time(std::string_view name, Clock::TimePoint& value) {
    if (const auto found = document_[name].as_integer()) {
      value = Clock::TimePoint(std::chrono::milliseconds(*found));
    }
    return *this;
  }
  template <typename Id>
  Reader& id(std::string_view name, std::optional<Id>& value) {
    if (const auto found = document_[name].as_string()) {
      value = parse<Id>(*found);
    }
    return *this;
  }
  Reader& texts(std::string_view name, std::vector<std::string>& values) {
    return each(name, [&](const JsonValue& item) -> Status {
      FACEPIPE_ASSIGN(const std::string_view value, item.string());
      values.emplace_back(value);
      return {};
    });
  }
  Reader& box(std::string_view name, std::optional<image::Box>& box) {
    std::array<float, 4> corners{};
    if (numbers(name, corners)) {
      box = image::Box{corners[0], corners[1], corners[2], corners[3]};
    }
    return *this;
  }
  Reader& points(std::string_view name, std::optional<image::Landmarks>& landmarks) {
    std::array<float, 2 * std::tuple_size_v<image::Landmarks>> coordinates{};
    if (numbers(name, coordinates)) {
      landmarks.emplace();
      for (std::size_t i = 0; i < landmarks->size(); ++i) {
        (*landmarks)[i] = {coordinates[2 * i], coordinates[2 * i + 1]};
      }
    }
    return *this;
  }
  Status end() { return std::move(status_); }

 private:
  Reader& each(std::string_view name, const std::function<Status(const JsonValue&)>& take) {
    if (const JsonValue list = document_[name]; list && status_) {
      status_ = list.each_item(take);
    }
    return *this;
  }
  // False where it is absent, or not as many numbers.
  bool numbers(std::string_view name, std::span<float> values) {
    std::size_t count = 0;
    each(name, [&](const JsonValue& item) -> Status {
      const auto value = item.as_number();
      if (!value) {
        return item.must_be("a number");
      }
      if (count < values.size()) {
        values[count] = static_cast<float>(*value);
      }
      ++count;
      return {};
    });
    const JsonValue list = document_[name];
    if (list && status_ && count != values.size()) {
      status_ = list.must_be(std::to_string(values.size()) + " numbers");
    }
    return list && status_;
  }
  JsonDocument document_;
  Status status_;
};

// The fields of each record, in the order in which they are written: of one that is written or filled.
template <typename Record, typename Kind>
concept Either = std::same_as<std::remove_const_t<Record>, Kind>;

void visit_fields(auto& fields, Either<FaceRecord> auto& face) {
  auto& decision = face.decision;
  fields.text("request_id", face.request_id)
      .integer("face_index", face.face_index)
      .integer("face_count", face.face_count)
      .box("box", face.box)
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
      .number("second_probability", decision.second_probability);
}

void visit_fields(auto& fields, Either<Crop> auto& crop) {
  fields.text("media_type", crop.media_type).box("box", crop.box).points("landmarks", crop.landmarks);
}

void visit_fields(auto& fields, Either<VisitRecord> auto& visit) {
  fields.text("name", visit.name)
      .number("probability", visit.probability)
      .text("second_name", visit.second_name)
      .integer("frames", visit.frames)
      .id("best_face", visit.best_face)
      .texts("reasons", visit.reasons)
      .text("corrected_by", visit.corrected_by)
      .text("votes", visit.votes);
}

void visit_fields(auto& fields, Either<UnknownRecord> auto& unknown) {
  fields.integer("faces", unknown.faces)
      .integer("visits", unknown.visits)
      .time("first_ms", unknown.first_seen)
      .id("best_face", unknown.best_face);
}

void visit_fields(auto& fields, Either<PictureRecord> auto& picture) {
  fields.text("source", picture.source)
      .id("face", picture.face)
      .number("quality", picture.quality)
      .texts("reasons", picture.reasons);
}

void visit_fields(auto& fields, Either<FramePicture> auto& frame) {
  fields.text("request_id", frame.request_id).integer("width", frame.width).integer("height", frame.height);
}

}  // namespace

template <typename Record>
std::string write_details(const Record& record) {
  Writer fields;
  visit_fields(fields, record);
  return fields.end();
}

template <typename Record>
Status read_details(std::string_view json, Record& record) {
  FACEPIPE_ASSIGN(JsonDocument document, JsonDocument::parse_object(json, {.context = "face store: stored details"}));
  Reader fields(std::move(document));
  visit_fields(fields, record);
  return fields.end();
}

template std::string write_details(const FaceRecord&);
template Status read_details(std::string_view, FaceRecord&);
template std::string write_details(const Crop&);
template Status read_details(std::string_view, Crop&);
template std::string write_details(const VisitRecord&);
template Status read_details(std::string_view, VisitRecord&);
template std::string write_details(const UnknownRecord&);
template Status read_details(std::string_view, UnknownRecord&);
template std::string write_details(const PictureRecord&);
template Status read_details(std::string_view, PictureRecord&);
template std::string write_details(const FramePicture&);
template Status read_details(std::string_view, FramePicture&);

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
