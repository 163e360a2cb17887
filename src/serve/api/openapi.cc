// Source: the OpenAPI Specification 3.1. Tested by openapi_test.cc.
#include "serve/api/openapi.h"

#include <array>
#include <map>

#include "base/json_writer.h"
#include "base/text.h"
#include "serve/api/body.h"
#include "serve/api/schemas.h"

namespace facepipe::serve {
namespace {

constexpr std::array<const char*, 3> kPictureTypes{"image/jpeg", "image/png", "image/webp"};
constexpr std::string_view kPictureBytes = R"({"type":"string","format":"binary"})";

void write_parameters(JsonWriter& json, const Operation& operation) {
  if (operation.path_fields.empty() && operation.query.empty()) {
    return;
  }
  json.key("parameters").begin_array();
  const auto write_all = [&json](const std::vector<Field>& fields, std::string_view where, bool always) {
    for (const Field& field : fields) {
      json.begin_object().key("name").string(field.name).key("in").string(where);
      json.key("required").boolean(always || field.required).key("schema").raw(schema_of(field)).end_object();
    }
  };
  write_all(operation.path_fields, "path", true);
  write_all(operation.query, "query", false);
  json.end_array();
}

// A form's object: the pictures, each bytes or a list of them, and the fields.
std::string form_schema(const PictureBody& body) {
  JsonWriter json;
  json.begin_object().key("type").string("object").key("properties").begin_object();
  for (const std::string& name : body.pictures) {
    json.key(name);
    if (body.many && &name == &body.pictures.back()) {
      json.begin_object().key("type").string("array").key("minItems").integer(1).key("items").raw(kPictureBytes);
      json.end_object();
    } else {
      json.raw(kPictureBytes);
    }
  }
  for (const Field& field : body.form) {
    json.key(field.name).raw(schema_of(field));
  }
  json.end_object().key("required").begin_array();
  for (const std::string& name : body.pictures) {
    json.string(name);
  }
  for (const Field& field : body.form) {
    if (field.required) {
      json.string(field.name);
    }
  }
  json.end_array().end_object();
  return std::move(json).text();
}

std::string picture_json_schema(const PictureBody& body) {
  std::vector<Field> fields;
  fields.reserve(body.pictures.size() + body.form.size());
  for (const std::string& name : body.pictures) {
    fields.push_back({.name = name, .about = "a picture in base64", .required = true, .high = kMaxPictureText});
  }
  fields.insert(fields.end(), body.form.begin(), body.form.end());
  return object_schema(fields);
}

void write_body(JsonWriter& json, const Operation& operation) {
  if (!operation.json && !operation.picture) {
    return;
  }
  json.key("requestBody").begin_object().key("required").boolean(!operation.json_optional);
  json.key("content").begin_object();
  if (operation.json) {
    json.key("application/json").begin_object().key("schema").raw(object_schema(*operation.json)).end_object();
  }
  if (operation.picture) {
    json.key("multipart/form-data").begin_object().key("schema").raw(form_schema(*operation.picture)).end_object();
    if (operation.picture->json) {
      json.key("application/json").begin_object().key("schema").raw(picture_json_schema(*operation.picture));
      json.end_object();
    }
    if (operation.picture->raw) {
      for (const char* type : kPictureTypes) {
        json.key(type).begin_object().key("schema").raw(kPictureBytes).end_object();
      }
    }
  }
  json.end_object().end_object();
}

void write_answers(JsonWriter& json, const Operation& operation) {
  json.key("responses").begin_object().key(std::to_string(operation.status)).begin_object();
  json.key("description").string("Done");
  if (!operation.answer.empty()) {
    json.key("content").begin_object().key(operation.media_type).begin_object().key("schema");
    json.raw(R"({"$ref":"#/components/schemas/)" + operation.answer + "\"}").end_object().end_object();
  } else if (operation.media_type == kAnyPicture) {
    json.key("content").begin_object();
    for (const char* type : kPictureTypes) {
      json.key(type).begin_object().key("schema").raw(kPictureBytes).end_object();
    }
    json.end_object();
  } else if (operation.media_type != "application/json") {
    json.key("content").begin_object().key(operation.media_type).begin_object().key("schema");
    json.raw(R"({"type":"string"})").end_object().end_object();
  }
  json.end_object();
  for (const auto& [status, schema] : operation.more_answers) {
    json.key(std::to_string(status)).begin_object().key("description").string("Done in part");
    json.key("content").begin_object().key("application/json").begin_object().key("schema");
    json.raw(R"({"$ref":"#/components/schemas/)" + schema + "\"}").end_object().end_object().end_object();
  }
  for (const int status : error_statuses(operation)) {
    json.key(std::to_string(status)).raw(R"({"$ref":"#/components/responses/Error"})");
  }
  json.end_object();
}

std::string_view role_words(FrontDoor::For whom) {
  switch (whom) {
    case FrontDoor::For::kEverybody:
      return "everybody";
    case FrontDoor::For::kTokens:
      return "any token";
    case FrontDoor::For::kFrames:
      return "frames";
    case FrontDoor::For::kRead:
      return "read";
    case FrontDoor::For::kManage:
      return "manage";
  }
  return "";
}

void write_operation(JsonWriter& json, const Operation& operation) {
  json.key(lower(operation.method)).begin_object().key("operationId").string(operation.id);
  json.key("tags").begin_array().string(operation.tag).end_array().key("summary").string(operation.summary);
  json.key("x-role").string(role_words(operation.whom));
  json.key("security").raw(operation.whom == FrontDoor::For::kEverybody ? "[]" : R"([{"token":[]},{"session":[]}])");
  write_parameters(json, operation);
  write_body(json, operation);
  write_answers(json, operation);
  json.end_object();
}

}  // namespace

std::string openapi(const Operations& operations, std::string_view version) {
  std::map<std::string_view, std::vector<const Operation*>> by_path;
  for (const Operation& operation : operations) {
    by_path[operation.path].push_back(&operation);
  }
  JsonWriter json;
  json.begin_object().key("openapi").string("3.1.0").key("info").begin_object();
  json.key("title").string("facepipe").key("version").string(version);
  json.key("description").string("Faces, visits and people of a facepipe server: docs/api.md").end_object();
  json.key("paths").begin_object();
  for (const auto& [path, list] : by_path) {
    json.key(path).begin_object();
    for (const Operation* operation : list) {
      write_operation(json, *operation);
    }
    json.end_object();
  }
  json.end_object().key("components").begin_object().key("schemas").begin_object();
  for (const auto& [name, schema] : schemas()) {
    json.key(name).raw(schema);
  }
  json.end_object()
      .key("responses")
      .begin_object()
      .key("Error")
      .raw(R"({"description":"What was expected, and what came","content":{"application/json":{"schema":)"
           R"({"$ref":"#/components/schemas/Error"}}}})");
  json.end_object()
      .key("securitySchemes")
      .raw(
          R"({"token":{"type":"http","scheme":"bearer","description":"A token of `facepipe token new`"},)"
          R"("session":{"type":"apiKey","in":"cookie","name":"facepipe_session","description":"Of POST /api/session"}})");
  json.end_object().end_object();
  return std::move(json).text();
}

}  // namespace facepipe::serve
