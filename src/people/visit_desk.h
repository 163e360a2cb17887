// The port to whoever keeps visits and groups of unknown faces while a server runs: what it remembers and what is kept
// are changed together.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "faces/corrections.h"
#include "faces/face_store.h"

namespace facepipe::people {

using faces::Corrections;
using faces::UnknownCorrection;
using faces::VisitCorrection;

// Thread-safe.
class VisitDesk {
 public:
  virtual ~VisitDesk() = default;
  // Writes `batch` and the corrected records together (faces::FaceStore::write), with the event "visit.corrected" of
  // each visit, and remembers the corrections from then on. A visit or group that is not there any more is left out.
  // Nothing is changed after an error.
  [[nodiscard]] virtual Result<faces::Written> write(const Corrections& corrections, faces::Batch batch) = 0;
  // The person is about to be erased from the store, and is in no gallery any more: nothing of them is remembered, nor
  // written again.
  virtual void forget(faces::PersonId person) = 0;
  // The group, with the visits under way whose faces are in it, is about to be erased from the store: likewise.
  virtual void forget(faces::UnknownId group) = 0;
};

// Where nobody follows the cameras: the records as they are kept. Store and clock outlive it.
class KeptVisits final : public VisitDesk {
 public:
  KeptVisits(faces::FaceStore& store, const Clock& clock) : store_(store), clock_(clock) {}
  Result<faces::Written> write(const Corrections& corrections, faces::Batch batch) override;
  void forget(faces::PersonId /*person*/) override {}
  void forget(faces::UnknownId /*group*/) override {}

 private:
  faces::FaceStore& store_;
  const Clock& clock_;
};

}  // namespace facepipe::people
