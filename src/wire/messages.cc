// Reading by simdjson's DOM without exceptions, writing by JsonWriter. Tested by messages_test.cc.
#include "wire/messages.h"

#include <simdjson.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>

#include "base/base64.h"
#include "base/json_writer.h"
#include "base/text.h"

namespace facepipe::wire {
namespace {

namespace dom = simdjson::dom;

constexpr std::size_t kMaxMessageBytes = std::size_t{16} << 20U;  // sixteen times what a queue carries
constexpr double kMaxCoordinate = 1e6;
constexpr std::int64_t kMaxFaces = 1'000'000;

// Bytes of a JSON text outside its strings, white space left out: brackets, commas, numbers. Each may cost the reader
// twelve, so that a body of commas would become many times its size. Our messages have some hundred.
constexpr std::size_t kMaxStructureBytes = 262'144;

constexpr std::string_view kNotObject = "expected a JSON object";

Error invalid(std::string message) {
  return Error{ErrorCode::kInvalidData, std::move(message)};
}

Error wrong_type(std::string_view field, std::string_view expected) {
  return invalid("field \"" + std::string(field) + "\": expected " + std::string(expected));
}

// The first position behind the string that begins at `begin`, which is behind its quote; the text's size if it does
// not end.
std::size_t end_of_string(std::string_view json, std::size_t begin) {
  for (std::size_t quote = json.find('"', begin); quote != std::string_view::npos; quote = json.find('"', quote + 1)) {
    std::size_t escapes = 0;
    while (quote - escapes > begin && json[quote - escapes - 1] == '\\') {
      ++escapes;
    }
    if (escapes % 2 == 0) {
      return quote + 1;
    }
  }
  return json.size();
}

// kTooLarge past kMaxStructureBytes, kInvalidData for as much that does not begin like JSON. What is no JSON may pass
// otherwise: the reader finds out.
Status check_structure(std::string_view json) {
  std::size_t structure = 0;
  for (std::size_t i = 0; i < json.size();) {
    if (json[i] == '"') {
      i = end_of_string(json, i + 1);
      ++structure;
    } else {
      structure += static_cast<unsigned char>(json[i]) > ' ' ? 1U : 0U;
      ++i;
    }
    if (structure > kMaxStructureBytes) {
      const std::size_t first = json.find_first_not_of(" \t\r\n");
      if (std::string_view("{[\"").find(json[first]) == std::string_view::npos) {
        return invalid("expected JSON, found something else");
      }
      return Error{ErrorCode::kTooLarge,
                   "expected JSON with at most " + std::to_string(kMaxStructureBytes) + " bytes outside its texts"};
    }
  }
  return {};
}

// One parsed JSON object; typed access by name. Views that it gives out live as long as it does.
class JsonObject {
 public:
  // Takes an object, or a string that holds one. kInvalidData otherwise; nothing of `json` is quoted.
  [[nodiscard]] Status parse(std::string_view json) {
    dom::element root;
    FACEPIPE_TRY(parse_value(outer_, json, root));
    std::string_view inner;
    if (root.get_string().get(inner) == simdjson::SUCCESS) {
      FACEPIPE_TRY(parse_value(inner_, inner, root));
    }
    if (root.get_object().get(object_) != simdjson::SUCCESS) {
      return invalid(std::string(kNotObject));
    }
    return {};
  }

  // The last field of that name; nullopt if it is absent or null.
  [[nodiscard]] std::optional<dom::element> find(std::string_view name) const {
    std::optional<dom::element> found;
    for (const dom::key_value_pair field : object_) {
      if (field.key == name) {
        found = field.value;
      }
    }
    if (found && found->is_null()) {
      found.reset();
    }
    return found;
  }

  // nullopt if absent.
  [[nodiscard]] Result<std::optional<std::string_view>> text(std::string_view name) const {
    const auto value = find(name);
    std::string_view view;
    if (!value) {
      return std::optional<std::string_view>{};
    }
    if (value->get_string().get(view) != simdjson::SUCCESS) {
      return wrong_type(name, "a text");
    }
    return std::optional<std::string_view>(view);
  }

  // A whole number in [low, high], nullopt if absent.
  [[nodiscard]] Result<std::optional<int>> integer(std::string_view name, std::int64_t low, std::int64_t high) const {
    const auto value = find(name);
    std::int64_t number = 0;
    if (!value) {
      return std::optional<int>{};
    }
    if (value->get_int64().get(number) != simdjson::SUCCESS || number < low || number > high) {
      return wrong_type(name, "a whole number from " + std::to_string(low) + " to " + std::to_string(high));
    }
    return std::optional<int>(static_cast<int>(number));
  }

