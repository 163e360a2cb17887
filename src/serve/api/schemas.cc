// Tested by openapi_test.cc; what is answered is held against them by tests/e2e/test_api_description.py.
#include "serve/api/schemas.h"

#include <initializer_list>
#include <utility>

#include "base/json_writer.h"

namespace facepipe::serve {
namespace {

// --- Schemas of values
constexpr std::string_view kText = R"({"type":"string"})";
constexpr std::string_view kTextOrNull = R"({"type":["string","null"]})";
constexpr std::string_view kNumber = R"({"type":"number"})";
constexpr std::string_view kNumberOrNull = R"({"type":["number","null"]})";
constexpr std::string_view kCount = R"({"type":"integer","minimum":0})";
constexpr std::string_view kCountOrNull = R"({"type":["integer","null"],"minimum":0})";
constexpr std::string_view kFlag = R"({"type":"boolean"})";
constexpr std::string_view kId = R"({"type":"string","pattern":"^[0-9a-f]{16}$"})";
constexpr std::string_view kIdOrNull = R"({"type":["string","null"],"pattern":"^[0-9a-f]{16}$"})";
constexpr std::string_view kTime = R"({"type":"string","format":"date-time"})";
constexpr std::string_view kTimeOrNull = R"({"type":["string","null"],"format":"date-time"})";
constexpr std::string_view kTexts = R"({"type":"array","items":{"type":"string"}})";

std::string reference(std::string_view name) {
  return R"({"$ref":"#/components/schemas/)" + std::string(name) + "\"}";
}
std::string reference_or_null(std::string_view name) {
  return R"({"oneOf":[)" + reference(name) + R"(,{"type":"null"}]})";
}
std::string list_of(std::string_view name) {
  return R"({"type":"array","items":)" + reference(name) + "}";
}
std::string one_of(std::initializer_list<std::string_view> names) {
  JsonWriter json;
  json.begin_object().key("type").string("string").key("enum").begin_array();
  for (const std::string_view name : names) {
    json.string(name);
  }
  json.end_array().end_object();
  return std::move(json).text();
}

using Properties = std::initializer_list<std::pair<std::string_view, std::string>>;

// All of these, always, and no other.
std::string object_of(Properties properties) {
  JsonWriter json;
  json.begin_object().key("type").string("object").key("properties").begin_object();
  for (const auto& [name, schema] : properties) {
    json.key(name).raw(schema);
  }
  json.end_object().key("required").begin_array();
  for (const auto& property : properties) {
    json.string(property.first);
  }
  json.end_array().key("additionalProperties").boolean(false).end_object();
  return std::move(json).text();
}

std::string text(std::string_view schema) {
  return std::string(schema);
}

std::string page_of(std::string_view name) {
  return object_of({{"items", list_of(name)}, {"next", text(kTextOrNull)}});
}

std::map<std::string_view, std::string> make_schemas() {
  return {
      {"Error", R"({"type":"object","properties":{"error":{"type":"string"}},"required":["error"]})"},
      {"Description", R"({"type":"object"})"},
      {"Box", object_of({{"x1", text(kNumber)}, {"y1", text(kNumber)}, {"x2", text(kNumber)}, {"y2", text(kNumber)}})},
      {"Decision", object_of({{"person", text(kIdOrNull)},
                              {"name", text(kText)},
                              {"distance", text(kNumberOrNull)},
                              {"threshold", text(kNumberOrNull)},
                              {"probability", text(kNumberOrNull)},
                              {"second_person", text(kIdOrNull)},
                              {"second_name", text(kText)},
                              {"second_distance", text(kNumberOrNull)},
                              {"second_probability", text(kNumberOrNull)}})},
      {"Face", object_of({{"id", text(kId)},
                          {"request_id", text(kText)},
                          {"index", text(kCount)},
                          {"count", text(kCount)},
                          {"camera", text(kText)},
                          {"time", text(kTime)},
                          {"box", reference_or_null("Box")},
                          {"confidence", text(kNumberOrNull)},
                          {"quality", text(kNumberOrNull)},
                          {"usable", text(kFlag)},
                          {"reasons", text(kTexts)},
                          {"person", text(kIdOrNull)},
                          {"name", text(kTextOrNull)},
                          {"decision", reference("Decision")},
                          {"visit", text(kIdOrNull)},
                          {"unknown", text(kIdOrNull)},
                          {"mark", one_of({"none", "assigned", "rejected", "ignored", "not-a-face"})},
                          {"marked_person", text(kIdOrNull)},
                          {"image", text(kTextOrNull)}})},
      {"FacePage", page_of("Face")},
      {"Visit", object_of({{"id", text(kId)},
                           {"camera", text(kText)},
                           {"state", one_of({"started", "named", "ended"})},
                           {"person", text(kIdOrNull)},
                           {"name", text(kTextOrNull)},
                           {"unknown", text(kIdOrNull)},
                           {"probability", text(kNumberOrNull)},
                           {"second_person", text(kIdOrNull)},
                           {"second_name", text(kText)},
                           {"first_seen", text(kTime)},
                           {"last_seen", text(kTime)},
                           {"frames", text(kCount)},
                           {"best_face", text(kIdOrNull)},
                           {"image", text(kTextOrNull)},
                           {"reasons", text(kTexts)},
                           {"corrected_by", text(kText)}})},
      {"VisitPage", page_of("Visit")},
      {"Unknown", object_of({{"id", text(kId)},
                             {"faces", text(kCount)},
                             {"visits", text(kCount)},
                             {"first_seen", text(kTime)},
                             {"last_seen", text(kTime)},
                             {"best_face", text(kIdOrNull)},
                             {"image", text(kTextOrNull)},
                             {"ignored", text(kFlag)}})},
      {"UnknownPage", page_of("Unknown")},
      {"Person", object_of({{"id", text(kId)},
                            {"name", text(kText)},
                            {"pictures", text(kCount)},
                            {"rejected", text(kCount)},
                            {"last_seen", text(kTimeOrNull)},
                            {"cover", text(kIdOrNull)},
                            {"image", text(kTextOrNull)}})},
      {"PersonPage",
       object_of({{"items", list_of("Person")}, {"next", text(kTextOrNull)}, {"threshold", text(kNumberOrNull)}})},
      {"Picture", object_of({{"id", text(kId)},
                             {"person", text(kId)},
                             {"kept", text(kFlag)},
                             {"time", text(kTimeOrNull)},
                             {"source", text(kText)},
                             {"face", text(kIdOrNull)},
                             {"quality", text(kNumberOrNull)},
                             {"reasons", text(kTexts)},
                             {"image", text(kTextOrNull)}})},
      {"PicturePage", page_of("Picture")},
      {"Changed", object_of({{"change", text(kCountOrNull)}, {"undoable", text(kFlag)}})},
      {"Assigned", object_of({{"change", text(kCountOrNull)},
                              {"undoable", text(kFlag)},
                              {"person", text(kId)},
                              {"name", text(kText)},
                              {"is_new", text(kFlag)}})},
      {"PictureOutcome", object_of({{"label", text(kText)},
                                    {"refusal", one_of({"none", "no-picture", "no-face", "several-faces",
                                                        "cannot-be-told", "already-there"})},
                                    {"message", text(kText)},
                                    {"picture", text(kIdOrNull)},
                                    {"quality", text(kNumberOrNull)},
                                    {"reasons", text(kTexts)}})},
      {"Added", object_of({{"change", text(kCountOrNull)},
                           {"undoable", text(kFlag)},
                           {"person", text(kIdOrNull)},
                           {"name", text(kText)},
                           {"is_new", text(kFlag)},
                           {"pictures", list_of("PictureOutcome")}})},
      {"Erased", object_of({{"records", text(kCount)}})},
      {"Quality", object_of({{"score", text(kNumber)}, {"usable", text(kFlag)}, {"reasons", text(kTexts)}})},
      {"Near", object_of({{"person", text(kId)}, {"name", text(kText)}, {"distance", text(kNumber)}})},
      {"SeenFace", object_of({{"box", reference("Box")},
                              {"confidence", text(kNumber)},
                              {"quality", reference_or_null("Quality")},
                              {"person", text(kIdOrNull)},
                              {"name", text(kTextOrNull)},
                              {"distance", text(kNumberOrNull)},
                              {"probability", text(kNumberOrNull)},
                              {"nearest", list_of("Near")}})},
      {"Sight", object_of({{"width", text(kCount)},
                           {"height", text(kCount)},
                           {"threshold", text(kNumberOrNull)},
                           {"incomplete", text(kFlag)},
                           {"faces", list_of("SeenFace")}})},
      {"Comparison", object_of({{"distance", text(kNumber)},
                                {"probability", text(kNumberOrNull)},
                                {"same", text(kFlag)},
                                {"first", reference("SeenFace")},
                                {"second", reference("SeenFace")}})},
      {"FrameTaken", object_of({{"request_id", text(kText)},
                                {"faces", text(kCount)},
                                {"complete", text(kFlag)},
                                {"items", list_of("Face")}})},
      {"Cameras", object_of({{"items", R"({"type":"array","items":{"type":"object","properties":{"name":)" +
                                           text(kText) + R"(,"frame":)" + text(kTextOrNull) +
                                           R"(},"required":["name","frame"],"additionalProperties":false}})"}})},
      {"Retention", object_of({{"known", text(kCountOrNull)},
                               {"unknown", text(kCountOrNull)},
                               {"frames", text(kCountOrNull)},
                               {"visits", text(kCountOrNull)},
                               {"events", text(kCountOrNull)},
                               {"changes", text(kCountOrNull)},
                               {"bytes", text(kCount)}})},
      {"RetentionLoss", object_of({{"faces", text(kCount)},
                                   {"records", text(kCount)},
                                   {"unknowns", text(kCount)},
                                   {"frames", text(kCount)},
                                   {"visits", text(kCount)},
                                   {"events", text(kCount)},
                                   {"changes", text(kCount)},
                                   {"bytes", text(kCount)}})},
      {"NameChange",
       object_of(
           {{"face", text(kId)}, {"image", text(kText)}, {"before", text(kTextOrNull)}, {"after", text(kTextOrNull)}})},
      {"NamingEffect", object_of({{"faces", text(kCount)},
                                  {"named_before", text(kCount)},
                                  {"named_after", text(kCount)},
                                  {"complete", text(kFlag)},
                                  {"changed", list_of("NameChange")}})},
      {"SettingsPreview",
       object_of({{"naming", reference_or_null("NamingEffect")}, {"retention", reference_or_null("RetentionLoss")}})},
      {"Settings", object_of({{"strangers", text(kNumberOrNull)},
                              {"min_quality", text(kNumber)},
                              {"threshold", text(kNumberOrNull)},
                              {"retention", reference_or_null("Retention")},
                              {"changeable", text(kTexts)},
                              {"mode", text(kText)},
                              {"model_id", text(kText)},
                              {"fixed", R"({"type":"object","additionalProperties":{"type":"string"},)"
                                        R"("description":"set at the start of the server, by option"})"}})},
      {"Change", object_of({{"id", text(kCount)},
                            {"time", text(kTime)},
                            {"who", text(kText)},
                            {"action", text(kText)},
                            {"person", text(kIdOrNull)},
                            {"name", text(kText)},
                            {"faces", text(kCount)},
                            {"pictures", text(kCount)},
                            {"undoable", text(kFlag)},
                            {"undone_by", text(kCountOrNull)}})},
      {"ChangePage", page_of("Change")},
      {"Session", object_of({{"sign_in_needed", text(kFlag)},
                             {"role", R"({"type":["string","null"],"enum":["frames","read","manage",null]})"},
                             {"name", text(kText)}})},
      {"Queue", object_of({{"name", text(kText)},
                           {"visible", text(kCount)},
                           {"in_flight", text(kCount)},
                           {"delayed", text(kCount)},
                           {"oldest_seconds", text(kNumberOrNull)}})},
      {"Rate", object_of({{"window_seconds", text(kCount)},
                          {"count", text(kCount)},
                          {"per_second", text(kNumber)},
                          {"p50_seconds", text(kNumberOrNull)},
                          {"p99_seconds", text(kNumberOrNull)}})},
      {"DeadLetter", object_of({{"id", text(kText)},
                                {"sent", text(kTime)},
                                {"received", text(kCount)},
                                {"reason", text(kText)},
                                {"request_id", text(kText)},
                                {"camera", text(kText)},
                                {"queue", text(kText)}})},
      {"DeadLetterPage", page_of("DeadLetter")},
      {"Check", object_of({{"name", text(kText)}, {"ok", text(kFlag)}, {"message", text(kText)}})},
      {"StoreCounts", object_of({{"faces", text(kCount)},
                                 {"crops", text(kCount)},
                                 {"visits", text(kCount)},
                                 {"unknowns", text(kCount)},
                                 {"pictures", text(kCount)},
                                 {"frames", text(kCount)},
                                 {"events", text(kCount)},
                                 {"bytes", text(kCount)}})},
      {"System", object_of({{"version", text(kText)},
                            {"started", text(kTime)},
                            {"uptime_seconds", text(kNumber)},
                            {"ready", text(kFlag)},
                            {"people", text(kCountOrNull)},
                            {"subscribers", text(kCount)},
                            {"frames", reference("Rate")},
                            {"answers", reference("Rate")},
                            {"queues", list_of("Queue")},
                            {"dead_letters", text(kCount)},
                            {"kept", reference_or_null("StoreCounts")},
                            {"checks", list_of("Check")}})},
      {"Redriven", object_of({{"messages", text(kCount)}})},
      {"Delivery", object_of({{"event", text(kCount)},
                              {"key", text(kText)},
                              {"type", text(kText)},
                              {"time", text(kTime)},
                              {"output", text(kText)},
                              {"attempts", text(kCount)},
                              {"error", text(kText)}})},
      {"OutputTest", object_of({{"id", text(kText)},
                                {"delivered", text(kFlag)},
                                {"status", text(kCountOrNull)},
                                {"error", text(kTextOrNull)},
                                {"seconds", text(kNumber)}})},
      {"Outputs", object_of({{"outputs", text(kTexts)}, {"dead", list_of("Delivery")}, {"next", text(kTextOrNull)}})},
      {"Retried", object_of({{"deliveries", text(kCount)}})},
  };
}

}  // namespace

const std::map<std::string_view, std::string>& schemas() {
  static const std::map<std::string_view, std::string> kSchemas = make_schemas();
  return kSchemas;
}

}  // namespace facepipe::serve
