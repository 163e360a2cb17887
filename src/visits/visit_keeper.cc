// Tested by visit_keeper_test.cc, tests/visits/test_visits.py and tests/fault/test_kill.py.
#include "visits/visit_keeper.h"

#include <algorithm>
#include <set>
#include <unordered_map>
#include <utility>

#include "faces/ids.h"
#include "faces/pages.h"
#include "image/decode.h"
#include "recognize/probe.h"
#include "visits/events.h"
#include "visits/likeness.h"
#include "visits/recovery.h"
#include "visits/without_face.h"

namespace facepipe::visits {
namespace {

constexpr std::chrono::milliseconds kTick{500};
// Of a face that is not good enough to found a group: it joins one only if it is nearer than a good one would have to
// be.
constexpr float kPoorShare = 0.95F;

std::string_view media_type(ByteView picture) {
  const auto info = image::probe_image(picture, {});
  const auto format = info ? info->format : image::ImageFormat::kJpeg;
  return format == image::ImageFormat::kPng    ? "image/png"
         : format == image::ImageFormat::kWebp ? "image/webp"
                                               : "image/jpeg";
}

faces::Crop crop_of(const wire::FaceMessage& message) {
  faces::Crop crop;
  crop.picture = message.face;
  crop.media_type = media_type(message.face);
  crop.box = message.crop_box;
  if (message.landmarks && message.box && message.crop_box) {
    crop.landmarks = recognize::move_landmarks(*message.landmarks, *message.box, *message.crop_box);
  }
  return crop;
}

faces::Decision decision_of(const recognize::Identity& identity, std::optional<float> threshold) {
  return {identity.person,
          identity.name,
          identity.distance,
          identity.threshold ? identity.threshold : threshold,
          identity.probability,
          identity.second_person,
          identity.second_name,
          identity.second_distance,
          identity.second_probability};
}

faces::NewFace new_face(const stage::SeenFace& seen, faces::FaceId id, const recognize::FaceRecognizer& recognizer,
                        Clock::TimePoint now) {
  const wire::FaceMessage& message = seen.message;
  faces::NewFace face;
  faces::FaceRecord& record = face.record;
  record.id = id;
  record.request_id = message.request_id;
  record.face_index = message.face_index;
  record.face_count = message.face_count;
  record.camera = message.camera;
  record.time = message.time.value_or(now);
  record.box = message.box;
  record.confidence = message.confidence;
  if (seen.quality) {
    record.quality = seen.quality->score;
    record.usable = seen.quality->usable;
    for (const recognize::Flaw flaw : seen.quality->flaws) {
      record.reasons.emplace_back(recognize::to_string(flaw));
    }
  }
  record.decision = decision_of(seen.identity, recognizer.threshold());
  record.has_crop = true;
  face.embedding.assign(seen.embedding.begin(), seen.embedding.end());
  face.crop = crop_of(message);
  return face;
}

// Nobody of `gone` is told any more.
void leave_out(const std::deque<faces::PersonId>& gone, faces::Decision& decision) {
  const auto is_gone = [&gone](const std::optional<faces::PersonId>& person) {
    return person && std::ranges::find(gone, *person) != gone.end();
  };
  if (is_gone(decision.person)) {
    decision = {
        std::nullopt, std::string(recognize::kUnknown), decision.distance, decision.threshold, {}, {}, {}, {}, {}};
  } else if (is_gone(decision.second_person)) {
    decision.second_person.reset();
    decision.second_name.clear();
    decision.second_distance.reset();
    decision.second_probability.reset();
  }
}

// Faces of one frame have one: camera, request and time.
std::uint64_t frame_of(const faces::FaceRecord& face) {
  constexpr std::uint64_t kPrime = 0x9E3779B97F4A7C15U;
  std::uint64_t frame = std::hash<std::string>()(face.request_id);
  frame = frame * kPrime + std::hash<std::string>()(face.camera);
  frame = frame * kPrime + static_cast<std::uint64_t>(face.time.time_since_epoch().count());
  return frame == 0 ? 1 : frame;  // 0 is no frame's
}

Sighting sighting_of(const faces::NewFace& face) {
  const faces::FaceRecord& record = face.record;
  return {record.id,      frame_of(record), record.time,    record.box,     record.confidence,
          record.quality, record.usable,    record.reasons, face.embedding, record.decision};
}

}  // namespace

struct VisitKeeper::Draft {
  faces::Batch batch;
  std::vector<Sighting> sightings;          // of batch.faces, in order
  std::map<std::string, Tracker> trackers;  // as they will be
  std::set<std::string> framed;             // cameras of which a frame came
  std::vector<std::string> dropped;         // cameras that there is no room for
  VisitChanges changes;
  std::vector<std::pair<std::uint64_t, faces::UnknownId>> frame_groups;
};

VisitKeeper::VisitKeeper(faces::FaceStore& store, KeeperOptions options, Logger& logger)
    : store_(store),
      options_(std::move(options)),
      clock_(options_.clock != nullptr ? *options_.clock : system_clock()),
      logger_(logger) {}

Result<std::unique_ptr<VisitKeeper>> VisitKeeper::open(faces::FaceStore& store, KeeperOptions options, Logger& logger) {
  std::unique_ptr<VisitKeeper> keeper(new VisitKeeper(store, std::move(options), logger));
  FACEPIPE_TRY(keeper->recover());
  if (keeper->options_.ends_visits) {
    keeper->ticker_ = std::thread([raw = keeper.get()] { raw->run(); });
  }
  return keeper;
}

VisitKeeper::~VisitKeeper() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (ticker_.joinable()) {
    ticker_.join();
  }
}

