// What is said of visits under way, or erased of them. Tested by tracker_test.cc and keeper_corrections_test.cc.
#include <algorithm>

#include "visits/tracker.h"

namespace facepipe::visits {

bool Tracker::correct(const VisitCorrection& correction, VisitChanges& changes) {
  Track* const track = find_track(correction.visit);
  if (track == nullptr || !track->confirmed) {
    return false;
  }
  const Candidate* const told = track->votes.sure();
  // Else a human's word is taken back, and the votes stand as they are.
  const bool by_votes = track->record.corrected_by.empty() && correction.corrected_by.empty();
  if (by_votes && correction.person && told != nullptr && told->who.person != *correction.person) {
    track->votes.apply({told->who.person, Named{*correction.person, correction.name}});  // merged
    track->record.votes = track->votes.to_json();
  }
  visits::apply(correction, track->record);
  tell(VisitEvent::kCorrected, *track, changes);
  touch(*track, changes);
  return true;
}

void Tracker::follow(const NameOf& name_of, VisitChanges& changes) {
  for (Track& track : tracks_) {
    bool changed = false;
    for (const Named& who : track.votes.people()) {
      const auto name = name_of(who.person);
      if (name == who.name) {
        continue;
      }
      const PersonChange change{who.person, name ? std::optional(Named{who.person, *name}) : std::nullopt};
      track.votes.apply(change);
      changed = true;
      if (track.record.corrected_by.empty() && !track.over()) {
        visits::apply(change, track.record);
      }
    }
    if (changed && track.confirmed) {
      track.record.votes = track.votes.to_json();
      touch(track, changes);
    }
  }
}

void Tracker::set_unknown(faces::VisitId visit, std::optional<faces::UnknownId> group, VisitChanges& changes) {
  if (Track* const track = find_track(visit)) {
    track->record.unknown = group;
    touch(*track, changes);
  }
}

void Tracker::replace(const OpenVisit& visit, VisitChanges& changes) {
  Track* const track = find_track(visit.record.id);
  if (track == nullptr) {
    return;
  }
  track->record = visit.record;
  track->votes = Votes::from_json(visit.record.votes);
  track->embeddings = visit.embeddings;
  track->best_shown = visit.best_shown;
  touch(*track, changes);
}

void Tracker::forget(faces::FaceId face) {
  std::erase_if(tracks_, [face](const Track& track) {
    return !track.confirmed && std::ranges::find(track.waiting, face) != track.waiting.end();
  });
}

void Tracker::forget(faces::VisitId visit) {
  std::erase_if(tracks_, [visit](const Track& track) { return track.record.id == visit; });
}

// Others' visits go on, without a word of them: the records are the store's to mend.
void Tracker::forget(faces::PersonId person) {
  std::erase_if(tracks_, [person](const Track& track) { return track.record.person == person; });
  const PersonChange gone{person, std::nullopt};
  for (Track& track : tracks_) {
    track.votes.apply(gone);
    track.record.votes = track.votes.to_json();
    visits::apply(gone, track.record);
  }
}

void Tracker::forget(faces::UnknownId group) {
  std::erase_if(tracks_, [group](const Track& track) { return track.record.unknown == group; });
}

}  // namespace facepipe::visits
