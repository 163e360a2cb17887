// Faces of one camera to visits. docs/visits.md says how and why.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "faces/records.h"
#include "visits/corrections.h"
#include "visits/likeness.h"
#include "visits/person_change.h"
#include "visits/sighting.h"
#include "visits/votes.h"

namespace facepipe::visits {

// So long unseen, a visit is over.
inline constexpr std::chrono::milliseconds kDefaultVisitTimeout{10'000};

struct TrackerOptions {
  std::chrono::milliseconds timeout = kDefaultVisitTimeout;
  std::size_t max_visits = 64;  // of one camera at once; past it the one longest unseen is ended
};

enum class VisitEvent { kStarted, kNamed, kResumed, kCorrected, kEnded };

// Of one visit, as it was after the frame, or whatever else it was, that this came of.
struct VisitHappening {
  VisitEvent event;
  faces::VisitRecord visit;
};

// What calls of a tracker have changed, to be written. Collects: one for any number of calls.
struct VisitChanges {
  std::map<faces::VisitId, faces::VisitRecord> visits;           // as they are now
  std::vector<VisitHappening> happenings;                        // in order; each visit of one is in `visits`
  std::vector<std::pair<faces::FaceId, faces::VisitId>> joined;  // faces of earlier frames that are now part of one
  int late_frames = 0;                                           // older than another that came before
};

// A visit that was kept, as a start finds it.
struct OpenVisit {
  faces::VisitRecord record;
  std::vector<std::vector<float>> embeddings;  // of its last faces; those of another size are ignored
  std::optional<image::Box> box;               // of the last one
  float best_shown = -1;                       // shown() of its best face, where that is kept
};

// A value: a copy is a tracker of its own. Not thread-safe. Its memory is bounded: max_visits and as many that are
// over, each with kMaxEmbeddings embeddings and kMaxPlaces places.
class Tracker {
 public:
  static constexpr std::size_t kMaxEmbeddings = 6;
  static constexpr std::size_t kMaxPlaces = 16;

  Tracker(std::string camera, const TrackerOptions& options) : camera_(std::move(camera)), options_(options) {}

  // Takes faces of one frame: all of them, or some of them, others of the same frame having come or coming apart.
  // Frames may come in any order: what counts is their time. Returns the visit of each face, in order; none of a face
  // that is part of no visit yet (VisitChanges::joined tells of it later), or never.
  [[nodiscard]] std::vector<std::optional<faces::VisitId>> add(std::span<const Sighting> faces,
                                                               const Likeness& likeness, VisitChanges& changes);
  // Ends the visits that are over at `time` of the frames.
  void close(Clock::TimePoint time, VisitChanges& changes);
  // Whether close(time) would do anything.
  [[nodiscard]] bool is_due(Clock::TimePoint time) const;
  // Whether the frame that came last is so late that whoever it shows would be gone.
  [[nodiscard]] bool is_behind() const { return newest_ - latest_ > options_.timeout; }
  // The clock that tells the times of frames was set back: visits of the time ahead are over and forgotten, and it goes
  // on from the frame that came last.
  void set_back(VisitChanges& changes);
  // Ends all of them.
  void close_all(VisitChanges& changes);
  // Takes up a visit again, in any state but ended.
  void restore(const OpenVisit& visit);

  // What a human says that a visit is; of one that nobody says anything of any more, the faces are heard again. False
  // if it does not know the visit (any more).
  [[nodiscard]] bool correct(const VisitCorrection& correction, VisitChanges& changes);
  // The names of people as they are now: who has none is there no more. Visits that a human has named, and those that
  // are over, stay as they are.
  using NameOf = std::function<std::optional<std::string>(faces::PersonId person)>;
  void follow(const NameOf& name_of, VisitChanges& changes);
  // The group of an unknown's faces; of a visit that it knows.
  void set_unknown(faces::VisitId visit, std::optional<faces::UnknownId> group, VisitChanges& changes);
  // A visit that it knows is as it is made anew (without_face.h); where it was seen stays.
  void replace(const OpenVisit& visit, VisitChanges& changes);
  // A face that may have become part of a visit, with those that were waited with beside it, is forgotten.
  void forget(faces::FaceId face);
  // Nothing is known of the visit any more: it was removed.
  void forget(faces::VisitId visit);
  // Of every visit that is the person's, or whose faces are of the group; and of the person in others' visits.
  void forget(faces::PersonId person);
  void forget(faces::UnknownId group);

  [[nodiscard]] const faces::VisitRecord* find(faces::VisitId visit) const;
  // Visits that are neither over nor still doubtful.
  [[nodiscard]] std::size_t open() const;
  [[nodiscard]] bool empty() const { return tracks_.empty(); }
  // The time of its newest frame.
  [[nodiscard]] Clock::TimePoint newest() const { return newest_; }

 private:
  // Where somebody was seen.
  struct Place {
    std::uint64_t frame = 0;
    Clock::TimePoint time{};
    std::optional<image::Box> box;
    bool by_looks = false;  // else by a weak face, which a better one of the frame may replace
  };
  struct Track {
    faces::VisitRecord record;
    bool confirmed = false;                      // it is a visit; else one more face is waited for
    std::vector<Place> places;                   // by time
    std::vector<std::vector<float>> embeddings;  // the oldest first
    Votes votes;
    float best_shown = -1;
    bool in_anothers_place = false;      // where somebody else was a moment before: it may be theirs, half hidden
    std::vector<faces::FaceId> waiting;  // its faces so far, while it is not confirmed
    [[nodiscard]] bool over() const { return record.state == faces::VisitState::kEnded; }
  };

  // A face beside a track.
  struct Match {
    double cost;    // assignment.h's kNever: it is not this track's
    bool by_looks;  // else for its place alone: it shows that somebody is still there, and nothing else
  };
  [[nodiscard]] Match match(const Track& track, const Sighting& face, const Likeness& likeness) const;
  [[nodiscard]] bool is_anothers_place(std::size_t track, const Sighting& face) const;
  [[nodiscard]] bool is_past(const Track& track, Clock::TimePoint time) const;
  [[nodiscard]] bool in_time(const Track& track, Clock::TimePoint time) const;
  [[nodiscard]] bool may_vote(std::size_t track, const Sighting& face) const;
  [[nodiscard]] Track* find_track(faces::VisitId visit);
  void found(const Sighting& face, bool votes, VisitChanges& changes);
  void see(std::size_t track, const Sighting& face, bool by_looks, bool votes, VisitChanges& changes);
  // False: its frame was one of the track's before.
  [[nodiscard]] static bool remember(Track& track, const Sighting& face, bool by_looks);
  static void confirm(Track& track, VisitChanges& changes);
  [[nodiscard]] static bool name(Track& track);
  static void end(Track& track, VisitChanges& changes);
  void make_room(VisitChanges& changes);
  static void touch(const Track& track, VisitChanges& changes);
  static void tell(VisitEvent event, const Track& track, VisitChanges& changes);

  std::string camera_;
  TrackerOptions options_;
  std::vector<Track> tracks_;
  Clock::TimePoint newest_{};
  Clock::TimePoint latest_{};  // of the frame that came last
};

}  // namespace facepipe::visits
