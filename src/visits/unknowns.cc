// Tested by unknowns_test.cc; measured by tests/visits/groups.py.
#include "visits/unknowns.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <tuple>
#include <utility>

#include "base/id.h"
#include "gallery/index/distance.h"

namespace facepipe::visits {
namespace {

constexpr float kGoodEnough = 0.4F;
// A group's middle is that of its last faces, more or less: people change.
constexpr int kMemory = 32;

}  // namespace

bool is_good_enough(const Sighting& face) {
  return !is_weak(face) && face.quality.value_or(1) >= kGoodEnough;
}

void Unknowns::restore(faces::UnknownRecord group) {
  if (!places_.contains(group.id)) {
    insert({std::move(group)});
  }
}

std::optional<faces::UnknownId> Unknowns::nearest(std::span<const float> embedding, float limit,
                                                  std::span<const faces::UnknownId> except) const {
  std::optional<faces::UnknownId> best;
  float smallest = limit * limit;
  for (const Group& group : groups_) {
    if (group.record.centroid.size() != embedding.size()) {
      continue;
    }
    const float squared = gallery::squared_distance(group.record.centroid, embedding);
    if (squared <= smallest && std::ranges::find(except, group.record.id) == except.end()) {
      best = group.record.id;
      smallest = squared;
    }
  }
  return best;
}

void Unknowns::join(faces::UnknownId id, const Sighting& face, bool moves, Clock::TimePoint best_from) {
  Group* const group = change(id);
  if (group == nullptr) {
    return;
  }
  faces::UnknownRecord& record = group->record;
  record.first_seen = std::min(record.first_seen, face.time);
  record.last_seen = std::max(record.last_seen, face.time);
  if (moves && is_good_enough(face) && record.centroid.size() == face.embedding.size()) {
    const auto weight = static_cast<float>(std::clamp(record.faces, 1, kMemory));
    double square = 0;
    for (std::size_t i = 0; i < record.centroid.size(); ++i) {
      record.centroid[i] = record.centroid[i] * weight + face.embedding[i];
      square += double{record.centroid[i]} * double{record.centroid[i]};
    }
    const auto length = static_cast<float>(std::sqrt(square));
    if (length > 0) {
      std::ranges::for_each(record.centroid, [length](float& value) { value /= length; });
    }
  }
  record.faces += 1;
  const bool outlasts = group->best_time < best_from && face.time >= best_from;
  if (const float shows = shown(face); shows > group->best_shown || outlasts) {
    group->best_shown = shows;
    group->best_time = face.time;
    record.best_face = face.face;
  }
}

faces::UnknownId Unknowns::found(const Sighting& face) {
  if (groups_.size() >= max_groups_) {
    // Not one that is in use since the last commit: faces that are not written yet are in it. Who is ignored is so for
    // good: they go when there is nobody else.
    const auto oldest = std::ranges::min_element(groups_, {}, [this](const Group& group) {
      const faces::UnknownRecord& record = group.record;
      return std::tuple(before_.contains(record.id), record.ignored, record.last_seen);
    });
    remove(oldest->record.id);
  }
  Group group;
  group.record.id = faces::UnknownId{random_id()};
  group.record.centroid.assign(face.embedding.begin(), face.embedding.end());
  group.record.first_seen = face.time;
  group.record.last_seen = face.time;
  const faces::UnknownId id = group.record.id;
  before_.emplace(id, std::nullopt);
  insert(std::move(group));
  join(id, face, false);
  return id;
}

void Unknowns::add_visits(faces::UnknownId id, int visits) {
  if (Group* const group = change(id)) {
    group->record.visits += visits;
  }
}

void Unknowns::leave(faces::UnknownId id, int faces) {
  if (Group* const group = change(id)) {
    group->record.faces = std::max(group->record.faces - faces, 0);
  }
}

bool Unknowns::correct(const UnknownCorrection& correction) {
  Group* const group = change(correction.unknown);
  if (group != nullptr) {
    apply(correction, group->record);
    group->best_shown = -1;
  }
  return group != nullptr;
}

bool Unknowns::replace(const faces::UnknownRecord& record) {
  Group* const group = change(record.id);
  if (group != nullptr) {
    *group = {record};
  }
  return group != nullptr;
}

void Unknowns::remove(faces::UnknownId id) {
  if (change(id) != nullptr) {
    erase(id);
  }
}

std::vector<faces::UnknownId> Unknowns::unseen_since(Clock::TimePoint time) const {
  std::vector<std::pair<Clock::TimePoint, faces::UnknownId>> past;
  for (const Group& group : groups_) {
    if (!group.record.ignored && group.record.last_seen < time) {
      past.emplace_back(group.record.last_seen, group.record.id);
    }
  }
  std::ranges::sort(past);
  std::vector<faces::UnknownId> ids;
  std::ranges::transform(past, std::back_inserter(ids), [](const auto& one) { return one.second; });
  return ids;
}

const faces::UnknownRecord* Unknowns::find(faces::UnknownId id) const {
  const auto place = places_.find(id);
  return place == places_.end() ? nullptr : &groups_[place->second].record;
}

// The group, which is about to change; null if there is none.
Unknowns::Group* Unknowns::change(faces::UnknownId id) {
  const auto place = places_.find(id);
  if (place == places_.end()) {
    return nullptr;
  }
  Group& group = groups_[place->second];
  before_.emplace(id, group);
  return &group;
}

void Unknowns::insert(Group group) {
  places_[group.record.id] = groups_.size();
  groups_.push_back(std::move(group));
}

void Unknowns::erase(faces::UnknownId id) {
  const std::size_t place = places_.at(id);
  places_.erase(id);
  if (place + 1 < groups_.size()) {
    groups_[place] = std::move(groups_.back());
    places_[groups_[place].record.id] = place;
  }
  groups_.pop_back();
}

Unknowns::Changes Unknowns::changes() const {
  Changes changes;
  for (const auto& [id, before] : before_) {
    if (const faces::UnknownRecord* const now = find(id)) {
      changes.groups.push_back(*now);
    } else if (before) {
      changes.removed.push_back(id);
    }
  }
  return changes;
}

void Unknowns::rollback() {
  for (auto& [id, before] : before_) {
    const auto place = places_.find(id);
    if (!before) {
      if (place != places_.end()) {
        erase(id);
      }
    } else if (place == places_.end()) {
      insert(std::move(*before));
    } else {
      groups_[place->second] = std::move(*before);
    }
  }
  before_.clear();
}

}  // namespace facepipe::visits