Status VisitKeeper::recover() {
  FACEPIPE_TRY(restore_unknowns(store_, unknowns_));
  FACEPIPE_ASSIGN(const auto open, open_visits(store_));
  for (const auto& [camera, visits] : open) {
    Tracker tracker(camera, options_.tracker);
    for (const OpenVisit& visit : visits) {
      tracker.restore(visit);
    }
    cameras_.insert_or_assign(camera, Camera{std::move(tracker), options_.steady()});
  }
  Draft draft;
  make_room(draft);
  FACEPIPE_TRY(write(draft));
  return {};
}

void VisitKeeper::run() {
  std::unique_lock lock(mutex_);
  bool failed = false;
  while (!changed_.wait_for(lock, kTick, [this] { return stopping_; })) {
    lock.unlock();
    const Status ended = tick();
    if (!ended && !failed) {
      logger_.warning("visits_not_ended",
                      {{"code", to_string(ended.error().code)}, {"error", std::string_view(ended.error().message)}});
    }
    failed = !ended;
    lock.lock();
  }
}

Status VisitKeeper::tick() {
  const std::lock_guard lock(mutex_);
  const auto now = options_.steady();
  Draft draft;
  for (const auto& [name, camera] : cameras_) {
    const auto unseen = std::chrono::duration_cast<std::chrono::milliseconds>(now - camera.last_frame) - options_.slack;
    const auto time = camera.tracker.newest() + std::max(unseen, std::chrono::milliseconds(0));
    if (camera.tracker.is_due(time)) {
      tracker_of(draft, name).close(time, draft.changes);
    }
  }
  if (const auto age = store_.retention().unknown) {
    unknowns_.forget_before(clock_.now() - *age);
    counters_.groups = static_cast<std::int64_t>(unknowns_.size());
  }
  if (draft.trackers.empty()) {
    return {};
  }
  FACEPIPE_TRY(write(draft));
  return {};
}

