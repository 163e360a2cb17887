// Keeps the faces that the recogniser names, with the visits that they are part of and the groups of unknown faces.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"
#include "faces/face_store.h"
#include "metrics/registry.h"
#include "stage/recognition/face_keeper.h"
#include "visits/corrections.h"
#include "visits/frame_groups.h"
#include "visits/tracker.h"
#include "visits/unknowns.h"

namespace facepipe::visits {

struct KeeperOptions {
  TrackerOptions tracker;
  // Cameras with visits at once; past it the visits of the one longest without a frame are ended.
  std::size_t max_cameras = 256;
  // When no frame of a camera comes, its visits end so much later than by the time of frames: a batch may be under way.
  std::chrono::milliseconds slack{2'000};
  const Clock* clock = nullptr;  // of events, and of faces whose message tells no time; null: the system's
  std::function<std::chrono::steady_clock::time_point()> steady = std::chrono::steady_clock::now;
  bool ends_visits = true;  // with a thread of its own; false: tick() is called by whoever tests it
};

// Thread-safe.
struct KeeperCounters {
  metrics::Counter faces;        // kept
  metrics::Counter kept_before;  // that came again
  metrics::Counter started;      // visits
  metrics::Counter named;
  metrics::Counter ended;
  metrics::Counter late_frames;  // older than another of their camera that came before
  metrics::Gauge open;           // visits under way
  metrics::Gauge groups;         // of unknown faces
};

// One transaction a batch: faces, visits, groups and events are written together, and what is remembered changes only
// if that succeeded. Work on different batches is done one after the other. Thread-safe; store and logger outlive it.
class VisitKeeper final : public stage::FaceKeeper {
 public:
  // Takes up what the store has: visits that are not over go on, or end when nobody comes within their time from now
  // on. The store's errors.
  [[nodiscard]] static Result<std::unique_ptr<VisitKeeper>> open(faces::FaceStore& store, KeeperOptions options,
                                                                 Logger& logger);
  VisitKeeper(const VisitKeeper&) = delete;
  VisitKeeper& operator=(const VisitKeeper&) = delete;
  ~VisitKeeper() override;

  // Errors: the store's.
  Result<std::vector<stage::KeptFace>> keep(std::span<const stage::SeenFace> faces,
                                            const recognize::FaceRecognizer& recognizer) override;

  // What people said: written with `batch`, told in events, and remembered from then on, so that a visit under way
  // keeps the name that it was given. A visit or group that is not there any more is left out. Nothing is changed after
  // an error.
  [[nodiscard]] Result<faces::Written> correct(const Corrections& corrections, faces::Batch batch);
  // Before FaceStore::erase: visits under way that are the person's, or whose faces are of the group, are forgotten, so
  // that they are not written again; as is the group. The person is in no gallery any more: a batch that was recognised
  // before that is kept without them.
  void forget(faces::PersonId person);
  void forget(faces::UnknownId group);
  // Before FaceStore::erase_face: its visit and its group, under way or not, go on as they are without it, which is
  // written, or are gone with their last face; the face is in neither any more. A face that is not kept is forgotten
  // likewise. Nothing is changed after an error (the store's).
  [[nodiscard]] Status forget(faces::FaceId face);

  // Ends the visits of cameras from which nothing came for their time, and forgets groups of unknown faces when the
  // store does (faces::Retention::unknown).
  [[nodiscard]] Status tick();

  [[nodiscard]] const KeeperCounters& counters() const { return counters_; }

 private:
  struct Camera {
    Tracker tracker;
    std::chrono::steady_clock::time_point last_frame;
    std::chrono::steady_clock::time_point last_in_time;  // of a frame newer than all before it
  };
  // A batch under way: copies of what it changes.
  struct Draft;

  VisitKeeper(faces::FaceStore& store, KeeperOptions options, Logger& logger);
  [[nodiscard]] Status recover();
  void run();
  void end_visits(Draft& draft);
  [[nodiscard]] Status forget_expired();

  [[nodiscard]] Tracker& tracker_of(Draft& draft, const std::string& camera);
  void track(Draft& draft, const recognize::FaceRecognizer& recognizer, const Likeness& likeness);
  [[nodiscard]] Status group_faces(Draft& draft, const Likeness& likeness);
  [[nodiscard]] Status begin_in_groups(Draft& draft);
  void group_unknown(Draft& draft, std::size_t face, const Likeness& likeness);
  void join_waiting(Draft& draft);
  void set_unknown(Draft& draft, faces::VisitId visit, std::optional<faces::UnknownId> group);
  [[nodiscard]] Result<std::vector<faces::FaceRecord>> grouped_faces(const Draft& draft,
                                                                     const faces::VisitRecord& visit);
  [[nodiscard]] Status leave_group(Draft& draft, faces::VisitId visit);
  [[nodiscard]] Status leave_group(const Draft& draft, faces::UnknownId group, const std::set<faces::FaceId>& left);
  [[nodiscard]] Status correct_visit(Draft& draft, const VisitCorrection& correction);
  [[nodiscard]] Status correct_unknown(Draft& draft, const UnknownCorrection& correction,
                                       const Corrections& corrections);
  [[nodiscard]] Status leave_visit(Draft& draft, const faces::FaceRecord& face);
  [[nodiscard]] Status leave_unknown(Draft& draft, const faces::FaceRecord& face);
  void make_room(Draft& draft);
  void finish(Draft& draft);
  [[nodiscard]] bool is_ignored(const std::optional<faces::UnknownId>& group) const;
  [[nodiscard]] Result<faces::Written> write(Draft& draft);
  void take(Draft& draft);
  void set_gauges();

  faces::FaceStore& store_;
  const KeeperOptions options_;
  const Clock& clock_;
  Logger& logger_;
  KeeperCounters counters_;
  std::mutex mutex_;
  std::map<std::string, Camera> cameras_;  // with visits, or lately
  Unknowns unknowns_;
  FrameGroups frame_groups_;
  std::uint64_t newest_gallery_ = 0;       // FaceRecognizer::number() of the newest that a batch came with
  std::deque<faces::PersonId> forgotten_;  // the last people, the newest at the end
  std::condition_variable changed_;
  bool stopping_ = false;
  std::thread ticker_;  // last: it uses all of the above
};

}  // namespace facepipe::visits
