// Unknown faces that are alike, in groups: a stranger who comes back is the same one.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "faces/records.h"
#include "visits/corrections.h"
#include "visits/sighting.h"

namespace facepipe::visits {

// A face that may found a group, and move one's middle: the others would blur it.
[[nodiscard]] bool is_good_enough(const Sighting& face);

// Groups of unknown faces in the order in which they come: each face joins the group whose middle is nearest, or founds
// one. Nothing is merged or split afterwards. A search is a pass over the groups. Not thread-safe.
//
// Changes since commit() can be taken back: commit() once they are written, rollback() if they could not be.
class Unknowns {
 public:
  // Past so many groups the one longest unseen is forgotten, of those that are not ignored if there are any: 5,000 of
  // 192 values are 4 MB.
  static constexpr std::size_t kMaxGroups = 5'000;

  explicit Unknowns(std::size_t max_groups = kMaxGroups) : max_groups_(max_groups) {}

  // As they were kept, before anything else.
  void restore(faces::UnknownRecord group);

  // The group whose middle is nearest, of those within `limit` that are not among `except`. Groups of embeddings of
  // another size are passed over.
  [[nodiscard]] std::optional<faces::UnknownId> nearest(std::span<const float> embedding, float limit,
                                                        std::span<const faces::UnknownId> except) const;
  // Counts the face in; a good one (`is_good_enough`) moves the middle where `moves` says so. A best face of before
  // `best_from` is the best no more where this one is newer.
  void join(faces::UnknownId group, const Sighting& face, bool moves, Clock::TimePoint best_from = {});
  // A new group of this face.
  faces::UnknownId found(const Sighting& face);
  // One visit more or less has the group.
  void add_visits(faces::UnknownId group, int visits);
  // So many faces are of the group no more.
  void leave(faces::UnknownId group, int faces);
  // The group is as it is made anew (without_face.h). False if there is no such group.
  [[nodiscard]] bool replace(const faces::UnknownRecord& group);
  // False if there is no such group.
  [[nodiscard]] bool correct(const UnknownCorrection& correction);
  void remove(faces::UnknownId group);
  // Groups that are not ignored and were last seen before `time`, the one longest unseen first.
  [[nodiscard]] std::vector<faces::UnknownId> unseen_since(Clock::TimePoint time) const;
  // One that it knows was never there: whoever keeps the groups has forgotten it. Nothing to be written.
  void forget(faces::UnknownId group) { erase(group); }

  [[nodiscard]] const faces::UnknownRecord* find(faces::UnknownId group) const;
  [[nodiscard]] std::size_t size() const { return groups_.size(); }

  // Since the last commit: groups as they are now, and those that are gone.
  struct Changes {
    std::vector<faces::UnknownRecord> groups;
    std::vector<faces::UnknownId> removed;
  };
  [[nodiscard]] Changes changes() const;
  void commit() { before_.clear(); }
  void rollback();

 private:
  struct Group {
    faces::UnknownRecord record;
    float best_shown = -1;  // of best_face; a restored group takes any new one for better
    Clock::TimePoint best_time = Clock::TimePoint::max();
  };
  Group* change(faces::UnknownId group);
  void insert(Group group);
  void erase(faces::UnknownId group);

  std::size_t max_groups_;
  std::vector<Group> groups_;
  std::unordered_map<faces::UnknownId, std::size_t> places_;           // into groups_
  std::unordered_map<faces::UnknownId, std::optional<Group>> before_;  // as they were; absent: new since
};

}  // namespace facepipe::visits