Result<std::vector<stage::KeptFace>> VisitKeeper::keep(std::span<const stage::SeenFace> faces,
                                                       const recognize::FaceRecognizer& recognizer) {
  std::vector<faces::FaceId> ids;
  for (const stage::SeenFace& face : faces) {
    ids.push_back(faces::face_id_of(face.body));
  }
  const std::lock_guard lock(mutex_);
  std::unordered_map<faces::FaceId, std::optional<faces::VisitId>> visits;
  FACEPIPE_ASSIGN(const auto before, store_.find_faces(ids));
  for (const faces::FaceRecord& record : before) {
    visits.emplace(record.id, record.visit);
  }
  Draft draft;
  for (std::size_t i = 0; i < faces.size(); ++i) {
    if (visits.try_emplace(ids[i]).second) {
      draft.batch.faces.push_back(new_face(faces[i], ids[i], recognizer, clock_.now()));
      leave_out(forgotten_, draft.batch.faces.back().record.decision);
    }
  }
  for (const faces::NewFace& face : draft.batch.faces) {
    draft.sightings.push_back(sighting_of(face));
  }
  const Likeness likeness = likeness_of(recognizer);
  track(draft, recognizer, likeness);
  for (std::size_t i = 0; i < draft.sightings.size(); ++i) {
    group_unknown(draft, i, likeness);
  }
  const auto events = draft.changes.events;
  for (const auto& [event, visit] : events) {
    if (event == VisitEvent::kNamed) {
      if (const Status left = leave_group(draft, visit); !left) {
        unknowns_.rollback();
        return left.error();
      }
    }
  }
  if (!draft.batch.faces.empty()) {
    make_room(draft);
    FACEPIPE_TRY(write(draft));
    counters_.faces += static_cast<std::int64_t>(draft.sightings.size());
  }
  for (const faces::NewFace& face : draft.batch.faces) {
    visits[face.record.id] = face.record.visit;
  }
  counters_.kept_before += static_cast<std::int64_t>(before.size());
  std::vector<stage::KeptFace> kept;
  for (const faces::FaceId id : ids) {
    const auto visit = visits.at(id);
    kept.push_back({faces::to_text(id), visit ? faces::to_text(*visit) : std::string()});
  }
  return kept;
}

Tracker& VisitKeeper::tracker_of(Draft& draft, const std::string& camera) {
  const auto found = draft.trackers.find(camera);
  if (found != draft.trackers.end()) {
    return found->second;
  }
  const auto kept = cameras_.find(camera);
  return draft.trackers
      .emplace(camera, kept != cameras_.end() ? kept->second.tracker : Tracker(camera, options_.tracker))
      .first->second;
}

// The faces of cameras, frame by frame in the order of their times.
void VisitKeeper::track(Draft& draft, const recognize::FaceRecognizer& recognizer, const Likeness& likeness) {
  std::map<std::tuple<std::string, Clock::TimePoint, std::uint64_t>, std::vector<std::size_t>> frames;
  for (std::size_t i = 0; i < draft.sightings.size(); ++i) {
    if (const std::string& camera = draft.batch.faces[i].record.camera; !camera.empty()) {
      frames[{camera, draft.sightings[i].time, draft.sightings[i].frame}].push_back(i);
    }
  }
  const gallery::Gallery& gallery = recognizer.gallery();
  for (const auto& [key, members] : frames) {
    Tracker& tracker = tracker_of(draft, std::get<0>(key));
    if (draft.framed.insert(std::get<0>(key)).second) {
      tracker.follow(
          [&gallery](faces::PersonId person) {
            const auto place = gallery.find(person);
            return place ? std::optional(gallery.people()[*place].name) : std::nullopt;
          },
          draft.changes);
    }
    std::vector<Sighting> faces;
    for (const std::size_t i : members) {
      faces.push_back(draft.sightings[i]);
    }
    const auto visits = tracker.add(faces, likeness, draft.changes);
    for (std::size_t i = 0; i < members.size(); ++i) {
      draft.batch.faces[members[i]].record.visit = visits[i];
    }
  }
}

bool VisitKeeper::is_ignored(const std::optional<faces::UnknownId>& group) const {
  const faces::UnknownRecord* const record = group ? unknowns_.find(*group) : nullptr;
  return record != nullptr && record->ignored;
}

