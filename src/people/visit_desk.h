// The port to whoever keeps visits and groups of unknown faces while a server runs: what it remembers and what is kept
// are changed together.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "faces/face_store.h"

namespace facepipe::people {

// Who a visit is said to be, in place of what the faces say: holds for as long as `corrected_by` is not empty.
struct VisitCorrection {
  faces::VisitId visit{};
  std::optional<faces::PersonId> person;    // absent: nobody whose name is known
  std::string name;                         // of the person; empty without one
  std::optional<faces::UnknownId> unknown;  // without a person: the group of its faces
  std::optional<float> probability;
  std::string corrected_by;  // empty: nobody any more, the faces are heard again

  friend bool operator==(const VisitCorrection&, const VisitCorrection&) = default;
};

// What is said of a group of unknown faces. A group that is somebody's stays, with no faces: faces that come later and
// are alike are in it again.
struct UnknownCorrection {
  faces::UnknownId unknown{};
  int faces = 0;
  int visits = 0;
  std::optional<faces::FaceId> best_face;
  bool ignored = false;

  friend bool operator==(const UnknownCorrection&, const UnknownCorrection&) = default;
};

struct Corrections {
  std::vector<VisitCorrection> visits;
  std::vector<UnknownCorrection> unknowns;
  [[nodiscard]] bool empty() const { return visits.empty() && unknowns.empty(); }
  friend bool operator==(const Corrections&, const Corrections&) = default;
};

// Thread-safe.
class VisitDesk {
 public:
  virtual ~VisitDesk() = default;
  // Writes `batch` and the corrected records together (faces::FaceStore::write), and remembers the corrections from
  // then on. A visit or group that is not there any more is left out. Nothing is changed after an error.
  [[nodiscard]] virtual Result<faces::Written> write(const Corrections& corrections, faces::Batch batch) = 0;
};

// Where nobody follows the cameras: the records as they are kept. The store outlives it.
class KeptVisits final : public VisitDesk {
 public:
  explicit KeptVisits(faces::FaceStore& store) : store_(store) {}
  Result<faces::Written> write(const Corrections& corrections, faces::Batch batch) override;

 private:
  faces::FaceStore& store_;
};

}  // namespace facepipe::people
