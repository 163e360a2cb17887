// A batch of the keeper's under way: internal to the module.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "faces/face_store.h"
#include "visits/sighting.h"
#include "visits/tracker.h"
#include "visits/visit_keeper.h"

namespace facepipe::visits {

// Copies of what it changes; VisitKeeper::write makes them what is so. Groups of unknown faces are changed in place,
// and rolled back by whoever gives the draft up.
struct VisitKeeper::Draft {
  faces::Batch batch;
  std::vector<Sighting> sightings;          // of batch.faces, in order
  std::map<std::string, Tracker> trackers;  // as they will be
  std::set<std::string> framed;             // cameras of which a frame came
  std::vector<std::string> dropped;         // cameras that there is no room for
  VisitChanges changes;
  std::vector<std::pair<std::uint64_t, faces::UnknownId>> frame_groups;
};

}  // namespace facepipe::visits