// The group of an unknown face: that of its visit; else the nearest; else a new one.
void VisitKeeper::group_unknown(Draft& draft, std::size_t index, const Likeness& likeness) {
  const Sighting& face = draft.sightings[index];
  faces::FaceRecord& record = draft.batch.faces[index].record;
  Tracker* const tracker = record.camera.empty() ? nullptr : &tracker_of(draft, record.camera);
  const faces::VisitRecord* const visit = tracker != nullptr && record.visit ? tracker->find(*record.visit) : nullptr;
  if (face.decision.person || (visit != nullptr && visit->person)) {
    return;
  }
  std::vector<faces::UnknownId> taken = frame_groups_.of(face.frame);
  for (const auto& [frame, group] : draft.frame_groups) {
    if (frame == face.frame) {
      taken.push_back(group);
    }
  }
  const float limit = likeness.group(unknowns_.size());
  const auto own = visit != nullptr ? visit->unknown : std::nullopt;
  const auto near = is_weak(face)
                        ? std::nullopt
                        : unknowns_.nearest(face.embedding, is_good_enough(face) ? limit : kPoorShare * limit, taken);
  std::optional<faces::UnknownId> group;
  if (own && unknowns_.find(*own) != nullptr && std::ranges::find(taken, *own) == taken.end()) {
    group = own;
    unknowns_.join(*group, face, near == own);
  } else if (near) {
    group = near;
    unknowns_.join(*group, face, true);
  } else if (is_good_enough(face)) {
    group = unknowns_.found(face);
  }
  if (!group) {
    return;
  }
  record.unknown = group;
  draft.frame_groups.emplace_back(face.frame, *group);
  if (visit != nullptr && own != group) {
    if (own) {
      unknowns_.add_visits(*own, -1);
    }
    unknowns_.add_visits(*group, 1);
    tracker->set_unknown(*record.visit, group, draft.changes);
  }
}

// A visit that has got a name is no unknown's: its faces leave their group, which is gone if it was theirs alone.
Status VisitKeeper::leave_group(Draft& draft, faces::VisitId id) {
  const auto changed = draft.changes.visits.find(id);
  if (changed == draft.changes.visits.end() || !changed->second.unknown) {
    return {};
  }
  const faces::UnknownId group = *changed->second.unknown;
  int left = 0;
  for (faces::NewFace& face : draft.batch.faces) {
    if (face.record.visit == id && face.record.unknown == group) {
      face.record.unknown.reset();
      ++left;
    }
  }
  faces::FaceFilter of_visit;
  of_visit.visit = id;
  of_visit.unknown = group;
  FACEPIPE_TRY(faces::each_page(
      faces::kMaxPage, [&](const faces::PageRequest& page) { return store_.faces(of_visit, page); },
      [&](const std::vector<faces::FaceRecord>& kept) -> Status {
        for (const faces::FaceRecord& face : kept) {
          faces::FaceChange change;
          change.id = face.id;
          change.unknown = std::optional<faces::UnknownId>();
          draft.batch.face_changes.push_back(change);
          ++left;
        }
        return {};
      }));
  tracker_of(draft, changed->second.camera).set_unknown(id, std::nullopt, draft.changes);
  unknowns_.add_visits(group, -1);
  unknowns_.leave(group, left);
  if (const auto* const record = unknowns_.find(group); record != nullptr && record->faces <= 0 && !record->ignored) {
    unknowns_.remove(group);
  }
  return {};
}

// Past max_cameras the one longest without a frame goes.
void VisitKeeper::make_room(Draft& draft) {
  std::size_t count = cameras_.size();
  for (const std::string& camera : draft.framed) {
    count += cameras_.contains(camera) ? 0U : 1U;
  }
  std::set<std::string> gone;
  for (; count > options_.max_cameras && gone.size() < cameras_.size(); --count) {
    auto oldest = cameras_.end();
    for (auto camera = cameras_.begin(); camera != cameras_.end(); ++camera) {
      const bool stays = draft.framed.contains(camera->first) || gone.contains(camera->first);
      if (!stays && (oldest == cameras_.end() || camera->second.last_frame < oldest->second.last_frame)) {
        oldest = camera;
      }
    }
    if (oldest == cameras_.end()) {
      break;
    }
    tracker_of(draft, oldest->first).close_all(draft.changes);
    gone.insert(oldest->first);
    draft.dropped.push_back(oldest->first);
  }
}

