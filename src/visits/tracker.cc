// At 1 to 5 frames a second somebody may be anywhere in the next frame, so motion models fail (ByteTrack's and
// FairMOT's authors say so of theirs); a face's embedding does not. Tested by tracker_test.cc.
#include "visits/tracker.h"

#include <algorithm>
#include <set>

#include "base/id.h"
#include "visits/assignment.h"

namespace facepipe::visits {
namespace {

using std::chrono::milliseconds;

// Of faces in another's place (is_anothers_place) so many, for so long, are somebody new.
constexpr int kNewHere = 3;
constexpr milliseconds kNewHereFor{700};

// More than any pair that may be.
constexpr double kNoTrack = 10;
// Visits that are over and still known, for frames that come late.
constexpr std::size_t kMaxOver = 32;
constexpr milliseconds kOverKept{60'000};
constexpr std::size_t kMaxWaiting = 16;

// Of faces of one frame that are told to be one person, the one with the most right to the name.
std::set<std::size_t> rightful(std::span<const Sighting> faces) {
  std::map<faces::PersonId, std::size_t> best;
  for (std::size_t i = 0; i < faces.size(); ++i) {
    if (const auto person = faces[i].decision.person) {
      const auto [entry, added] = best.emplace(*person, i);
      const auto distance = [&](std::size_t face) { return faces[face].decision.distance.value_or(0); };
      if (!added && distance(i) < distance(entry->second)) {
        entry->second = i;
      }
    }
  }
  std::set<std::size_t> rightful;
  for (const auto& [person, face] : best) {
    rightful.insert(face);
  }
  return rightful;
}

}  // namespace

std::vector<std::optional<faces::VisitId>> Tracker::add(std::span<const Sighting> faces, const Likeness& likeness,
                                                        VisitChanges& changes) {
  std::vector<std::optional<faces::VisitId>> visits(faces.size());
  if (faces.empty()) {
    return visits;
  }
  const Clock::TimePoint time = faces.front().time;
  latest_ = time;
  if (time < newest_) {
    ++changes.late_frames;
  } else {
    newest_ = time;
    close(time, changes);
  }
  std::vector<double> costs;
  std::vector<Match> matches;
  for (const Sighting& face : faces) {
    for (const Track& track : tracks_) {
      matches.push_back(match(track, face, likeness));
      costs.push_back(matches.back().cost);
    }
  }
  const std::size_t known = tracks_.size();
  const auto given = assign(costs, faces.size(), known, kNoTrack);
  const std::set<std::size_t> rightful_faces = rightful(faces);
  std::vector<std::optional<faces::VisitId>> ids(faces.size());
  for (std::size_t i = 0; i < faces.size(); ++i) {
    const bool votes = rightful_faces.contains(i);
    if (given[i]) {
      see(*given[i], faces[i], matches[i * known + *given[i]].by_looks, votes && may_vote(*given[i], faces[i]),
          changes);
      ids[i] = tracks_[*given[i]].record.id;
    }
  }
  for (std::size_t i = 0; i < faces.size(); ++i) {
    if (!given[i] && !is_weak(faces[i])) {
      found(faces[i], rightful_faces.contains(i) && may_vote(tracks_.size(), faces[i]), changes);
      ids[i] = tracks_.back().record.id;
    }
  }
  for (std::size_t i = 0; i < faces.size(); ++i) {
    const Track* const track = ids[i] ? find_track(*ids[i]) : nullptr;
    visits[i] = track != nullptr && track->confirmed ? ids[i] : std::nullopt;
  }
  make_room(changes);
  return visits;
}

// Not while another track, which is surely the same person's, is in the face's frame.
bool Tracker::may_vote(std::size_t track, const Sighting& face) const {
  for (std::size_t other = 0; face.decision.person && other < tracks_.size(); ++other) {
    const Candidate* const told = tracks_[other].votes.sure();
    if (other != track && told != nullptr && told->who.person == *face.decision.person &&
        std::ranges::any_of(tracks_[other].places, [&](const Place& at) { return at.frame == face.frame; })) {
      return false;
    }
  }
  return true;
}

void Tracker::found(const Sighting& face, bool votes, VisitChanges& changes) {
  Track& track = tracks_.emplace_back();
  track.record.id = faces::VisitId{random_id()};
  track.record.camera = camera_;
  track.record.first_seen = face.time;
  track.record.last_seen = face.time;
  see(tracks_.size() - 1, face, true, votes, changes);
}

void Tracker::see(std::size_t index, const Sighting& face, bool by_looks, bool votes, VisitChanges& changes) {
  Track& track = tracks_[index];
  faces::VisitRecord& record = track.record;
  const bool resumes = track.over() && face.time > record.last_seen;
  const bool new_frame = remember(track, face, by_looks);
  record.first_seen = std::min(record.first_seen, face.time);
  record.last_seen = std::max(record.last_seen, face.time);
  record.frames += new_frame ? 1 : 0;
  if (by_looks) {
    track.votes.add(face, votes);
  }
  if (const float shows = shown(face); by_looks && shows > track.best_shown) {
    track.best_shown = shows;
    record.best_face = face.face;
    record.reasons = face.reasons;
  }
  if (resumes) {
    if (record.person && record.corrected_by.empty() && track.votes.sure() == nullptr) {
      visits::apply({*record.person, std::nullopt}, record);  // removed since, as follow() found
    }
    record.state = record.person ? faces::VisitState::kNamed : faces::VisitState::kStarted;
  }
  const bool was_confirmed = track.confirmed;
  if (!track.confirmed) {
    if (record.frames == 1) {
      track.in_anothers_place = is_anothers_place(index, face);
    }
    const bool enough = track.in_anothers_place
                            ? record.frames >= kNewHere && record.last_seen - record.first_seen >= kNewHereFor
                            : record.frames >= 2 || is_certain(face);
    if (enough || is_surely_named(face)) {
      confirm(track, changes);
    } else if (track.waiting.size() < kMaxWaiting) {
      track.waiting.push_back(face.face);
    }
  }
  if (!track.confirmed) {
    return;
  }
  // Each tells what the frame made of the visit: whoever is named at once has started with the name.
  const bool named = name(track);
  if (resumes) {
    tell(VisitEvent::kResumed, track, changes);
  }
  if (!was_confirmed) {
    tell(VisitEvent::kStarted, track, changes);
  }
  if (named) {
    tell(VisitEvent::kNamed, track, changes);
  }
  touch(track, changes);
}

bool Tracker::remember(Track& track, const Sighting& face, bool by_looks) {
  const Place place{face.frame, face.time, face.box, by_looks};
  const auto same = std::ranges::find(track.places, face.frame, &Place::frame);
  const bool new_frame = same == track.places.end();
  if (new_frame) {
    track.places.insert(std::ranges::upper_bound(track.places, face.time, {}, &Place::time), place);
  } else {
    *same = place;
  }
  if (track.places.size() > kMaxPlaces) {
    track.places.erase(track.places.begin());
  }
  if (!by_looks) {
    return new_frame;
  }
  track.embeddings.emplace_back(face.embedding.begin(), face.embedding.end());
  if (track.embeddings.size() > kMaxEmbeddings) {
    // The first stays as long as the visit: somebody who comes back looks as they came.
    track.embeddings.erase(track.embeddings.begin() + 1);
  }
  return new_frame;
}

void Tracker::confirm(Track& track, VisitChanges& changes) {
  track.confirmed = true;
  for (const faces::FaceId face : track.waiting) {
    changes.joined.emplace_back(face, track.record.id);
  }
  track.waiting = {};
}

// What the votes say, unless a human said otherwise. True if that is another name.
bool Tracker::name(Track& track) {
  track.record.votes = track.votes.to_json();
  return name_visit(track.votes, track.record);
}

void Tracker::end(Track& track, VisitChanges& changes) {
  track.record.state = faces::VisitState::kEnded;
  tell(VisitEvent::kEnded, track, changes);
  touch(track, changes);
}

// Nobody needs to know of it any more, or it has to be ended.
bool Tracker::is_past(const Track& track, Clock::TimePoint time) const {
  return time - track.record.last_seen > options_.timeout + (track.over() ? kOverKept : milliseconds(0));
}

bool Tracker::is_due(Clock::TimePoint time) const {
  return std::ranges::any_of(tracks_, [&](const Track& track) { return is_past(track, time); });
}

void Tracker::close(Clock::TimePoint time, VisitChanges& changes) {
  std::erase_if(tracks_,
                [&](const Track& track) { return is_past(track, time) && (track.over() || !track.confirmed); });
  for (Track& track : tracks_) {
    if (is_past(track, time)) {
      end(track, changes);
    }
  }
}

void Tracker::set_back(VisitChanges& changes) {
  const auto is_ahead = [this](const Track& track) { return track.record.last_seen > latest_ + options_.timeout; };
  for (Track& track : tracks_) {
    if (is_ahead(track) && track.confirmed && !track.over()) {
      end(track, changes);
    }
  }
  std::erase_if(tracks_, is_ahead);
  newest_ = latest_;
}

void Tracker::close_all(VisitChanges& changes) {
  for (Track& track : tracks_) {
    if (track.confirmed && !track.over()) {
      end(track, changes);
    }
  }
}

// The longest unseen go first.
void Tracker::make_room(VisitChanges& changes) {
  const auto is_over = [](const Track& track) { return track.over(); };
  const auto over = static_cast<std::size_t>(std::ranges::count_if(tracks_, is_over));
  const auto drop = [this](std::size_t count, auto&& which, auto&& before) {
    for (; count > 0; --count) {
      auto oldest = tracks_.end();
      for (auto track = tracks_.begin(); track != tracks_.end(); ++track) {
        if (which(*track) && (oldest == tracks_.end() || track->record.last_seen < oldest->record.last_seen)) {
          oldest = track;
        }
      }
      before(*oldest);
      tracks_.erase(oldest);
    }
  };
  const std::size_t open = tracks_.size() - over;
  drop(
      open > options_.max_visits ? open - options_.max_visits : 0, [](const Track& track) { return !track.over(); },
      [&](Track& track) {
        if (track.confirmed) {
          end(track, changes);
        }
      });
  drop(over > kMaxOver ? over - kMaxOver : 0, is_over, [](Track& /*track*/) {});
}

void Tracker::restore(const OpenVisit& visit) {
  Track& track = tracks_.emplace_back();
  track.record = visit.record;
  track.confirmed = true;
  track.votes = Votes::from_json(visit.record.votes);
  track.embeddings = visit.embeddings;
  track.embeddings.resize(std::min(track.embeddings.size(), kMaxEmbeddings));
  track.best_shown = visit.best_shown;
  track.places.push_back({0, visit.record.last_seen, visit.box});
  newest_ = std::max(newest_, visit.record.last_seen);
  latest_ = newest_;
}

const faces::VisitRecord* Tracker::find(faces::VisitId visit) const {
  const auto found = std::ranges::find(tracks_, visit, [](const Track& track) { return track.record.id; });
  return found == tracks_.end() || !found->confirmed ? nullptr : &found->record;
}

Tracker::Track* Tracker::find_track(faces::VisitId visit) {
  const auto found = std::ranges::find(tracks_, visit, [](const Track& track) { return track.record.id; });
  return found == tracks_.end() ? nullptr : &*found;
}

std::size_t Tracker::open() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(tracks_, [](const Track& track) { return track.confirmed && !track.over(); }));
}

void Tracker::touch(const Track& track, VisitChanges& changes) {
  changes.visits[track.record.id] = track.record;
}

void Tracker::tell(VisitEvent event, const Track& track, VisitChanges& changes) {
  changes.happenings.push_back({event, track.record});
}

}  // namespace facepipe::visits
