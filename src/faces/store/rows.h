// The tables: rows written and read. Writers run on the committer's thread, inside a transaction; readers on any
// connection.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "faces/face_store.h"
#include "faces/store/vault.h"
#include "sqlite/sqlite.h"

namespace facepipe::faces {

// Of one connection, for one question or one transaction.
struct Tables {
  sqlite::Database& database;
  const Vault& vault;
};

// What a record's columns are sealed with beside their part (vault.h).
template <typename Id>
[[nodiscard]] std::uint64_t seal_id(Id id) {
  return static_cast<std::uint64_t>(id);
}

// --- as SQLite has numbers
[[nodiscard]] inline std::int64_t to_ms(Clock::TimePoint time) {
  return time.time_since_epoch().count();
}
[[nodiscard]] inline Clock::TimePoint from_ms(std::int64_t ms) {
  return Clock::TimePoint(std::chrono::milliseconds(ms));
}
template <typename Id>
[[nodiscard]] std::int64_t number(Id id) {
  return static_cast<std::int64_t>(id);
}
template <typename Id>
[[nodiscard]] std::optional<std::int64_t> number(std::optional<Id> id) {
  return id ? std::optional(number(*id)) : std::nullopt;
}
template <typename Id>
[[nodiscard]] std::optional<Id> id_at(const sqlite::Statement& row, int column) {
  const auto value = row.optional_integer(column);
  return value ? std::optional(static_cast<Id>(*value)) : std::nullopt;
}

// --- cameras
// Nothing for no camera, or one that nothing is kept of.
[[nodiscard]] Result<std::optional<std::int64_t>> find_camera(const Tables& tables, const std::string& name);
// Made if it is not there; nothing for no camera.
[[nodiscard]] Result<std::optional<std::int64_t>> camera_of(const Tables& tables, const std::string& name);
// Their names, each read once.
class CameraNames {
 public:
  explicit CameraNames(const Tables& tables) : tables_(tables) {}
  [[nodiscard]] Result<std::string> name(std::optional<std::int64_t> camera);