// What was found out, as records and events of the batch.
void VisitKeeper::finish(Draft& draft) {
  for (const auto& [face, visit] : draft.changes.joined) {
    const auto own =
        std::ranges::find(draft.batch.faces, face, [](const faces::NewFace& one) { return one.record.id; });
    if (own != draft.batch.faces.end()) {
      own->record.visit = visit;
      continue;
    }
    faces::FaceChange change;
    change.id = face;
    change.visit = std::optional(visit);
    draft.batch.face_changes.push_back(change);
  }
  const Clock::TimePoint now = clock_.now();
  for (const faces::NewFace& face : draft.batch.faces) {
    if (!is_ignored(face.record.unknown)) {
      draft.batch.events.push_back(face_event(face.record, now));
    }
  }
  for (const auto& [event, id] : draft.changes.events) {
    const faces::VisitRecord& visit = draft.changes.visits.at(id);
    if (!is_ignored(visit.unknown)) {
      draft.batch.events.push_back(visit_event(event, visit, now));
    }
  }
  for (const auto& [id, visit] : draft.changes.visits) {
    draft.batch.visits.push_back(visit);
  }
  auto groups = unknowns_.changes();
  std::ranges::move(groups.groups, std::back_inserter(draft.batch.unknowns));
  std::ranges::move(groups.removed, std::back_inserter(draft.batch.removed_unknowns));
}

Result<faces::Written> VisitKeeper::write(Draft& draft) {
  finish(draft);
  auto written = store_.write(draft.batch);
  if (!written) {
    unknowns_.rollback();
    return written;
  }
  take(draft);
  return written;
}

// It is written: from now on it is so.
void VisitKeeper::take(Draft& draft) {
  unknowns_.commit();
  const auto now = options_.steady();
  for (auto& [name, tracker] : draft.trackers) {
    const auto kept = cameras_.find(name);
    if (kept == cameras_.end()) {
      cameras_.emplace(name, Camera{std::move(tracker), now});
      continue;
    }
    kept->second.tracker = std::move(tracker);
    if (draft.framed.contains(name)) {
      kept->second.last_frame = now;
    }
  }
  for (const std::string& camera : draft.dropped) {
    cameras_.erase(camera);
  }
  std::erase_if(cameras_, [](const auto& camera) { return camera.second.tracker.empty(); });
  for (const auto& [frame, group] : draft.frame_groups) {
    frame_groups_.add(frame, group);
  }
  counters_.late_frames += draft.changes.late_frames;
  for (const auto& [event, visit] : draft.changes.events) {
    counters_.started += event == VisitEvent::kStarted ? 1 : 0;
    counters_.named += event == VisitEvent::kNamed ? 1 : 0;
    counters_.ended += event == VisitEvent::kEnded ? 1 : 0;
  }
  std::int64_t open = 0;
  for (const auto& [name, camera] : cameras_) {
    open += static_cast<std::int64_t>(camera.tracker.open());
  }
  counters_.open = open;
  counters_.groups = static_cast<std::int64_t>(unknowns_.size());
}

Result<faces::Written> VisitKeeper::correct(const Corrections& corrections, faces::Batch batch) {
  const std::lock_guard lock(mutex_);
  Draft draft;
  const auto prepare = [&]() -> Status {
    for (const UnknownCorrection& correction : corrections.unknowns) {
      FACEPIPE_TRY(correct_unknown(draft, correction));
    }
    for (const VisitCorrection& correction : corrections.visits) {
      FACEPIPE_TRY(correct_visit(draft, correction));
    }
    return {};
  };
  draft.batch = std::move(batch);
  if (const Status prepared = prepare(); !prepared) {
    unknowns_.rollback();
    return prepared.error();
  }
  return write(draft);
}

Status VisitKeeper::correct_visit(Draft& draft, const VisitCorrection& correction) {
  for (const auto& [name, camera] : cameras_) {
    if (camera.tracker.find(correction.visit) != nullptr) {
      static_cast<void>(tracker_of(draft, name).correct(correction, draft.changes));
      return {};
    }
  }
  auto visit = store_.visit(correction.visit);
  if (!visit) {
    return visit.error().code == ErrorCode::kNotFound ? Status{} : visit.error();
  }
  apply(correction, *visit);
  draft.changes.events.emplace_back(VisitEvent::kCorrected, correction.visit);
  draft.changes.visits[correction.visit] = *std::move(visit);
  return {};
}

Status VisitKeeper::correct_unknown(Draft& draft, const UnknownCorrection& correction) {
  if (unknowns_.correct(correction)) {
    return {};
  }
  auto group = store_.unknown(correction.unknown);
  if (!group) {
    return group.error().code == ErrorCode::kNotFound ? Status{} : group.error();
  }
  apply(correction, *group);
  draft.batch.unknowns.push_back(*std::move(group));
  return {};
}

