// Tested by tests/e2e/test_faces.py.
#include "kept_table.h"

#include <cstdio>

#include "evaluate/csv.h"

namespace facepipe::app {
namespace {

// "decision.distance" is a field within a field.
JsonValue find(const JsonValue& record, const std::string& name) {
  const std::size_t dot = name.find('.');
  return dot == std::string::npos ? record[name] : record[name.substr(0, dot)][name.substr(dot + 1)];
}

std::string cell(const JsonValue& value) {
  switch (value.type()) {
    case JsonType::kAbsent:
    case JsonType::kNull:
      return "";
    case JsonType::kString:
      return std::string(*value.as_string());
    case JsonType::kArray: {
      std::string joined;
      static_cast<void>(value.each_item([&joined](const JsonValue& item) -> Status {
        joined += (joined.empty() ? "" : " ") + cell(item);
        return {};
      }));
      return joined;
    }
    case JsonType::kBoolean:
    case JsonType::kNumber:
    case JsonType::kObject:
      return value.to_json();
  }
  return "";
}

// "0.93", "-" for nothing.
std::string share(const JsonValue& value) {
  const auto number = value.as_number();
  if (!number) {
    return "-";
  }
  char text[16];
  std::snprintf(text, sizeof text, "%.2f", *number);
  return text;
}

std::string name_of(const JsonValue& record) {
  std::string name = cell(record["name"]);
  if (!name.empty()) {
    return name;
  }
  const std::string unknown = cell(record["unknown"]);
  return unknown.empty() ? "-" : "stranger " + unknown;
}

}  // namespace

std::vector<std::string> export_columns(Kept::Kind kind) {
  if (kind == Kept::Kind::kFaces) {
    return {"id",         "time",    "camera",        "request_id",        "index",
            "person",     "name",    "decision.name", "decision.distance", "decision.probability",
            "confidence", "quality", "usable",        "reasons",           "visit",
            "unknown",    "mark",    "image"};
  }
  return {"id",          "first_seen", "last_seen", "camera",  "state",        "person",   "name",
          "probability", "unknown",    "frames",    "reasons", "corrected_by", "best_face"};
}

std::vector<std::string> export_cells(Kept::Kind kind, const JsonValue& record) {
  std::vector<std::string> cells;
  for (const std::string& column : export_columns(kind)) {
    cells.push_back(cell(find(record, column)));
  }
  return cells;
}

std::vector<std::string> short_cells(Kept::Kind kind, const JsonValue& record) {
  if (kind == Kept::Kind::kFaces) {
    return {cell(record["time"]), cell(record["camera"]), name_of(record), share(record["decision"]["probability"]),
            cell(record["mark"]), cell(record["id"])};
  }
  return {cell(record["first_seen"]),   cell(record["last_seen"]), cell(record["camera"]), name_of(record),
          share(record["probability"]), cell(record["state"]),     cell(record["frames"]), cell(record["id"])};
}

std::string csv_line(const std::vector<std::string>& cells) {
  constexpr std::string_view kFormula = "=+-@\t\r";
  std::string line;
  for (const std::string& text : cells) {
    line += &text == cells.data() ? "" : ",";
    const bool number = !text.empty() && text.find_first_not_of("-+.eE0123456789") == std::string::npos;
    const bool formula = !text.empty() && !number && kFormula.find(text.front()) != std::string_view::npos;
    line += evaluate::csv_cell(formula ? "'" + text : text);
  }
  return line;
}

}  // namespace facepipe::app
