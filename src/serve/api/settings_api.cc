// /api/settings: what can be changed while the server runs, and what a change would do. Tested by settings_api_test.cc
// and tests/e2e/test_settings.py.
#include <atomic>
#include <memory>

#include "serve/api/answers.h"
#include "serve/api/api.h"

namespace facepipe::serve {
namespace {

constexpr std::string_view kStrangers = "strangers";
constexpr std::string_view kMinQuality = "min_quality";
constexpr std::string_view kRetention = "retention";
constexpr std::chrono::seconds kLongestPreview{3};

// "retention" and what is in it, as the store has its classes.
Field retention_field() {
  Field field{.name = std::string(kRetention), .kind = Field::Kind::kObject};
  for (const faces::RetentionClass& each : faces::retention_classes()) {
    field.fields.push_back({.name = std::string(each.name),
                            .kind = Field::Kind::kAmount,
                            .about = "seconds; null: for ever",
                            .low = each.least.count(),
                            .high = faces::kMaxAgeS});
  }
  field.fields.push_back({.name = std::string(faces::kBytesClass),
                          .kind = Field::Kind::kInteger,
                          .about = "of faces.db; 0: as the disk allows",
                          .low = 0,
                          .high = faces::kMaxRetainedBytes});
  return field;
}

std::vector<Field> settings_fields() {
  return {
      {.name = std::string(kStrangers), .kind = Field::Kind::kShare, .about = "share of strangers who may get a name"},
      {.name = std::string(kMinQuality),
       .kind = Field::Kind::kPart,
       .about = "quality of a face below which it gets no name"},
      retention_field()};
}

people::SettingsChange change_of(const Values& body) {
  people::SettingsChange change;
  change.strangers = body.number(kStrangers);
  if (const auto quality = body.number(kMinQuality)) {
    change.min_quality = static_cast<float>(*quality);
  }
  for (const auto& [name, value] : faces::values_of({})) {
    const std::string full = std::string(kRetention) + "." + name;
    if (body.has(full)) {
      change.retention.emplace(name, body.amount(full));
    }
  }
  return change;
}

bool is_fixed(const SystemView& system, std::string_view option) {
  return system.fixed.contains(std::string(option));
}

Status check_changeable(const SystemView& system, const people::SettingsChange& change) {
  return change.strangers && is_fixed(system, kStrangers)
             ? Error{ErrorCode::kMismatch,
                     "\"strangers\" was set where the server was started (--strangers) and cannot be changed here"}
             : Status{};
}

void write_number(JsonWriter& json, std::string_view name, std::optional<double> value) {
  json.key(name);
  value ? json.number(*value) : json.null();
}

void write_retention(JsonWriter& json, const ApiParts& parts, bool has_rule) {
  json.key(kRetention);
  if (parts.store != nullptr) {
    faces::write(json, faces::values_of(parts.store->retention()));
  } else {
    json.null();
  }
  json.key("changeable").begin_array();
  if (has_rule && !is_fixed(parts.system, kStrangers)) {
    json.string(kStrangers);
  }
  if (has_rule) {
    json.string(kMinQuality);
  }
  if (parts.store != nullptr) {
    for (const std::string& name : parts.store->changeable_retention()) {
      json.string(name);
    }
  }
  json.end_array();
}

Answer settings_answer(const ApiParts& parts) {
  JsonWriter json;
  const auto settings = parts.desk.settings();
  json.begin_object();
  write_number(json, kStrangers, settings ? settings->strangers : std::nullopt);
  json.key(kMinQuality).number(settings ? settings->min_quality : 0.0F).key("threshold");
  settings && settings->threshold ? json.number(*settings->threshold) : json.null();
  json.key("mode").string(settings ? settings->mode : "").key("model_id").string(settings ? settings->model_id : "");
  write_retention(json, parts, settings && settings->strangers);
  json.key("fixed").begin_object();
  for (const auto& [option, value] : parts.system.fixed) {
    json.key(option).string(value);
  }
  json.end_object().end_object();
  return json_answer(std::move(json));
}

void write_name(JsonWriter& json, std::string_view key, const std::string& name) {
  json.key(key);
  name.empty() ? json.null() : json.string(name);
}

void write_effect(JsonWriter& json, const people::NamingEffect& effect) {
  json.begin_object().key("faces").integer(static_cast<std::int64_t>(effect.faces));
  json.key("named_before").integer(static_cast<std::int64_t>(effect.named_before));
  json.key("named_after").integer(static_cast<std::int64_t>(effect.named_after));
  json.key("complete").boolean(effect.complete).key("changed").begin_array();
  for (const people::NamingEffect::Face& face : effect.changed) {
    const std::string id = faces::to_text(face.face);
    json.begin_object().key("face").string(id).key("image").string("/api/faces/" + id + "/image");
    write_name(json, "before", face.before);
    write_name(json, "after", face.after);
    json.end_object();
  }
  json.end_array().end_object();
}

void write_loss(JsonWriter& json, const faces::RetentionLoss& loss) {
  json.begin_object().key("faces").integer(loss.faces).key("records").integer(loss.records);
  json.key("unknowns").integer(loss.unknowns).key("frames").integer(loss.frames).key("visits").integer(loss.visits);
  json.key("events").integer(loss.events).key("changes").integer(loss.changes).key("bytes").integer(loss.bytes);
  json.end_object();
}

Answer preview_answer(const ApiParts& parts, const people::SettingsChange& change) {
  JsonWriter json;
  json.begin_object().key("naming");
  if (change.strangers || change.min_quality) {
    const WorkLimit limit = WorkLimit().until(WorkLimit::Clock::now() + kLongestPreview, "3 s");
    FACEPIPE_ASSIGN(const people::NamingEffect effect, parts.desk.effect_of(change, limit));
    write_effect(json, effect);
  } else {
    json.null();
  }
  json.key(kRetention);
  if (!change.retention.empty()) {
    if (parts.store == nullptr) {
      return nothing_is_kept();
    }
    FACEPIPE_ASSIGN(const faces::RetentionLoss loss, parts.store->loss_by(change.retention));
    write_loss(json, loss);
  } else {
    json.null();
  }
  json.end_object();
  return json_answer(std::move(json));
}

// Looks at many faces: one at a time leaves the API's threads to others.
Operation preview_operation(const ApiParts& parts) {
  const auto busy = std::make_shared<std::atomic_flag>();
  return {.id = "previewSettings",
          .method = "POST",
          .path = "/api/settings/preview",
          .tag = "settings",
          .summary = "What a change would do to the names of the last 500 faces, and to what is kept; nothing changes",
          .json = settings_fields(),
          .answer = "SettingsPreview",
          .errors = {404},
          .run = [parts, busy](const ApiRequest& request) -> Answer {
            if (busy->test_and_set()) {
              return error_answer(429, "another preview is being made: try again in a second");
            }
            auto answer = guarded([&] { return preview_answer(parts, change_of(request.body)); });
            busy->clear();
            return answer;
          }};
}

}  // namespace

Operations settings_operations(const ApiParts& parts) {
  return {{.id = "getSettings",
           .method = "GET",
           .path = "/api/settings",
           .tag = "settings",
           .summary = "What decides who gets a name, how long what is kept stays, and what was set at the start",
           .answer = "Settings",
           .run = [parts](const ApiRequest&) { return settings_answer(parts); }},
          {.id = "putSettings",
           .method = "PUT",
           .path = "/api/settings",
           .whom = FrontDoor::For::kManage,
           .tag = "settings",
           .summary = "Change what can be changed while the server runs; what is left out stays as it is",
           .json = settings_fields(),
           .answer = "Settings",
           .errors = {404},
           .run = [parts](const ApiRequest& request) -> Answer {
             const people::SettingsChange change = change_of(request.body);
             FACEPIPE_TRY(check_changeable(parts.system, change));
             FACEPIPE_TRY(parts.desk.change_settings(change, request.who_text()));
             return settings_answer(parts);
           }},
          preview_operation(parts)};
}

}  // namespace facepipe::serve
