// From a picture to what is enrolled of it: internal to the module.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/work_limit.h"
#include "faces/records.h"
#include "people/people_desk.h"
#include "recognize/naming.h"
#include "recognize/probe.h"
#include "recognize/recognizer.h"

namespace facepipe::people {

// A face on its way into the gallery. Of a refused one only the outcome counts.
struct Candidate {
  PictureOutcome outcome;
  recognize::Probe input;  // of the network's size
  faces::Crop crop;
  std::optional<faces::FaceId> face;  // the kept one that it is
  embed::Embedding embedding;         // after embed_candidates
  recognize::Quality quality;         // where it is judged
  // The same by the network for cut faces, where Enrolling has it.
  recognize::Probe cut_input;
  embed::Embedding cut_embedding;
};

// What faces are looked at with.
struct Enrolling {
  const DeskParts& parts;
  std::shared_ptr<const recognize::FaceRecognizer> recognizer;
  std::shared_ptr<const recognize::FaceRecognizer> cut_faces;  // null: the gallery has no companion to embed for
  bool judges = false;                                         // the gallery has a rule that refuses faces
  AddOptions options;
};

// A kept crop, as it is looked at.
[[nodiscard]] Result<recognize::Probe> probe_of(const faces::Crop& crop, const image::DecodeLimits& limits);

// Errors are the detector's and the limit's; what is wrong with the picture is the outcome's.
[[nodiscard]] Result<Candidate> candidate_of(const Enrolling& how, const PictureToAdd& picture, const WorkLimit& limit);
// Of a kept face.
[[nodiscard]] Result<Candidate> candidate_of(const Enrolling& how, const faces::FaceRecord& face, faces::Crop crop);
// Of those that are not refused; what the network says of them may refuse them, too. The networks' errors.
[[nodiscard]] Status embed_candidates(const Enrolling& how, std::vector<Candidate>& candidates);

}  // namespace facepipe::people
