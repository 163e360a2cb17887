// Who a visit's faces say that it is: a vote over its frames.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "visits/person_change.h"
#include "visits/sighting.h"

namespace facepipe::visits {

// Somebody whom at least one face was told to be.
struct Candidate {
  Named who;
  float weight = 0;                  // the sum of vote_of() of those faces
  std::optional<float> probability;  // the largest of theirs
  int faces = 0;
};

// Of one visit. At most kMaxCandidates candidates: of more the lightest are dropped.
class Votes {
 public:
  static constexpr std::size_t kMaxCandidates = 8;
  static constexpr std::size_t kRecent = 6;

  // Takes the vote of a face that is not weak; somebody who has votes keeps the name that apply() gave them. `counts`:
  // false takes it as an unknown one's, of a face whose name another face of its frame has more right to.
  void add(const Sighting& face, bool counts = true);

  // The heaviest candidate; null without one.
  [[nodiscard]] const Candidate* first() const;
  [[nodiscard]] const Candidate* second() const;
  // first(), once that is sure: one face that is surely named while none of the last kRecent says somebody else, or two
  // of the last kRecent. Somebody who was sure remains so until somebody else is.
  [[nodiscard]] const Candidate* sure() const;
  // That the sure name is right: the candidate's best, less by the share of the others' weight. Absent where no face
  // had a probability.
  [[nodiscard]] std::optional<float> probability() const;

  [[nodiscard]] std::vector<Named> people() const;
  void apply(const PersonChange& change);

  // As JSON text, for VisitRecord::votes, and back; of a text that is none, no votes.
  [[nodiscard]] std::string to_json() const;
  [[nodiscard]] static Votes from_json(std::string_view json);

 private:
  void decide();
  [[nodiscard]] const Candidate* find(faces::PersonId person) const;

  std::vector<Candidate> candidates_;                   // the heaviest first
  std::vector<std::optional<faces::PersonId>> recent_;  // of the last faces, the newest last
  bool surely_named_ = false;                           // one of the heaviest's faces was
  std::optional<faces::PersonId> sure_;
};

// Whom the votes say, as the visit's person, with who comes second. True if that is another one. Nothing changes while
// they are not sure, or where a human has named the visit.
bool name_visit(const Votes& votes, faces::VisitRecord& visit);

}  // namespace facepipe::visits
