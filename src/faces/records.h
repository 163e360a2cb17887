// What is kept of faces, visits, groups of unknown faces, people's pictures, events and changes: plain data. The store
// behind faces/face_store.h keeps them; docs/formats/face-store.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "gallery/index/person.h"
#include "image/geometry.h"

namespace facepipe::faces {

using gallery::PersonId;

// Ids are never given twice. As text: 16 lower-case hexadecimal characters (faces/ids.h).
enum class FaceId : std::uint64_t {};     // of a face message: face_id_of
enum class VisitId : std::uint64_t {};    // random
enum class UnknownId : std::uint64_t {};  // of a group of unknown faces that are alike: random
enum class PictureId : std::uint64_t {};  // of an enrolled picture: random
// Counts up; what a reader of events has seen.
enum class EventId : std::int64_t {};
// Counts up; of an entry of the audit log.
enum class ChangeId : std::int64_t {};

// Who a face was told to be when it was recognised. Names are as they were then.
struct Decision {
  std::optional<PersonId> person;  // absent: unknown
  std::string name;                // "unknown" without a person
  std::optional<float> distance;
  std::optional<float> threshold;
  std::optional<float> probability;
  std::optional<PersonId> second_person;
  std::string second_name;
  std::optional<float> second_distance;
  std::optional<float> second_probability;
};

// What somebody said of a face afterwards.
enum class Mark {
  kNone,
  kAssigned,  // it is `marked_person`
  kRejected,  // it is not `marked_person`
  kIgnored,   // nobody wants to see it, or its like
  kNoFace,    // it is not a face
};

// An encoded picture with one face in it.
struct Crop {
  Bytes picture;                              // JPEG, PNG or WebP
  std::string media_type;                     // "image/jpeg"
  std::optional<image::Box> box;              // in its pixels
  std::optional<image::Landmarks> landmarks;  // in its pixels
};

// A recognised face of a frame.
struct FaceRecord {
  FaceId id{};
  std::string request_id;
  int face_index = 0;
  int face_count = 1;
  std::string camera;               // may be empty
  Clock::TimePoint time{};          // of the frame
  std::optional<image::Box> box;    // frame pixels
  std::optional<float> confidence;  // of the detection
  std::optional<float> quality;     // recognize::Quality::score
  bool usable = true;               // false: it cannot be told who it is
  std::vector<std::string> reasons;
  Decision decision;
  std::optional<VisitId> visit;
  std::optional<UnknownId> unknown;  // the group that it is in
  Mark mark = Mark::kNone;
  std::optional<PersonId> marked_person;  // of kAssigned and kRejected
  bool has_crop = false;                  // its crop is there; retention takes it before the record
};

// Whose it is, as far as is known now: what somebody said of it counts before what it was told. Who is not the one that
// it was told to be may be said; that nobody wants to see it says nothing of whose it is.
[[nodiscard]] inline std::optional<PersonId> person_of(const FaceRecord& face) {
  switch (face.mark) {
    case Mark::kAssigned:
      return face.marked_person;
    case Mark::kRejected:
      return face.marked_person == face.decision.person ? std::nullopt : face.decision.person;
    case Mark::kNoFace:
      return std::nullopt;
    case Mark::kNone:
    case Mark::kIgnored:
      break;
  }
  return face.decision.person;
}

// A face as it comes to be kept.
struct NewFace {
  FaceRecord record;
  std::vector<float> embedding;  // of the gallery's origin (gallery::GalleryOrigin); unit length
  std::optional<Crop> crop;
};

enum class VisitState {
  kStarted,  // somebody is there, not yet named
  kNamed,
  kEnded,
};

// One stay of somebody in front of a camera.
struct VisitRecord {
  VisitId id{};
  std::string camera;
  VisitState state = VisitState::kStarted;
  std::optional<PersonId> person;
  std::string name;                  // of the person, as it was then; empty without one
  std::optional<UnknownId> unknown;  // without a person: the group of its faces
  std::optional<float> probability;  // that the name is right
  std::optional<PersonId> second_person;
  std::string second_name;
  Clock::TimePoint first_seen{};
  Clock::TimePoint last_seen{};
  int frames = 0;                    // in which a face of it was found
  std::optional<FaceId> best_face;   // the one that shows most
  std::vector<std::string> reasons;  // why there is no name, of the best face
  std::string corrected_by;          // whose correction the person is: a token's name; empty: nobody corrected it
  std::string votes;                 // the tracker's own state of the vote, JSON; opaque to the store
};

// Unknown faces that are alike: a stranger who comes back.
struct UnknownRecord {
  UnknownId id{};
  std::vector<float> centroid;  // unit length
  int faces = 0;
  int visits = 0;
  Clock::TimePoint first_seen{};
  Clock::TimePoint last_seen{};
  std::optional<FaceId> best_face;
  bool ignored = false;  // for good: no events, not shown
};

// A picture that somebody was enrolled with, kept so that the gallery can be shown, corrected and built again.
struct PictureRecord {
  PictureId id{};
  PersonId person{};
  Clock::TimePoint time{};     // of the enrolment
  std::string source;          // the file's name, or what it came by; may be empty
  std::optional<FaceId> face;  // the kept face that it was made of
  std::optional<float> quality;
  std::vector<std::string> reasons;
};

struct NewPicture {
  PictureRecord record;
  std::vector<float> embedding;  // exactly as the gallery holds it
  Crop crop;                     // holds the whole aligned face, so that another pack can embed it
};

// The frame that faces came from, as a small picture. Kept where it is asked for.
struct FramePicture {
  std::string request_id;
  std::string camera;
  Clock::TimePoint time{};
  int width = 0;  // of the frame itself; boxes are in its pixels
  int height = 0;
  Bytes jpeg;
};

// Type of the event and action of the change that say that somebody was erased: by the id alone, without the name. They
// stay when all else goes.
inline constexpr std::string_view kPersonErasedEvent = "person.erased";
inline constexpr std::string_view kPersonEraseAction = "person.erase";

// What happened, for whoever subscribes: the live API, webhooks and what comes later. Never changed once it is stored.
struct NewEvent {
  std::string key;   // 32 hexadecimal characters, random: the same at every sending
  std::string type;  // "visit.started", "visit.named", "visit.ended", "visit.corrected", "person.added", ...
  Clock::TimePoint time{};
  std::string json;  // an object
};
struct Event {
  EventId id{};
  NewEvent what;
};

// One entry of the audit log: who changed what, and how to undo it.
struct NewChange {
  Clock::TimePoint time{};
  std::string who;     // a token's name or id, "command line", "page"
  std::string action;  // "person.rename", "face.assign", ...
  std::string json;    // what it was made of and what undo needs; opaque to the store
};
struct ChangeRecord {
  ChangeId id{};
  NewChange what;
  std::optional<ChangeId> undone_by;  // the change that took it back
};

}  // namespace facepipe::faces