  // A number that a float can hold, nullopt if absent.
  [[nodiscard]] Result<std::optional<float>> number(std::string_view name) const {
    const auto value = find(name);
    if (!value) {
      return std::optional<float>{};
    }
    const auto number = as_float(*value, static_cast<double>(std::numeric_limits<float>::max()));
    if (!number) {
      return wrong_type(name, "a number within the range of a 32-bit float");
    }
    return number;
  }

  // [x1, y1, x2, y2]; nullopt if absent.
  [[nodiscard]] Result<std::optional<image::Box>> box(std::string_view name) const {
    const auto value = find(name);
    if (!value) {
      return std::optional<image::Box>{};
    }
    const auto corners = coordinates<4>(*value);
    if (!corners) {
      return wrong_type(name, "[x1, y1, x2, y2] in pixels");
    }
    return std::optional<image::Box>({(*corners)[0], (*corners)[1], (*corners)[2], (*corners)[3]});
  }

  // `Count` points as [[x, y], ...]; nullopt if absent.
  template <std::size_t Count>
  [[nodiscard]] Result<std::optional<std::array<image::Point, Count>>> points(std::string_view name) const {
    using Points = std::array<image::Point, Count>;
    const auto value = find(name);
    if (!value) {
      return std::optional<Points>{};
    }
    const Error error = wrong_type(name, std::to_string(Count) + " points [x, y] in pixels");
    dom::array array;
    if (value->get_array().get(array) != simdjson::SUCCESS || array.size() != Count) {
      return error;
    }
    Points points;
    std::size_t i = 0;
    for (const dom::element item : array) {
      const auto pair = coordinates<2>(item);
      if (!pair) {
        return error;
      }
      points[i++] = {(*pair)[0], (*pair)[1]};
    }
    return std::optional<Points>(points);
  }

 private:
  // The document lives in `parser`.
  static Status parse_value(dom::parser& parser, std::string_view json, dom::element& root) {
    json = without_byte_order_mark(json);
    FACEPIPE_TRY(check_structure(json));
    const simdjson::error_code error = parser.parse(json.data(), json.size()).get(root);
    if (error == simdjson::MEMALLOC) {
      return Error{ErrorCode::kExhausted, "no memory for a JSON text of " + std::to_string(json.size()) + " bytes"};
    }
    if (error != simdjson::SUCCESS) {
      return invalid(std::string("expected JSON: ") + simdjson::error_message(error));
    }
    return {};
  }

  static std::optional<float> as_float(const dom::element& value, double limit) {
    double number = 0;
    if (value.get_double().get(number) != simdjson::SUCCESS || !std::isfinite(number) || std::abs(number) > limit) {
      return std::nullopt;
    }
    return static_cast<float>(number);
  }

  template <std::size_t Count>
  static std::optional<std::array<float, Count>> coordinates(const dom::element& value) {
    dom::array array;
    if (value.get_array().get(array) != simdjson::SUCCESS || array.size() != Count) {
      return std::nullopt;
    }
    std::array<float, Count> numbers{};
    std::size_t i = 0;
    for (const dom::element item : array) {
      const auto number = as_float(item, kMaxCoordinate);
      if (!number) {
        return std::nullopt;
      }
      numbers[i++] = *number;
    }
    return numbers;
  }

