// Tested by report_test.cc.
#include "client/report.h"

#include <array>
#include <cstdio>
#include <utility>

#include "base/json_writer.h"
#include "base/table.h"

namespace facepipe::client {
namespace {

using Row = std::vector<std::string>;
constexpr std::array<Column, 5> kColumns = {Column::kPath, Column::kNumber, Column::kLeft, Column::kNumber,
                                            Column::kNumber};

std::string_view status_name(FrameStatus status) {
  switch (status) {
    case FrameStatus::kAnswered:
      return "answered";
    case FrameStatus::kNoAnswer:
      return "no-answer";
    case FrameStatus::kRefused:
      return "refused";
  }
  return "no-answer";
}

std::string fixed(double value, int decimals) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.*f", decimals, value);
  return text.data();
}

void add_rows(const FrameReport& frame, std::vector<Row>& rows) {
  const std::string milliseconds = fixed(frame.milliseconds, 0);
  if (frame.status == FrameStatus::kRefused) {
    rows.push_back({frame.file, "", "refused: " + frame.error, "", milliseconds});
    return;
  }
  for (const FaceReport& face : frame.faces) {
    rows.push_back({frame.file, std::to_string(face.index),
                    face.error.empty() ? face.name : face.name + ": " + face.error,
                    face.distance ? fixed(static_cast<double>(*face.distance), 3) : "", milliseconds});
  }
  if (frame.status == FrameStatus::kNoAnswer) {
    rows.push_back({frame.file, "", "no answer", "", milliseconds});
  } else if (frame.faces.empty()) {
    rows.push_back({frame.file, "", "no face", "", milliseconds});
  }
}

}  // namespace

std::string to_json_line(const FrameReport& frame) {
  JsonWriter json;
  json.begin_object().key("file").string(frame.file).key("request_id").string(frame.request_id);
  json.key("status").string(status_name(frame.status));
  if (!frame.error.empty()) {
    json.key("error").string(frame.error);
  }
  json.key("milliseconds").number(frame.milliseconds).key("faces").begin_array();
  for (const FaceReport& face : frame.faces) {
    json.begin_object().key("index").integer(face.index).key("name").string(face.name);
    if (face.distance) {
      json.key("distance").number(*face.distance);
    }
    if (face.box) {
      json.key("box").begin_array().number(face.box->x1).number(face.box->y1);
      json.number(face.box->x2).number(face.box->y2).end_array();
    }
    if (!face.error.empty()) {
      json.key("error").string(face.error);
    }
    json.end_object();
  }
  json.end_array().end_object();
  return std::move(json).text();
}

std::string to_table(std::span<const FrameReport> frames, std::size_t width) {
  std::vector<Row> rows = {{"frame", "face", "name", "distance", "ms"}};
  for (const FrameReport& frame : frames) {
    add_rows(frame, rows);
  }
  return format_table(kColumns, rows, width);
}

}  // namespace facepipe::client
