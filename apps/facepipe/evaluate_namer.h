// The product's answers to the photographs of a roster: enrolled and named as `facepipe people` and `recognize` do it.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "evaluate.h"
#include "evaluate_roster.h"
#include "gallery/known_people.h"
#include "recognize/cut_faces.h"

namespace facepipe::app {

// Of a probe with a face.
struct NamedFace {
  recognize::Identity identity;
  std::string nearest;   // whom it is nearest to, named or not
  float distance = 0;    // to them, as far from the recogniser's threshold as identity.distance is from the face's own
  bool refused = false;  // it cannot be told
  bool cut = false;      // deep: for the pack's network for cut faces, where it has one
};

// Const calls are thread-safe. Roster and photographs outlive it.
class RosterNamer {
 public:
  // Enrols whom the roster says, but what enrolment refuses; with a companion where a probe is cut deep and the pack
  // has a network for that. `photographs`: the roster's, with quality. kInvalidArgument where nobody is enrolled; the
  // networks' errors.
  [[nodiscard]] static Result<RosterNamer> create(const EvaluateOptions& options, const EvaluateModels& models,
                                                  const Roster& roster, const Photographs& photographs);

  [[nodiscard]] const recognize::FaceRecognizer& recognizer() const { return *recognizer_; }
  // Up to which a face that is cut deep is named; absent: always the nearest.
  [[nodiscard]] std::optional<float> threshold_of_cut() const;
  // Photographs that were to be enrolled and cannot be told.
  [[nodiscard]] std::size_t refused() const { return refused_; }
  [[nodiscard]] bool has_companion() const { return !cut_embeddings_.empty(); }
  // Has photograph i a face that was enrolled?
  [[nodiscard]] bool is_enrolled(std::size_t i) const { return enrolled_[i]; }
  // Who photograph i shows, which has a face.
  [[nodiscard]] Result<NamedFace> name(std::size_t i) const;

 private:
  RosterNamer(const Roster& roster, const Photographs& photographs)
      : roster_(&roster), photographs_(&photographs), enrolled_(roster.roles.size()) {}
  [[nodiscard]] bool is_cut(std::size_t i) const;
  [[nodiscard]] Status embed_cut(const EvaluateOptions& options, const EvaluateModels& models,
                                 const recognize::CutFaceNetwork& network);
  [[nodiscard]] Result<gallery::KnownPeople> enrol(const EvaluateModels& models);

  const Roster* roster_;
  const Photographs* photographs_;
  std::vector<bool> enrolled_;
  std::size_t refused_ = 0;
  std::vector<Photograph>
      cut_embeddings_;  // one a photograph, by the network for cut faces; empty: without a companion
  std::optional<recognize::FaceRecognizer> recognizer_;
};

}  // namespace facepipe::app
