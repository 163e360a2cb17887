// Tested by visit_keeper_test.cc, tests/visits/test_visits.py and tests/fault/test_kill.py.
#include "visits/visit_keeper.h"

#include <algorithm>
#include <set>
#include <unordered_map>
#include <utility>

#include "faces/ids.h"
#include "visits/events.h"
#include "visits/likeness.h"
#include "visits/new_face.h"
#include "visits/recovery.h"
#include "visits/visit_draft.h"

namespace facepipe::visits {
namespace {

constexpr std::chrono::milliseconds kTick{500};
// No frame but late ones for the visit timeout and so much more: the clock that tells their times was set back. By
// then whoever was there before would be gone.
constexpr std::chrono::milliseconds kAllLate{10'000};

}  // namespace

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
    const auto now = options_.steady();
    cameras_.insert_or_assign(camera, Camera{std::move(tracker), now, now});
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
  Draft draft;
  end_visits(draft);
  if (!draft.trackers.empty()) {
    FACEPIPE_TRY(write(draft));
  }
  return forget_expired();
}

// While frames come their times end visits, but for those of a camera whose clock was set back.
void VisitKeeper::end_visits(Draft& draft) {
  using std::chrono::milliseconds;
  const auto now = options_.steady();
  const auto all_late = options_.tracker.timeout + kAllLate;
  for (const auto& [name, camera] : cameras_) {
    const auto unseen = std::chrono::duration_cast<milliseconds>(now - camera.last_frame) - options_.slack;
    const auto time = camera.tracker.newest() + unseen;
    if (unseen > milliseconds(0) && camera.tracker.is_due(time)) {
      tracker_of(draft, name).close(time, draft.changes);
    } else if (unseen <= milliseconds(0) && now - camera.last_in_time >= all_late && camera.tracker.is_behind()) {
      tracker_of(draft, name).set_back(draft.changes);
    }
  }
}

// The store's word counts: it does not believe a clock at once that was set. It forgets the longest unseen first.
Status VisitKeeper::forget_expired() {
  const auto age = store_.retention().unknown;
  const auto past = age ? unknowns_.unseen_since(clock_.now() - *age) : std::vector<faces::UnknownId>();
  for (const faces::UnknownId id : past) {
    const auto kept = store_.unknown(id);
    if (kept) {
      break;
    }
    if (kept.error().code != ErrorCode::kNotFound) {
      return kept.error();
    }
    unknowns_.forget(id);
  }
  counters_.groups.set(static_cast<std::int64_t>(unknowns_.size()));
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
  if (const Status grouped = group_faces(draft, likeness); !grouped) {
    unknowns_.rollback();
    return grouped.error();
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
  // A batch that was held up may have been recognised by a gallery that was changed since: what that one does not know
  // was not removed.
  const bool newest = recognizer.number() >= newest_gallery_;
  newest_gallery_ = std::max(newest_gallery_, recognizer.number());
  for (const auto& [key, members] : frames) {
    Tracker& tracker = tracker_of(draft, std::get<0>(key));
    if (draft.framed.insert(std::get<0>(key)).second && newest) {
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
  join_waiting(draft);
}

// Faces that were waited with, of this batch or kept before it, are part of their visits now.
void VisitKeeper::join_waiting(Draft& draft) {
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
  const Clock::TimePoint now = clock_.now();
  for (const faces::NewFace& face : draft.batch.faces) {
    if (!is_ignored(face.record.unknown)) {
      draft.batch.events.push_back(face_event(face.record, now));
    }
  }
  for (VisitHappening& happening : draft.changes.happenings) {
    // Groups are found for the batch as a whole, after its frames.
    happening.visit.unknown = draft.changes.visits.at(happening.visit.id).unknown;
    if (!is_ignored(happening.visit.unknown)) {
      draft.batch.events.push_back(visit_event(happening.event, happening.visit, now));
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
      cameras_.emplace(name, Camera{std::move(tracker), now, now});
      continue;
    }
    Camera& camera = kept->second;
    if (draft.framed.contains(name)) {
      camera.last_frame = now;
      camera.last_in_time = tracker.newest() > camera.tracker.newest() ? now : camera.last_in_time;
    }
    camera.tracker = std::move(tracker);
  }
  for (const std::string& camera : draft.dropped) {
    cameras_.erase(camera);
  }
  std::erase_if(cameras_, [](const auto& camera) { return camera.second.tracker.empty(); });
  for (const auto& [frame, group] : draft.frame_groups) {
    frame_groups_.add(frame, group);
  }
  counters_.late_frames += draft.changes.late_frames;
  for (const auto& [event, visit] : draft.changes.happenings) {
    counters_.started += event == VisitEvent::kStarted ? 1 : 0;
    counters_.named += event == VisitEvent::kNamed ? 1 : 0;
    counters_.ended += event == VisitEvent::kEnded ? 1 : 0;
  }
  set_gauges();
}

void VisitKeeper::set_gauges() {
  std::int64_t open = 0;
  for (const auto& [name, camera] : cameras_) {
    open += static_cast<std::int64_t>(camera.tracker.open());
  }
  counters_.open.set(open);
  counters_.groups.set(static_cast<std::int64_t>(unknowns_.size()));
}

}  // namespace facepipe::visits