void VisitKeeper::forget(faces::PersonId person) {
  constexpr std::size_t kMaxForgotten = 256;  // batches that were under way then are done long before so many more
  const std::lock_guard lock(mutex_);
  forgotten_.push_back(person);
  if (forgotten_.size() > kMaxForgotten) {
    forgotten_.pop_front();
  }
  for (auto& [name, camera] : cameras_) {
    camera.tracker.forget(person);
  }
}

void VisitKeeper::forget(faces::UnknownId group) {
  const std::lock_guard lock(mutex_);
  for (auto& [name, camera] : cameras_) {
    camera.tracker.forget(group);
  }
  unknowns_.remove(group);
  unknowns_.commit();
}

Status VisitKeeper::forget(faces::FaceId id) {
  const std::lock_guard lock(mutex_);
  FACEPIPE_ASSIGN(const auto found, store_.find_faces({&id, 1}));
  for (auto& [name, camera] : cameras_) {
    camera.tracker.forget(id);
  }
  if (found.empty() || (!found.front().visit && !found.front().unknown)) {
    return {};
  }
  Draft draft;
  const auto prepare = [&]() -> Status {
    FACEPIPE_TRY(leave_visit(draft, found.front()));
    return leave_unknown(draft, found.front());
  };
  if (const Status prepared = prepare(); !prepared) {
    unknowns_.rollback();
    return prepared.error();
  }
  faces::FaceChange alone;
  alone.id = id;
  alone.visit = std::optional<faces::VisitId>();
  alone.unknown = std::optional<faces::UnknownId>();
  draft.batch.face_changes.push_back(alone);
  FACEPIPE_TRY(write(draft));
  return {};
}

Status VisitKeeper::leave_visit(Draft& draft, const faces::FaceRecord& face) {
  if (!face.visit) {
    return {};
  }
  const faces::VisitId id = *face.visit;
  const auto camera =
      std::ranges::find_if(cameras_, [id](const auto& one) { return one.second.tracker.find(id) != nullptr; });
  Tracker* const tracker = camera == cameras_.end() ? nullptr : &tracker_of(draft, camera->first);
  auto visit = tracker != nullptr ? Result(*tracker->find(id)) : store_.visit(id);
  if (!visit) {
    return visit.error().code == ErrorCode::kNotFound ? Status{} : visit.error();
  }
  FACEPIPE_ASSIGN(const auto left, without_face(store_, face, *visit));
  if (left) {
    if (tracker != nullptr) {
      tracker->replace(*left, draft.changes);
    } else {
      draft.changes.visits[id] = left->record;
    }
    draft.changes.events.emplace_back(VisitEvent::kCorrected, id);
    return {};
  }
  if (tracker != nullptr) {
    tracker->forget(id);
  }
  if (visit->unknown) {
    unknowns_.add_visits(*visit->unknown, -1);
  }
  draft.batch.removed_visits.push_back(id);
  draft.batch.events.push_back(visit_gone_event(id, clock_.now()));
  return {};
}

Status VisitKeeper::leave_unknown(Draft& draft, const faces::FaceRecord& face) {
  if (!face.unknown) {
    return {};
  }
  const faces::UnknownRecord* const known = unknowns_.find(*face.unknown);
  auto group = known != nullptr ? Result(*known) : store_.unknown(*face.unknown);
  if (!group) {
    return group.error().code == ErrorCode::kNotFound ? Status{} : group.error();
  }
  FACEPIPE_ASSIGN(const auto left, without_face(store_, face, *group));
  if (known == nullptr && left) {
    draft.batch.unknowns.push_back(*left);
  } else if (left) {
    static_cast<void>(unknowns_.replace(*left));
  } else if (known == nullptr) {
    draft.batch.removed_unknowns.push_back(group->id);
  } else {
    unknowns_.remove(group->id);
  }
  for (auto& [id, visit] : draft.changes.visits) {
    if (!left && visit.unknown == face.unknown) {
      visit.unknown.reset();
      for (auto& [camera, tracker] : draft.trackers) {
        tracker.set_unknown(id, std::nullopt, draft.changes);
      }
    }
  }
  return {};
}

}  // namespace facepipe::visits