 private:
  const Tables& tables_;
  std::map<std::int64_t, std::string> names_;
};
[[nodiscard]] Result<std::vector<std::string>> camera_names(const Tables& tables);
[[nodiscard]] Status remove_unused_cameras(const Tables& tables);

// --- all of them
[[nodiscard]] Result<StoreCounts> count_rows(const Tables& tables);

// --- faces
// False: it was there already.
[[nodiscard]] Result<bool> insert_face(const Tables& tables, const NewFace& face);
// Nothing happens where there is no such face any more.
[[nodiscard]] Status change_face(const Tables& tables, const FaceChange& change);
// In place of the row of that id: all but visit, unknown, content. Nothing happens where there is none.
[[nodiscard]] Status rewrite_face(const Tables& tables, const FaceRecord& face);
// It is somebody's, as it was told or as was said afterwards.
[[nodiscard]] bool is_known(const FaceRecord& face);
// The crop and the embedding; the record stays.
[[nodiscard]] Status remove_content(const Tables& tables, std::int64_t seq);
// With all that is of it.
[[nodiscard]] Status remove_face(const Tables& tables, std::int64_t seq);
[[nodiscard]] Result<Page<FaceRecord>> face_page(const Tables& tables, const FaceFilter& filter,
                                                 const PageRequest& page);
[[nodiscard]] Result<std::optional<FaceRecord>> find_face(const Tables& tables, FaceId id);
[[nodiscard]] Result<Crop> face_crop(const Tables& tables, FaceId id);
[[nodiscard]] Result<std::vector<float>> face_embedding(const Tables& tables, FaceId id);

// In place of the one that is there, if any. Nothing happens to a face without its crop.
[[nodiscard]] Status put_embedding(const Tables& tables, FaceId id, std::span<const float> embedding);
// Of every face.
[[nodiscard]] Status remove_embeddings(const Tables& tables);

// --- visits
[[nodiscard]] Status put_visit(const Tables& tables, const VisitRecord& visit);
[[nodiscard]] Status remove_visit(const Tables& tables, VisitId id);
[[nodiscard]] Result<Page<VisitRecord>> visit_page(const Tables& tables, const VisitFilter& filter,
                                                   const PageRequest& page);
[[nodiscard]] Result<std::optional<VisitRecord>> find_visit(const Tables& tables, VisitId id);

// --- unknowns
[[nodiscard]] Status put_unknown(const Tables& tables, const UnknownRecord& unknown);
[[nodiscard]] Status remove_unknown(const Tables& tables, UnknownId id);
// The group alone: its records say it still. Nothing happens where there is none.
[[nodiscard]] Status forget_unknown(const Tables& tables, UnknownId id);
[[nodiscard]] Result<Page<UnknownRecord>> unknown_page(const Tables& tables, bool ignored_too, const PageRequest& page);
[[nodiscard]] Result<std::optional<UnknownRecord>> find_unknown(const Tables& tables, UnknownId id);
// Empty ones for all of them.
[[nodiscard]] Status remove_centroids(const Tables& tables);

// --- enrolled pictures
[[nodiscard]] Status insert_picture(const Tables& tables, const NewPicture& picture);
// In place of the row of that id: source, face, quality, reasons.
[[nodiscard]] Status rewrite_picture(const Tables& tables, const PictureRecord& picture);
[[nodiscard]] Status move_picture(const Tables& tables, PictureId id, PersonId person);
[[nodiscard]] Status remove_picture(const Tables& tables, PictureId id);
[[nodiscard]] Status put_embedding(const Tables& tables, PictureId id, std::span<const float> embedding);
[[nodiscard]] Result<Page<PictureRecord>> picture_page(const Tables& tables, std::optional<PersonId> person,
                                                       const PageRequest& page);
[[nodiscard]] Result<std::optional<PictureRecord>> find_picture(const Tables& tables, PictureId id);
[[nodiscard]] Result<Crop> picture_crop(const Tables& tables, PictureId id);
[[nodiscard]] Result<std::vector<float>> picture_embedding(const Tables& tables, PictureId id);

// --- frames
[[nodiscard]] Status insert_frame(const Tables& tables, const FramePicture& frame);
[[nodiscard]] Result<std::string> frame_request(const Tables& tables, std::int64_t seq);
[[nodiscard]] Status remove_frame(const Tables& tables, std::int64_t seq);
[[nodiscard]] Result<std::optional<FramePicture>> find_frame(const Tables& tables, std::string_view request_id);
[[nodiscard]] Result<std::optional<FramePicture>> last_frame(const Tables& tables, const std::string& camera);

// --- events and the audit log
// With a delivery to every output.
[[nodiscard]] Result<EventId> insert_event(const Tables& tables, const NewEvent& event);
// With its deliveries.
[[nodiscard]] Status remove_event(const Tables& tables, EventId id);
[[nodiscard]] Result<std::vector<Event>> events_after(const Tables& tables, EventId after, std::size_t limit);
[[nodiscard]] Result<EventId> last_event(const Tables& tables);
[[nodiscard]] Result<Event> read_event(const Tables& tables, const sqlite::Statement& row, int column);
[[nodiscard]] Result<ChangeId> insert_change(const Tables& tables, const NewChange& change,
                                             std::optional<ChangeId> undoes);
// What it was made of is gone, and who made it if that is one of `names`; that there was one stays.
[[nodiscard]] Status blank_change(const Tables& tables, ChangeId id, const std::set<std::string>& names);
[[nodiscard]] Result<Page<ChangeRecord>> change_page(const Tables& tables, const PageRequest& page);
[[nodiscard]] Result<std::optional<ChangeRecord>> find_change(const Tables& tables, ChangeId id);

// --- the retention
// What write() stored of a retention, by class; and what counts by it.
[[nodiscard]] Result<RetentionValues> stored_retention(const Tables& tables);
[[nodiscard]] Result<Retention> retention_in_force(const Tables& tables, const Retention& told,
                                                   const ClassNames& changeable);
[[nodiscard]] Status store_retention(const Tables& tables, const RetentionValues& values);

// --- the outbox
[[nodiscard]] Status set_outputs(const Tables& tables, std::span<const std::string> outputs);
[[nodiscard]] Result<std::vector<std::pair<Delivery, Event>>> due(const Tables& tables, const std::string& output,
                                                                  std::size_t limit, std::int64_t now_ms);
[[nodiscard]] Status delivered(const Tables& tables, const std::string& output, std::span<const EventId> events);
[[nodiscard]] Status put_off(const Tables& tables, const Delivery& delivery);
[[nodiscard]] Result<Page<Delivery>> dead_page(const Tables& tables, const PageRequest& page);
[[nodiscard]] Result<std::int64_t> retry_dead(const Tables& tables, const std::string& output, std::int64_t now_ms);

}  // namespace facepipe::faces
