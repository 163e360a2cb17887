// Tested by body_test.cc.
#include "serve/api/body.h"

#include <algorithm>

#include "base/json_reader.h"
#include "base/text.h"
#include "http/multipart.h"
#include "image/decode.h"
#include "wire/messages.h"

namespace facepipe::serve {
namespace {

bool is_json(std::string_view type) {
  return type == "application/json" || type.ends_with("+json");
}

Error other_type(const Operation& operation) {
  std::string expected = operation.picture ? "multipart/form-data" : "application/json";
  if (operation.picture && operation.picture->json) {
    expected += ", application/json";
  }
  if (operation.picture && operation.picture->raw) {
    expected += ", image/jpeg, image/png or image/webp";
  }
  return Error{ErrorCode::kUnsupported, "expected a body of the type " + expected};
}

// "pictures[]", as some clients write a list, is "pictures".
std::string_view plain_name(std::string_view name) {
  return name.ends_with("[]") ? name.substr(0, name.size() - 2) : name;
}

bool has_name(const PictureBody& body, std::string_view name) {
  return std::find(body.pictures.begin(), body.pictures.end(), plain_name(name)) != body.pictures.end();
}

const Field* form_field(const PictureBody& body, std::string_view name) {
  const auto found =
      std::find_if(body.form.begin(), body.form.end(), [name](const Field& field) { return field.name == name; });
  return found == body.form.end() ? nullptr : &*found;
}

// The parts that hold pictures: those of the names, else, in their order, every upload.
std::vector<const http::FormPart*> picture_parts(const PictureBody& body, const std::vector<http::FormPart>& parts) {
  std::vector<const http::FormPart*> named;
  std::vector<const http::FormPart*> uploads;
  for (const http::FormPart& part : parts) {
    if (has_name(body, part.name)) {
      named.push_back(&part);
    }
    if (part.filename) {
      uploads.push_back(&part);
    }
  }
  return named.empty() ? uploads : named;
}

Status check_count(const PictureBody& body, std::size_t count) {
  const std::size_t expected = body.pictures.size();
  if (count < expected || (count > expected && !body.many)) {
    return Error{ErrorCode::kInvalidData, "form: expected " + std::string(body.many ? "at least " : "") +
                                              std::to_string(expected) + " picture" + (expected == 1 ? "" : "s") +
                                              " (" + joined(body.pictures, ", ") + "), got " + std::to_string(count)};
  }
  return {};
}

// A form's fields as a query, which says the same of values.
Result<Values> read_fields(const PictureBody& body, const std::vector<http::FormPart>& parts) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const http::FormPart& part : parts) {
    if (!part.filename && form_field(body, part.name) != nullptr) {
      pairs.emplace_back(part.name, std::string(part.content));
    }
  }
  return read_pairs(body.form, std::move(pairs));
}

Status read_form(const PictureBody& body, ApiRequest& request) {
  FACEPIPE_ASSIGN(const std::vector<http::FormPart> parts,
                  http::read_form(http::header(request.request.headers, "content-type"), request.request.body));
  FACEPIPE_ASSIGN(request.body, read_fields(body, parts));
  const auto found = picture_parts(body, parts);
  FACEPIPE_TRY(check_count(body, found.size()));
  for (std::size_t i = 0; i < found.size(); ++i) {
    const std::string& name = body.pictures[std::min(i, body.pictures.size() - 1)];
    const bool named = has_name(body, found[i]->name);
    request.pictures.push_back({named ? std::string(plain_name(found[i]->name)) : name, found[i]->filename.value_or(""),
                                as_bytes(found[i]->content)});
  }
  return {};
}

Status read_picture_json(const PictureBody& body, ApiRequest& request) {
  std::vector<Field> fields = body.form;
  for (const std::string& name : body.pictures) {
    fields.push_back({.name = name, .required = true, .high = kMaxPictureText});
  }
  FACEPIPE_ASSIGN(request.body, read_json(fields, request.request.body, request.request.body.size()));
  request.decoded.reserve(body.pictures.size());  // views of it stay
  for (const std::string& name : body.pictures) {
    auto picture = wire::decode_picture_text(request.body.text(name));
    if (!picture) {
      return Error{ErrorCode::kInvalidArgument, "\"" + name + "\": " + picture.error().message};
    }
    request.decoded.push_back(*std::move(picture));
    request.pictures.push_back({name, "", request.decoded.back()});
    request.body.remove(name);
  }
  request.request.body = std::string();
  return {};
}

Status read_picture_body(const Operation& operation, std::string_view type, ApiRequest& request) {
  const PictureBody& body = *operation.picture;
  const std::string& bytes = request.request.body;
  if (body.raw && (image::picture_format(as_bytes(bytes)) || type.starts_with("image/"))) {
    request.pictures.push_back({body.pictures.front(), "", as_bytes(bytes)});
    FACEPIPE_ASSIGN(request.body, read_pairs(body.form, {}));
    return {};
  }
  if (body.json && is_json(type)) {
    return read_picture_json(body, request);
  }
  if (type == "multipart/form-data" || (type.empty() && http::looks_like_form(bytes))) {
    return read_form(body, request);
  }
  return other_type(operation);
}

}  // namespace

Status read_body(const Operation& operation, ApiRequest& request) {
  const std::string type = http::media_type(http::header(request.request.headers, "content-type"));
  if (operation.picture) {
    return read_picture_body(operation, type, request);
  }
  const std::string& bytes = request.request.body;
  if (!operation.json) {
    return bytes.empty() ? Status() : Error{ErrorCode::kInvalidData, "expected no body, got one"};
  }
  if (bytes.empty() && operation.json_optional) {
    FACEPIPE_ASSIGN(request.body, read_json(*operation.json, "{}"));
    return {};
  }
  if (!is_json(type)) {
    return other_type(operation);
  }
  FACEPIPE_ASSIGN(request.body, read_json(*operation.json, bytes));
  return {};
}

}  // namespace facepipe::serve