  dom::parser outer_;
  dom::parser inner_;
  dom::object object_;
};

void write_box(JsonWriter& json, std::string_view name, const std::optional<image::Box>& box) {
  if (box) {
    json.key(name).begin_array().number(box->x1).number(box->y1).number(box->x2).number(box->y2).end_array();
  }
}

void write_number(JsonWriter& json, std::string_view name, std::optional<float> number) {
  if (number) {
    json.key(name).number(*number);
  }
}

Status check_size(std::string_view json, std::size_t limit, std::string_view what) {
  if (json.size() > limit) {
    return Error{ErrorCode::kTooLarge, std::string(what) + " has " + std::to_string(json.size()) +
                                           " bytes; the limit is " + std::to_string(limit)};
  }
  return {};
}

// What follows "data:image/jpeg;base64,", in letters of any case; the text itself if it has no such prefix.
std::string_view without_data_url_prefix(std::string_view content) {
  constexpr std::size_t kLongestPrefix = 128;
  constexpr std::string_view kMark = ";base64,";
  const std::size_t begin = std::min(content.find_first_not_of(" \t\r\n"), content.size());
  const std::string prefix = lower(content.substr(begin, kLongestPrefix));
  if (prefix.starts_with("data:")) {
    if (const std::size_t mark = prefix.find(kMark); mark != std::string::npos) {
      content.remove_prefix(begin + mark + kMark.size());
    }
  }
  return content;
}

// 0 <= face_index < face_count, from the fields of that name; 0 of `default_count` if they are absent.
Status read_face_numbers(const JsonObject& object, std::int64_t lowest_count, int& index, int& count) {
  FACEPIPE_ASSIGN(const auto index_field, object.integer("face_index", 0, kMaxFaces));
  FACEPIPE_ASSIGN(const auto count_field, object.integer("face_count", lowest_count, kMaxFaces));
  index = index_field.value_or(0);
  count = count_field.value_or(index + 1);
  if (index >= count && !(index == 0 && count == 0)) {
    return invalid("field \"face_index\": expected less than face_count (" + std::to_string(count) + "), found " +
                   std::to_string(index));
  }
  return {};
}

// A text field that must be there and not empty.
Result<std::string> required_text(const JsonObject& object, std::string_view name) {
  FACEPIPE_ASSIGN(const auto value, object.text(name));
  if (!value || value->empty()) {
    return invalid("field \"" + std::string(name) + "\" is missing or empty");
  }
  return std::string(*value);
}

Result<Bytes> read_face_picture(const JsonObject& object) {
  const std::string_view name = object.find("face") ? "face" : "face_image";
  FACEPIPE_ASSIGN(const auto text, object.text(name));
  if (!text || text->empty()) {
    return invalid("field \"face\" is missing or empty");
  }
  auto picture = decode_picture_text(*text);
  if (!picture) {
    return picture.error().with_context("field \"" + std::string(name) + "\"");
  }
  if (picture->empty()) {
    return invalid("field \"" + std::string(name) + "\" holds no bytes");
  }
  return picture;
}

Result<FaceMessage> read_face_message(std::string_view json, std::string* request_id) {
  FACEPIPE_TRY(check_size(json, kMaxMessageBytes, "the message"));
  JsonObject object;
  FACEPIPE_TRY(object.parse(json));
  FaceMessage message;
  FACEPIPE_ASSIGN(message.request_id, required_text(object, "request_id"));
  if (message.request_id.size() > kMaxAnsweredIdBytes) {
    return invalid("request_id has " + std::to_string(message.request_id.size()) +
                   " bytes; an answer carries at most " + std::to_string(kMaxAnsweredIdBytes));
  }
  if (request_id != nullptr) {
    *request_id = message.request_id;
  }
  FACEPIPE_ASSIGN(message.face, read_face_picture(object));
  FACEPIPE_TRY(read_face_numbers(object, 1, message.face_index, message.face_count));
  FACEPIPE_ASSIGN(message.box, object.box("box"));
  FACEPIPE_ASSIGN(message.landmarks, object.points<std::tuple_size_v<image::Landmarks>>("landmarks"));
  FACEPIPE_ASSIGN(message.confidence, object.number("confidence"));
  FACEPIPE_ASSIGN(const auto crop, object.text("crop"));
  message.crop = crop.value_or("");
  if (!message.crop.empty() && message.crop != kCropSource && message.crop != kCropClassic) {
    return Error{ErrorCode::kUnsupported, "field \"crop\": expected \"source\" or \"classic\""};
  }
  FACEPIPE_ASSIGN(message.crop_box, object.box("crop_box"));
  if (message.crop == kCropSource && !message.crop_box) {
    return invalid("field \"crop_box\" is missing; \"crop\" is \"source\"");
  }
  return message;
}

Result<Answer> read_answer(std::string_view json) {
  FACEPIPE_TRY(check_size(json, kMaxMessageBytes, "the answer"));
  JsonObject object;
  FACEPIPE_TRY(object.parse(json));
  Answer answer;
  FACEPIPE_ASSIGN(answer.request_id, required_text(object, "request_id"));
  FACEPIPE_ASSIGN(answer.result, required_text(object, "result"));
  FACEPIPE_ASSIGN(const auto error, object.text("error"));
  answer.error = error.value_or("");
  FACEPIPE_ASSIGN(answer.distance, object.number("distance"));
  FACEPIPE_ASSIGN(answer.confidence, object.number("confidence"));
  FACEPIPE_TRY(read_face_numbers(object, 0, answer.face_index, answer.face_count));
  FACEPIPE_ASSIGN(answer.box, object.box("box"));
  FACEPIPE_ASSIGN(const auto second, object.text("second"));
  answer.second = second.value_or("");
  FACEPIPE_ASSIGN(answer.second_distance, object.number("second_distance"));
  return answer;
}

}  // namespace

std::string to_json(const Frame& frame) {
  JsonWriter json;
  json.begin_object();
  json.key("request_id").string(frame.request_id);
  json.key("filename").string(frame.filename);
  json.key("content").string(base64_encode(frame.image));
  json.end_object();
  return std::move(json).text();
}

Status check_request_id(std::string_view request_id) {
  if (request_id.empty() || request_id.size() > kMaxRequestIdBytes) {
    return invalid("request_id has " + std::to_string(request_id.size()) + " bytes; expected 1 to " +
                   std::to_string(kMaxRequestIdBytes));
  }
  for (const char c : request_id) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F) {
      return invalid("request_id: expected text without control characters");
    }
  }
  if (!simdjson::validate_utf8(request_id.data(), request_id.size())) {
    return invalid("request_id: expected UTF-8");
  }
  return {};
}

