#include "faces/store/details.h"
#include "faces/store/rows.h"

namespace facepipe::faces {
namespace {

// Frames have no id of their own: their row's number is the context of their seals.
Result<std::optional<FramePicture>> read_frame(const Tables& tables, sqlite::Statement select) {
  FACEPIPE_ASSIGN(const bool found, select.step());
  if (!found) {
    return std::optional<FramePicture>();
  }
  const auto seq = static_cast<std::uint64_t>(select.integer(0));
  FramePicture frame;
  frame.time = from_ms(select.integer(2));
  CameraNames cameras(tables);
  FACEPIPE_ASSIGN(frame.camera, cameras.name(select.optional_integer(1)));
  FACEPIPE_ASSIGN(const std::string details, tables.vault.open_text(select.blob(3), part::kFrame, seq));
  FACEPIPE_TRY(read_details(details, frame));
  FACEPIPE_ASSIGN(frame.jpeg, tables.vault.open(select.blob(4), part::kFramePicture, seq));
  return std::optional(std::move(frame));
}

}  // namespace

Status insert_frame(const Tables& tables, const FramePicture& frame) {
  FACEPIPE_ASSIGN(const auto camera, camera_of(tables, frame.camera));
  FACEPIPE_TRY(tables.database.statement("INSERT INTO frame (request, camera, time_ms, details) VALUES (?, ?, ?, x'')")
                   .bind(tables.vault.fingerprint(frame.request_id, print::kRequest), camera, to_ms(frame.time))
                   .run());
  const std::int64_t seq = tables.database.last_insert_id();
  const Bytes details = tables.vault.close(write_details(frame), part::kFrame, static_cast<std::uint64_t>(seq));
  FACEPIPE_TRY(
      tables.database.statement("UPDATE frame SET details = ? WHERE seq = ?").bind_blob(details).bind(seq).run());
  const Bytes jpeg = tables.vault.close(frame.jpeg, part::kFramePicture, static_cast<std::uint64_t>(seq));
  return tables.database.statement("INSERT INTO frame_picture (frame, jpeg) VALUES (?, ?)")
      .bind(seq)
      .bind_blob(jpeg)
      .run();
}

Result<std::string> frame_request(const Tables& tables, std::int64_t seq) {
  sqlite::Statement select = tables.database.statement("SELECT details FROM frame WHERE seq = ?");
  select.bind(seq);
  FACEPIPE_TRY(select.step());
  FramePicture frame;
  FACEPIPE_ASSIGN(const std::string details,
                  tables.vault.open_text(select.blob(0), part::kFrame, static_cast<std::uint64_t>(seq)));
  FACEPIPE_TRY(read_details(details, frame));
  return frame.request_id;
}

Status remove_frame(const Tables& tables, std::int64_t seq) {
  FACEPIPE_TRY(tables.database.statement("DELETE FROM frame_picture WHERE frame = ?").bind(seq).run());
  return tables.database.statement("DELETE FROM frame WHERE seq = ?").bind(seq).run();
}

Result<std::optional<FramePicture>> find_frame(const Tables& tables, std::string_view request_id) {
  sqlite::Statement select = tables.database.statement(
      "SELECT seq, camera, time_ms, details, jpeg FROM frame JOIN frame_picture ON frame_picture.frame = seq "
      "WHERE request = ? ORDER BY time_ms DESC, seq DESC LIMIT 1");
  select.bind(tables.vault.fingerprint(request_id, print::kRequest));
  return read_frame(tables, std::move(select));
}

Result<std::optional<FramePicture>> last_frame(const Tables& tables, const std::string& camera) {
  FACEPIPE_ASSIGN(const auto id, find_camera(tables, camera));
  if (!id) {
    return std::optional<FramePicture>();
  }
  sqlite::Statement select = tables.database.statement(
      "SELECT seq, camera, time_ms, details, jpeg FROM frame JOIN frame_picture ON frame_picture.frame = seq "
      "WHERE camera = ? ORDER BY time_ms DESC, seq DESC LIMIT 1");
  select.bind(*id);
  return read_frame(tables, std::move(select));
}

}  // namespace facepipe::faces
