// The port of the store of faces: on one box a SQLite file (faces/store). Where functions have no disk it can be tables
// and objects of a cloud: every change is one batch of whole records under ids that the caller makes, every question
// one range of one index.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "faces/outbox.h"
#include "faces/pages.h"
#include "faces/records.h"
#include "faces/retention.h"

namespace facepipe::faces {

// Changes of a face that is kept already; absent: as it was. Of one that is kept no more: nothing.
struct FaceChange {
  FaceId id{};
  std::optional<std::optional<VisitId>> visit = {};
  std::optional<std::optional<UnknownId>> unknown = {};
  std::optional<Mark> mark = {};
  std::optional<std::optional<PersonId>> marked_person = {};
};

// What is written together, or not at all, in this order.
struct Batch {
  std::vector<NewFace> faces = {};  // one whose id is there already is left as it is
  std::vector<FaceChange> face_changes = {};
  std::vector<VisitRecord> visits = {};          // whole: new, or in place of the one of that id
  std::vector<VisitId> removed_visits = {};      // their faces, if they are there, are in none any more
  std::vector<UnknownRecord> unknowns = {};      // likewise
  std::vector<UnknownId> removed_unknowns = {};  // likewise
  std::vector<NewPicture> pictures = {};
  std::vector<std::pair<PictureId, PersonId>> moved_pictures = {};  // to another person
  std::vector<PictureId> removed_pictures = {};
  // Another network takes the place of the one that made all embeddings so far: those of faces go (a crop stays), the
  // centroids of unknowns are empty. Before the next two.
  bool forgets_embeddings = false;
  std::vector<std::pair<PictureId, std::vector<float>>> picture_embeddings = {};  // in place of what is there
  std::vector<std::pair<FaceId, std::vector<float>>> face_embeddings = {};        // likewise; of faces with their crop
  std::vector<FramePicture> frames = {};
  std::vector<NewEvent> events = {};  // each also to be delivered by every output (outbox)
  std::optional<NewChange> change = {};
  std::optional<ChangeId> undoes = {};  // with `change`: the change that it takes back, once (kNotFound otherwise)
  RetentionValues retention = {};       // from now on, also after a restart; check()'s errors, kMismatch for a class
                                        // that cannot be changed here
};
struct Written {
  std::vector<FaceId> kept_before;  // of Batch::faces, those that were there already
  std::vector<EventId> events;
  std::optional<ChangeId> change;
};

// Absent: not asked. The newest first.
struct FaceFilter {
  std::optional<std::string> camera = {};
  std::optional<PersonId> person = {};  // whose it is: as it was told, unless something else was said afterwards
  std::optional<bool> known = {};       // false: nobody's
  std::optional<VisitId> visit = {};
  std::optional<UnknownId> unknown = {};
  std::optional<std::string> request_id = {};
  std::optional<Mark> mark = {};
  std::optional<Clock::TimePoint> from = {};  // at or after
  std::optional<Clock::TimePoint> to = {};    // before
};
struct VisitFilter {
  std::optional<std::string> camera = {};
  std::optional<PersonId> person = {};
  std::optional<UnknownId> unknown = {};
  std::optional<bool> known = {};
  std::optional<VisitState> state = {};
  std::optional<bool> open = {};              // started or named, not ended
  std::optional<Clock::TimePoint> from = {};  // last seen at or after
  std::optional<Clock::TimePoint> to = {};    // first seen before
};

struct StoreCounts {
  std::int64_t faces = 0;
  std::int64_t crops = 0;  // faces with their crop, or their embedding alone
  std::int64_t visits = 0;
  std::int64_t unknowns = 0;
  std::int64_t pictures = 0;
  std::int64_t frames = 0;
  std::int64_t events = 0;
  std::int64_t bytes = 0;  // of the file
};

// Thread-safe; errors as EventLog's.
class FaceStore : public Outbox {
 public:
  // Returns when the batch is durable.
  [[nodiscard]] virtual Result<Written> write(const Batch& batch) = 0;

  // --- faces
  [[nodiscard]] virtual Result<Page<FaceRecord>> faces(const FaceFilter& filter, const PageRequest& page) = 0;
  [[nodiscard]] virtual Result<FaceRecord> face(FaceId id) = 0;
  // Those of `ids` that are there, in any order; at most kMaxPage of them.
  [[nodiscard]] virtual Result<std::vector<FaceRecord>> find_faces(std::span<const FaceId> ids) = 0;
  [[nodiscard]] virtual Result<Crop> face_crop(FaceId id) = 0;
  [[nodiscard]] virtual Result<std::vector<float>> face_embedding(FaceId id) = 0;

  // --- visits and unknowns: by last_seen, the newest first
  [[nodiscard]] virtual Result<Page<VisitRecord>> visits(const VisitFilter& filter, const PageRequest& page) = 0;
  [[nodiscard]] virtual Result<VisitRecord> visit(VisitId id) = 0;
  [[nodiscard]] virtual Result<Page<UnknownRecord>> unknowns(bool ignored_too, const PageRequest& page) = 0;
  [[nodiscard]] virtual Result<UnknownRecord> unknown(UnknownId id) = 0;
  // Cameras that faces or visits are kept of, sorted.
  [[nodiscard]] virtual Result<std::vector<std::string>> cameras() = 0;

  // --- enrolled pictures: in the order of their enrolment
  [[nodiscard]] virtual Result<Page<PictureRecord>> pictures(std::optional<PersonId> person,
                                                             const PageRequest& page) = 0;
  [[nodiscard]] virtual Result<PictureRecord> picture(PictureId id) = 0;
  [[nodiscard]] virtual Result<Crop> picture_crop(PictureId id) = 0;
  [[nodiscard]] virtual Result<std::vector<float>> picture_embedding(PictureId id) = 0;

  // --- frames
  [[nodiscard]] virtual Result<FramePicture> frame(std::string_view request_id) = 0;  // the newest of that id
  [[nodiscard]] virtual Result<std::optional<FramePicture>> last_frame(const std::string& camera) = 0;

  // --- the audit log
  [[nodiscard]] virtual Result<Page<ChangeRecord>> changes(const PageRequest& page) = 0;  // the newest first
  [[nodiscard]] virtual Result<ChangeRecord> change(ChangeId id) = 0;

  // --- retention
  // As it is now. Never blocks for long.
  [[nodiscard]] virtual Retention retention() const = 0;
  // Classes that Batch::retention may name.
  [[nodiscard]] virtual const ClassNames& changeable_retention() const = 0;
  // What would go at once by these values. What a class holds is counted up to a million; bytes are those of the oldest
  // 10,000 pictures, and of the others as much on an average.
  [[nodiscard]] virtual Result<RetentionLoss> loss_by(const RetentionValues& values) = 0;

  // --- upkeep
  // Everything of the person: pictures, faces told or said to be theirs with crops, embeddings and the frames that they
  // were found in, their visits, their name where others were told to be like them, events and entries of the audit log
  // that hold the id or a name that the faces and visits had (but for those that say the erasure: records.h). Returns
  // when none of it can be found in the file any more; frames are written meanwhile. How many records.
  [[nodiscard]] virtual Result<std::int64_t> erase(PersonId person) = 0;
  [[nodiscard]] virtual Result<std::int64_t> erase_face(FaceId id) = 0;
  // Everything that an unknown left.
  [[nodiscard]] virtual Result<std::int64_t> erase(UnknownId unknown) = 0;
  [[nodiscard]] virtual Result<StoreCounts> counts() = 0;
  [[nodiscard]] virtual Status health() = 0;  // never blocks; as QueueStore::health
};

}  // namespace facepipe::faces