Result<Bytes> decode_picture_text(std::string_view text) {
  return base64_decode(without_data_url_prefix(text));
}

Result<Frame> parse_frame(std::string_view json, std::size_t max_body_bytes) {
  if (json.empty()) {
    return invalid(std::string(kMissingBody));
  }
  FACEPIPE_TRY(check_size(json, max_body_bytes, "the request body"));
  JsonObject object;
  if (const Status parsed = object.parse(json); !parsed) {
    if (parsed.error().code == ErrorCode::kInvalidData && parsed.error().message != kNotObject) {
      return invalid(std::string(kNotJson));
    }
    return parsed.error().with_context("the request body");
  }
  FACEPIPE_ASSIGN(const auto request_id, object.text("request_id"));
  FACEPIPE_ASSIGN(const auto filename, object.text("filename"));
  FACEPIPE_ASSIGN(const auto content, object.text("content"));
  if (request_id.value_or("").empty() || filename.value_or("").empty() || content.value_or("").empty()) {
    return invalid(std::string(kMissingFields));
  }
  FACEPIPE_TRY(check_request_id(*request_id));
  auto picture = decode_picture_text(*content);
  if (!picture) {
    return picture.error().with_context("content");
  }
  return Frame{std::string(*request_id), std::string(*filename), std::move(*picture)};
}

std::string to_json(const FaceMessage& message) {
  JsonWriter json;
  json.begin_object();
  json.key("request_id").string(message.request_id);
  json.key("face").string(base64_encode(message.face));
  json.key("face_index").integer(message.face_index);
  json.key("face_count").integer(message.face_count);
  write_box(json, "box", message.box);
  if (message.landmarks) {
    json.key("landmarks").begin_array();
    for (const image::Point& point : *message.landmarks) {
      json.begin_array().number(point.x).number(point.y).end_array();
    }
    json.end_array();
  }
  write_number(json, "confidence", message.confidence);
  if (!message.crop.empty()) {
    json.key("crop").string(message.crop);
  }
  write_box(json, "crop_box", message.crop_box);
  json.end_object();
  return std::move(json).text();
}

std::string to_original_json(const FaceMessage& message) {
  JsonWriter json;
  json.begin_object();
  json.key("request_id").string(message.request_id);
  json.key("face").string(base64_encode(message.face));
  json.end_object();
  return std::move(json).text();
}

Result<FaceMessage> parse_face_message(std::string_view json, std::string* request_id) {
  auto message = read_face_message(json, request_id);
  return message ? std::move(message) : message.error().with_context("face message");
}

std::string to_json(const Answer& answer) {
  JsonWriter json;
  json.begin_object();
  json.key("request_id").string(answer.request_id);
  json.key("result").string(answer.result);
  if (!answer.error.empty()) {
    json.key("error").string(answer.error);
  }
  write_number(json, "distance", answer.distance);
  write_number(json, "confidence", answer.confidence);
  json.key("face_index").integer(answer.face_index);
  json.key("face_count").integer(answer.face_count);
  write_box(json, "box", answer.box);
  if (!answer.second.empty()) {
    json.key("second").string(answer.second);
  }
  write_number(json, "second_distance", answer.second_distance);
  json.end_object();
  return std::move(json).text();
}

Result<Answer> parse_answer(std::string_view json) {
  auto answer = read_answer(json);
  return answer ? std::move(answer) : answer.error().with_context("answer");
}

}  // namespace facepipe::wire
