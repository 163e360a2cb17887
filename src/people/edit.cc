// Tested by edit_test.cc.
#include "people/edit.h"

#include <array>

#include "base/id.h"
#include "faces/ids.h"
#include "gallery/person_id.h"

namespace facepipe::people {
namespace {

constexpr std::int64_t kVersion = 1;
constexpr std::array<std::string_view, 3> kRefs = {"picture", "face", "row"};
constexpr std::array<std::string_view, 7> kOps = {"add",      "take",      "rename",     "reject",
                                                  "unreject", "strangers", "min_quality"};
constexpr std::array<std::string_view, 5> kMarks = {"none", "assigned", "rejected", "ignored", "no face"};

// --- Writing. What is absent is not written.
template <typename Id>
void write_id(JsonWriter& json, std::string_view key, const std::optional<Id>& id) {
  if (id) {
    json.key(key).string(faces::to_text(*id));
  }
}

void write(JsonWriter& json, const GalleryOp& op) {
  json.begin_object().key("do").string(kOps.at(static_cast<std::size_t>(op.kind)));
  if (is_setting(op.kind)) {
    json.key("share");
    op.number ? json.number(*op.number) : json.null();
    json.end_object();
    return;
  }
  json.key("person").string(gallery::to_string(op.person));
  if (!op.name.empty()) {
    json.key("name").string(op.name);
  }
  if (op.kind != GalleryOp::Kind::kRename) {
    json.key(kRefs.at(static_cast<std::size_t>(op.embedding.kind))).string(id_text(op.embedding.id));
  }
  json.end_object();
}

void write(JsonWriter& json, const FaceMark& mark) {
  json.begin_object().key("face").string(faces::to_text(mark.face));
  json.key("mark").string(kMarks.at(static_cast<std::size_t>(mark.mark)));
  write_id(json, "person", mark.person);
  write_id(json, "unknown", mark.unknown);
  json.end_object();
}

void write(JsonWriter& json, const VisitCorrection& visit) {
  json.begin_object().key("visit").string(faces::to_text(visit.visit));
  write_id(json, "person", visit.person);
  json.key("name").string(visit.name);
  write_id(json, "unknown", visit.unknown);
  if (visit.probability) {
    json.key("probability").number(*visit.probability);
  }
  json.key("by").string(visit.corrected_by).end_object();
}

void write(JsonWriter& json, const UnknownCorrection& unknown) {
  json.begin_object().key("unknown").string(faces::to_text(unknown.unknown));
  json.key("faces").integer(unknown.faces).key("visits").integer(unknown.visits);
  write_id(json, "best_face", unknown.best_face);
  json.key("ignored").boolean(unknown.ignored).end_object();
}

void write(JsonWriter& json, const std::pair<faces::PictureId, faces::PersonId>& moved) {
  json.begin_object().key("picture").string(faces::to_text(moved.first));
  json.key("person").string(gallery::to_string(moved.second)).end_object();
}

template <typename Items>
void write_list(JsonWriter& json, std::string_view key, const Items& items) {
  if (items.empty()) {
    return;
  }
  json.key(key).begin_array();
  for (const auto& item : items) {
    write(json, item);
  }
  json.end_array();
}

void write(JsonWriter& json, const Edit& edit) {
  json.begin_object();
  write_list(json, "gallery", edit.gallery);
  write_list(json, "pictures", edit.pictures);
  write_list(json, "faces", edit.faces);
  write_list(json, "visits", edit.corrections.visits);
  write_list(json, "unknowns", edit.corrections.unknowns);
  if (!edit.retention.empty()) {
    json.key("retention");
    faces::write(json, edit.retention);
  }
  json.end_object();
}

// --- Reading
template <typename Id>
Result<Id> read_id(const JsonValue& value) {
  const auto id = faces::parse<Id>(value.as_string().value_or(""));
  return id ? Result<Id>(*id) : value.must_be("an id");
}

template <typename Id>
Status read_optional(const JsonValue& value, std::optional<Id>& id) {
  if (value) {
    FACEPIPE_ASSIGN(id, read_id<Id>(value));
  }
  return {};
}

template <std::size_t Count>
Result<std::size_t> read_word(const JsonValue& value, const std::array<std::string_view, Count>& words) {
  const auto word = value.as_string();
  for (std::size_t i = 0; word && i < Count; ++i) {
    if (words[i] == *word) {
      return i;
    }
  }
  return Error{ErrorCode::kUnsupported, "a change of a newer release"};
}

Status read(const JsonValue& value, GalleryOp& op) {
  FACEPIPE_ASSIGN(const std::size_t kind, read_word(value["do"], kOps));
  op.kind = static_cast<GalleryOp::Kind>(kind);
  if (is_setting(op.kind)) {
    op.number = value["share"].as_number();
    return {};
  }
  FACEPIPE_ASSIGN(op.person, read_id<faces::PersonId>(value["person"]));
  FACEPIPE_ASSIGN(const std::string_view name, value["name"].string_or_empty());
  op.name = std::string(name);
  for (std::size_t i = 0; i < kRefs.size(); ++i) {
    if (const JsonValue ref = value[kRefs.at(i)]) {
      const auto id = parse_id(ref.as_string().value_or(""));
      if (!id) {
        return ref.must_be("an id");
      }
      op.embedding = {static_cast<EmbeddingRef::Kind>(i), *id};
    }
  }
  return {};
}

Status read(const JsonValue& value, FaceMark& mark) {
  FACEPIPE_ASSIGN(mark.face, read_id<faces::FaceId>(value["face"]));
  FACEPIPE_ASSIGN(const std::size_t word, read_word(value["mark"], kMarks));
  mark.mark = static_cast<faces::Mark>(word);
  FACEPIPE_TRY(read_optional(value["person"], mark.person));
  return read_optional(value["unknown"], mark.unknown);
}

Status read(const JsonValue& value, VisitCorrection& visit) {
  FACEPIPE_ASSIGN(visit.visit, read_id<faces::VisitId>(value["visit"]));
  FACEPIPE_TRY(read_optional(value["person"], visit.person));
  FACEPIPE_TRY(read_optional(value["unknown"], visit.unknown));
  visit.name = std::string(value["name"].as_string().value_or(""));
  visit.corrected_by = std::string(value["by"].as_string().value_or(""));
  if (const auto probability = value["probability"].as_number()) {
    visit.probability = static_cast<float>(*probability);
  }
  return {};
}

Status read(const JsonValue& value, UnknownCorrection& unknown) {
  constexpr std::int64_t kMost = 1'000'000'000;
  FACEPIPE_ASSIGN(unknown.unknown, read_id<faces::UnknownId>(value["unknown"]));
  FACEPIPE_ASSIGN(const std::int64_t faces, value["faces"].integer(0, kMost));
  FACEPIPE_ASSIGN(const std::int64_t visits, value["visits"].integer(0, kMost));
  unknown.faces = static_cast<int>(faces);
  unknown.visits = static_cast<int>(visits);
  FACEPIPE_TRY(read_optional(value["best_face"], unknown.best_face));
  FACEPIPE_ASSIGN(unknown.ignored, value["ignored"].boolean());
  return {};
}

Status read(const JsonValue& value, std::pair<faces::PictureId, faces::PersonId>& moved) {
  FACEPIPE_ASSIGN(moved.first, read_id<faces::PictureId>(value["picture"]));
  FACEPIPE_ASSIGN(moved.second, read_id<faces::PersonId>(value["person"]));
  return {};
}

template <typename Item>
Status read_list(const JsonValue& value, std::vector<Item>& items) {
  return !value ? Status{} : value.each_item([&](const JsonValue& item) { return read(item, items.emplace_back()); });
}

Status read(const JsonValue& value, Edit& edit) {
  FACEPIPE_TRY(read_list(value["gallery"], edit.gallery));
  FACEPIPE_TRY(read_list(value["pictures"], edit.pictures));
  FACEPIPE_TRY(read_list(value["faces"], edit.faces));
  FACEPIPE_TRY(read_list(value["visits"], edit.corrections.visits));
  FACEPIPE_TRY(read_list(value["unknowns"], edit.corrections.unknowns));
  if (value["retention"]) {
    FACEPIPE_ASSIGN(edit.retention, faces::read_retention_values(value["retention"]));
  }
  return {};
}

}  // namespace

std::string to_json(const ChangeNote& note) {
  JsonWriter json;
  json.begin_object().key("version").integer(kVersion);
  write_id(json, "person", note.person);
  if (!note.name.empty()) {
    json.key("name").string(note.name);
  }
  json.key("pictures").integer(static_cast<std::int64_t>(note.pictures));
  if (note.final) {
    json.key("final").boolean(true);
  }
  if (!note.gallery_before.empty()) {
    json.key("gallery_before").string(note.gallery_before);
  }
  if (!note.successor.empty()) {
    json.key("successor").string(note.successor);
  }
  json.key("forward");
  write(json, note.forward);
  json.key("back");
  write(json, note.back);
  json.end_object();
  return std::move(json).text();
}

Result<ChangeNote> read_change_note(std::string_view text) {
  FACEPIPE_ASSIGN(const JsonDocument json, JsonDocument::parse_object(text, {.context = "a change of people"}));
  FACEPIPE_ASSIGN(const std::int64_t version, json["version"].integer(1, std::numeric_limits<std::int64_t>::max()));
  if (version != kVersion) {
    return Error{ErrorCode::kUnsupported, "a change of a newer release"};
  }
  ChangeNote note;
  FACEPIPE_TRY(read_optional(json["person"], note.person));
  note.name = std::string(json["name"].as_string().value_or(""));
  note.pictures = static_cast<std::size_t>(json["pictures"].as_integer().value_or(0));
  note.final = json["final"].as_boolean().value_or(false);
  note.gallery_before = std::string(json["gallery_before"].as_string().value_or(""));
  note.successor = std::string(json["successor"].as_string().value_or(""));
  FACEPIPE_TRY(read(json["forward"], note.forward));
  FACEPIPE_TRY(read(json["back"], note.back));
  return note;
}

}  // namespace facepipe::people
