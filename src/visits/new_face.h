// A face as the recogniser hands it over, as it is kept and tracked: internal to the module.
#pragma once

#include <deque>

#include "faces/records.h"
#include "recognize/recognizer.h"
#include "stage/recognition/face_keeper.h"
#include "visits/sighting.h"

namespace facepipe::visits {

// Of a message that tells no time, at `now`; in no visit or group yet.
[[nodiscard]] faces::NewFace new_face(const stage::SeenFace& seen, faces::FaceId id,
                                      const recognize::FaceRecognizer& recognizer, Clock::TimePoint now);
// Nobody of `gone` is told any more.
void leave_out(const std::deque<faces::PersonId>& gone, faces::Decision& decision);
// Views the face.
[[nodiscard]] Sighting sighting_of(const faces::NewFace& face);

}  // namespace facepipe::visits
