// Tested by without_face_test.cc.
#include "visits/without_face.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "faces/pages.h"
#include "visits/recovery.h"
#include "visits/unknowns.h"

namespace facepipe::visits {
namespace {

using faces::FaceRecord;

// The others, the oldest first; by the index that the filter has.
Result<std::vector<FaceRecord>> others(faces::FaceStore& store, const faces::FaceFilter& filter,
                                       faces::FaceId without) {
  FACEPIPE_ASSIGN(
      auto found,
      faces::all_of<FaceRecord>([&](const faces::PageRequest& page) { return store.faces(filter, page); }, kMostHeard));
  std::erase_if(found, [without](const FaceRecord& face) { return face.id == without; });
  std::ranges::reverse(found);
  return found;
}

// As it was recognised, or said to be afterwards.
Sighting sighting_of(const FaceRecord& face) {
  Sighting sighting{.face = face.id,
                    .frame = 0,
                    .time = face.time,
                    .box = face.box,
                    .confidence = face.confidence,
                    .quality = face.quality,
                    .usable = face.usable,
                    .reasons = face.reasons,
                    .embedding = {},
                    .decision = face.decision};
  sighting.decision.person = person_of(face);
  return sighting;
}

// Whose name did not count then (Votes::add) is no candidate, and does not count now.
Votes hear(const std::vector<FaceRecord>& faces, const Votes& before) {
  const std::vector<Named> candidates = before.people();
  Votes votes;
  for (const FaceRecord& face : faces) {
    Sighting sighting = sighting_of(face);
    const auto named =
        std::ranges::find_if(candidates, [&](const Named& one) { return one.person == sighting.decision.person; });
    if (named != candidates.end()) {
      sighting.decision.name = named->name;
    }
    if (!is_weak(sighting)) {
      votes.add(sighting, named != candidates.end());
    }
  }
  return votes;
}

// The one that shows most.
const FaceRecord* best_of(const std::vector<FaceRecord>& faces) {
  const FaceRecord* best = nullptr;
  for (const FaceRecord& face : faces) {
    if (face.has_crop && (best == nullptr || shown(sighting_of(face)) > shown(sighting_of(*best)))) {
      best = &face;
    }
  }
  return best;
}

// A border of its time that only the one stood for.
void narrow(const FaceRecord& face, const std::vector<FaceRecord>& left, Clock::TimePoint& first,
            Clock::TimePoint& last) {
  if (face.time <= first) {
    first = left.front().time;
  }
  if (face.time >= last) {
    last = left.back().time;
  }
}

// The mean of the good ones that are kept; as it was where there is none.
Status move_middle(faces::FaceStore& store, const std::vector<FaceRecord>& faces, std::vector<float>& middle) {
  std::vector<double> sum(middle.size());
  for (const FaceRecord& face : faces) {
    if (!is_good_enough(sighting_of(face))) {
      continue;
    }
    auto embedding = store.face_embedding(face.id);
    if (!embedding && embedding.error().code != ErrorCode::kNotFound) {
      return std::move(embedding).error();
    }
    for (std::size_t i = 0; embedding && embedding->size() == sum.size() && i < sum.size(); ++i) {
      sum[i] += double{(*embedding)[i]};
    }
  }
  double square = 0;
  std::ranges::for_each(sum, [&square](double value) { square += value * value; });
  if (square > 0) {
    std::ranges::transform(sum, middle.begin(),
                           [square](double value) { return static_cast<float>(value / std::sqrt(square)); });
  }
  return {};
}

}  // namespace

Result<std::optional<OpenVisit>> without_face(faces::FaceStore& store, const FaceRecord& face,
                                              const faces::VisitRecord& visit) {
  faces::FaceFilter of_visit;
  of_visit.visit = visit.id;
  FACEPIPE_ASSIGN(const auto left, others(store, of_visit, face.id));
  if (left.empty()) {
    return std::optional<OpenVisit>();
  }
  OpenVisit open;
  open.record = visit;
  faces::VisitRecord& record = open.record;
  const Votes votes = hear(left, Votes::from_json(record.votes));
  record.votes = votes.to_json();
  // A weak face and a better one of its frame, which came in another batch, are of one frame.
  const bool frame_stays = std::ranges::find(left, face.time, &FaceRecord::time) != left.end();
  record.frames = std::max(record.frames - (frame_stays ? 0 : 1), 1);
  narrow(face, left, record.first_seen, record.last_seen);
  const FaceRecord* const best = best_of(left);
  if (record.best_face == face.id) {
    record.best_face = best != nullptr ? std::optional(best->id) : std::nullopt;
  }
  const auto shows =
      std::ranges::find(left, record.best_face, [](const FaceRecord& one) { return std::optional(one.id); });
  open.best_shown = shows != left.end() ? shown(sighting_of(*shows)) : -1;
  if (record.corrected_by.empty()) {
    record.person.reset();
    record.name.clear();
    record.probability.reset();
    record.second_person.reset();
    record.second_name.clear();
    record.reasons = best != nullptr ? best->reasons : std::vector<std::string>();
    if (record.state == faces::VisitState::kNamed) {
      record.state = faces::VisitState::kStarted;
    }
    static_cast<void>(name_visit(votes, record));
  }
  open.box = left.back().box;
  FACEPIPE_ASSIGN(open.embeddings, last_embeddings(store, left));
  return std::optional(std::move(open));
}

Result<std::optional<faces::UnknownRecord>> without_face(faces::FaceStore& store, const FaceRecord& face,
                                                         const faces::UnknownRecord& group) {
  faces::FaceFilter of_group;
  of_group.unknown = group.id;
  FACEPIPE_ASSIGN(const auto left, others(store, of_group, face.id));
  if (left.empty() && !group.ignored) {
    return std::optional<faces::UnknownRecord>();
  }
  faces::UnknownRecord record = group;
  record.faces = std::max(record.faces - 1, 0);
  if (record.best_face == face.id) {
    const FaceRecord* const best = best_of(left);
    record.best_face = best != nullptr ? std::optional(best->id) : std::nullopt;
  }
  if (!left.empty()) {
    narrow(face, left, record.first_seen, record.last_seen);
    FACEPIPE_TRY(move_middle(store, left, record.centroid));
  }
  return std::optional(std::move(record));
}

Result<std::optional<faces::FaceId>> best_face_without(faces::FaceStore& store, faces::UnknownId group,
                                                       const std::set<faces::FaceId>& gone,
                                                       std::vector<FaceRecord> fresh) {
  faces::FaceFilter of_group;
  of_group.unknown = group;
  FACEPIPE_ASSIGN(std::vector<FaceRecord> left,
                  faces::all_of<FaceRecord>([&](const faces::PageRequest& page) { return store.faces(of_group, page); },
                                            kMostHeard));
  std::erase_if(left, [&gone](const FaceRecord& face) { return gone.contains(face.id); });
  std::ranges::move(fresh, std::back_inserter(left));
  const FaceRecord* const best = best_of(left);
  return best != nullptr ? std::optional(best->id) : std::nullopt;
}

}  // namespace facepipe::visits
