// The one place where people are changed: by the API, by the two foreign APIs and by the commands. docs/decisions/0025
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/memory_budget.h"
#include "base/result.h"
#include "base/work_limit.h"
#include "detect/detector.h"
#include "faces/face_store.h"
#include "gallery/gallery.h"
#include "image/decode.h"
#include "model/model_pack.h"
#include "people/gallery_file.h"
#include "people/rebuild.h"
#include "people/visit_desk.h"
#include "recognize/gallery_check.h"
#include "recognize/recognizer.h"

namespace facepipe::people {

using faces::ChangeId;
using faces::FaceId;
using faces::PersonId;
using faces::PictureId;
using faces::UnknownId;
using faces::VisitId;

// The recogniser of the gallery as it is now; newer than every change that has returned.
using CurrentRecognizer = std::function<Result<std::shared_ptr<const recognize::FaceRecognizer>>()>;

// What a desk works with, the gallery at least. What is pointed to outlives it.
struct DeskParts {
  GalleryFile gallery;
  // Of the pack; absent: nothing can be enrolled nor the settings changed.
  std::optional<model::Manifest> manifest = {};
  std::optional<model::Preprocessing> new_mode = {};  // of a gallery that is not there yet; absent: the pack's own
  std::optional<double> strangers = {};        // stated for the gallery, in place of its own, by the next enrolment
  const detect::Detector* detector = nullptr;  // null: no picture can be looked at
  CurrentRecognizer recognizer = nullptr;      // empty: likewise
  // The pack's network for cut faces, without people (recognize::CutFaceNetwork): embeds for the gallery's companion.
  // Empty: there is none, and a companion lets go of whoever a picture is added to.
  CurrentRecognizer cut_faces = nullptr;
  faces::FaceStore* store = nullptr;  // null: nothing is kept (--keep none): no pictures, no log, no undo
  VisitDesk* visits = nullptr;        // null: KeptVisits
  image::DecodeOptions decode = {};
  WorkMemory* memory = nullptr;  // that pictures are decoded in; null: as much as they need
  const Clock* clock = nullptr;  // null: the system's
};

// Somebody who is there by the id; by the name somebody who is there, or, where people are added to, somebody new.
using Whom = std::variant<PersonId, std::string>;

struct PersonSummary {
  PersonId id{};
  std::string name;
  std::size_t pictures = 0;                   // that the gallery knows them by
  std::size_t rejected = 0;                   // that are not theirs
  std::optional<Clock::TimePoint> last_seen;  // where visits are kept
  std::optional<PictureId> cover;             // one of their pictures; absent: none is kept
  // Pictures that are likely another's, or there twice (recognize::check_person); absent: not asked, or too dear.
  std::optional<std::size_t> doubtful;
};

// Something that the gallery knows a person by.
struct PersonPicture {
  PictureId id{};
  PersonId person{};
  std::string name;   // the person's
  bool kept = false;  // false: of an older release, or --keep none: an embedding alone, whose id is made of it
  faces::PictureRecord record;  // kept: all of it; else id and person alone
  // Of pictures of one person: how like the person's others it is (recognize::CheckedPicture), and what is wrong with
  // it.
  std::optional<float> likeness;
  std::optional<recognize::Doubt> doubt;  // absent also where finding out is too dear
  std::optional<PersonId> other;          // whom it resembles, or whose picture it is as well
  std::string other_name;
};
enum class PictureOrder {
  kEnrolled,
  kLikeness,  // least like the person's others first; of one person alone
};

// A picture to enrol.
struct PictureToAdd {
  std::string label;  // the file's name, or what it came by; told in the outcome and kept
  ByteView encoded;   // JPEG, PNG or WebP; lives during the call
};
struct AddOptions {
  bool take_largest = false;  // of several faces in a picture; false: such a picture is refused
  bool force = false;         // faces that cannot be told are enrolled all the same
  float min_confidence = 0;   // of the detection: what is below it is no face
  bool only_new = false;      // the name is to be somebody new's: kAlreadyExists of one that is somebody's
};

enum class Refusal {
  kNone,
  kNoPicture,  // cannot be decoded, or is past a limit
  kNoFace,
  kSeveralFaces,
  kCannotBeTold,  // the quality of the face: AddOptions::force takes it
};
// What became of a picture, in the order in which they were given.
struct PictureOutcome {
  std::string label;
  Refusal refusal = Refusal::kNone;  // kNone: it was added
  std::string message;               // of a refusal: what is wrong
  std::optional<PictureId> picture;  // of one that was added
  std::optional<float> quality;      // 0..1, of the face that was looked at
  std::vector<std::string> reasons;  // its flaws (recognize::Flaw): added though it has them, or refused for them
};

// What a change made.
struct Changed {
  std::optional<ChangeId> change;  // its entry in the log, which undo() takes; absent: nothing is kept
  bool undoable = false;           // all of it; false: docs/decisions/0025 says of what
};
struct Added : Changed {
  std::optional<PersonId> person;  // absent: nobody, since every picture was refused
  std::string name;
  bool is_new = false;
  std::vector<PictureOutcome> pictures;
};
struct Assigned : Changed {
  PersonId person{};
  std::string name;
  bool is_new = false;
};

struct Settings {
  std::optional<double> strangers;  // the share of strangers who may get a name; absent: the gallery's own threshold
  float min_quality = 0;            // of a face that gets a name; counts with a share of strangers alone
  std::optional<float> threshold;   // what follows from it: the distance up to which somebody is named
  std::string mode;                 // of the preprocessing
  std::string model_id;
};

// What is absent, or of no class, stays as it is.
struct SettingsChange {
  std::optional<double> strangers = {};   // within (0, 1)
  std::optional<float> min_quality = {};  // within [0, 1)
  faces::RetentionValues retention = {};
};

// What other settings would make of the last faces that are kept with an embedding, against the settings in force: by
// the gallery as it is, whatever was said of the faces.
struct NamingEffect {
  struct Face {
    FaceId face{};
    std::string before;  // the name by the settings in force; empty: none
    std::string after;
  };
  std::size_t faces = 0;         // looked at
  std::size_t named_before = 0;  // of them
  std::size_t named_after = 0;
  std::vector<Face> changed;  // the newest first
  bool complete = true;       // false: the limit was reached, and older ones were not looked at
};

// An entry of the log.
struct ChangeSummary {
  faces::ChangeRecord record;      // `json` as it is kept: opaque
  std::optional<PersonId> person;  // whom it is about
  std::string name;                // as it was afterwards; empty once the person was erased
  std::size_t faces = 0;           // that it touched
  std::size_t pictures = 0;
  bool undoable = false;  // now, as far as can be told without trying
};

// Thread-safe. Every change is one entry of the log and one event or more, written together with all else that it
// changes in the store; the gallery follows in the same call. A crash between the two is made good by the next
// reconcile(). `who` is a token's name or id, "command line", "page": for the log. Looking at pictures, which takes
// long, is done before any lock is taken; the gallery's lock is waited for up to 10 s (kTimeout).
//
// Errors: kNotFound names what is not there (or, of all that needs the store, says that nothing is kept);
// kInvalidArgument for a name that cannot be (gallery::check_new_name); kAlreadyExists for one that is another's;
// kUnsupported where DeskParts lack what is needed; kMismatch for a gallery of another model; kExhausted,
// kUnavailable, kTimeout: try again. After an error nothing has changed.
class PeopleDesk {
 public:
  explicit PeopleDesk(DeskParts parts);
  PeopleDesk(const PeopleDesk&) = delete;
  PeopleDesk& operator=(const PeopleDesk&) = delete;
  ~PeopleDesk();

  // Once, before anything else of this desk: completes a change that a crash cut in two.
  [[nodiscard]] Status reconcile();
  // Now and then: drops pictures that the gallery does not know anybody by and that no change of kUndoTime can bring
  // back. How many. Reads every picture's embedding.
  [[nodiscard]] Result<std::size_t> tidy();
  // How long a picture or a person that was removed can be had back.
  static constexpr std::chrono::hours kUndoTime{7 * 24};

  // --- Questions
  // In the order of their enrolment; `name_part`: whose names contain it, byte for byte; empty: all. `health`: with
  // PersonSummary::doubtful, of as many as can be found out in a second; asking again goes on behind them.
  [[nodiscard]] Result<faces::Page<PersonSummary>> people(std::string_view name_part, const faces::PageRequest& page,
                                                          bool health = false) const;
  [[nodiscard]] Result<PersonSummary> person(const Whom& whom, bool health = false) const;
  // Everybody's, in that order; and whose a name is.
  [[nodiscard]] Result<std::vector<std::string>> names() const;
  [[nodiscard]] Result<PersonId> person_id(const std::string& name) const;
  // Of one person. A cursor is of its order.
  [[nodiscard]] Result<faces::Page<PersonPicture>> pictures(PersonId person, const faces::PageRequest& page,
                                                            PictureOrder order = PictureOrder::kEnrolled) const;
  // Of one or, absent, of everybody in the order of the gallery's people: `limit` of them from the number `first` on,
  // with how many there are in all, and without what is told of a person's pictures alone.
  struct PictureRange {
    std::vector<PersonPicture> pictures;
    std::size_t total = 0;
  };
  [[nodiscard]] Result<PictureRange> pictures_from(const std::optional<PersonId>& person, std::size_t first,
                                                   std::size_t limit) const;
  // One that its person is known by, now.
  [[nodiscard]] Result<PersonPicture> picture(PictureId picture) const;
  // kNotFound also of one that is not kept.
  [[nodiscard]] Result<faces::Crop> picture_crop(PictureId picture) const;
  [[nodiscard]] Result<Settings> settings() const;
  [[nodiscard]] Result<faces::Page<ChangeSummary>> changes(const faces::PageRequest& page) const;

  // --- Enrolment
  // Pictures of one person. Refused ones are told in the outcome and are no error.
  [[nodiscard]] Result<Added> add_pictures(const Whom& whom, std::span<const PictureToAdd> pictures,
                                           const AddOptions& options, std::string_view who,
                                           const WorkLimit& limit = {});
  // Kept faces become pictures of the person; the label is the face's id. kNotFound of one whose crop is gone.
  [[nodiscard]] Result<Added> enrol_faces(const Whom& whom, std::span<const FaceId> faces, const AddOptions& options,
                                          std::string_view who);

  // Pictures whose faces are not this person, however like and of whatever quality: their like are not named so any
  // more, and nothing is enrolled or kept of them but the embedding. Outcomes as of add_pictures, without ids.
  [[nodiscard]] Result<Added> reject_pictures(PersonId person, std::span<const PictureToAdd> pictures,
                                              const AddOptions& options, std::string_view who,
                                              const WorkLimit& limit = {});
  // Becomes the gallery where there is none (kAlreadyExists). Cannot be taken back.
  [[nodiscard]] Result<Changed> import_gallery(gallery::Gallery gallery, std::string_view who);

  // --- Pictures. A person whose last one goes is there no more.
  [[nodiscard]] Result<Changed> remove_picture(PictureId picture, std::string_view who);
  [[nodiscard]] Result<Changed> move_picture(PictureId picture, const Whom& to, std::string_view who);
  // It is not this person, however like: removed, and its like are not named so any more.
  [[nodiscard]] Result<Changed> reject_picture(PictureId picture, std::string_view who);

  // --- People
  [[nodiscard]] Result<Changed> rename(PersonId person, std::string_view name, std::string_view who);
  // `from` is `into` from now on, with pictures, faces and visits.
  [[nodiscard]] Result<Changed> merge(PersonId from, PersonId into, std::string_view who);
  // Named no more. Pictures, faces and visits stay for kUndoTime, or as long as they would have.
  [[nodiscard]] Result<Changed> remove(PersonId person, std::string_view who);
  // Final: all of the person that is kept anywhere is gone when this returns, and what earlier changes could have given
  // back; so is whoever was merged into them. How many records of the store. Somebody who was removed before can be
  // erased by the id.
  [[nodiscard]] Result<std::int64_t> erase(PersonId person, std::string_view who);
  // Nothing is rejected for them any more.
  [[nodiscard]] Result<Changed> forget_rejected(PersonId person, std::string_view who);

  // --- What cameras saw. Saying who somebody is enrols nothing.
  [[nodiscard]] Result<Assigned> assign_faces(std::span<const FaceId> faces, const Whom& whom, std::string_view who);
  [[nodiscard]] Result<Assigned> assign_visit(VisitId visit, const Whom& whom, std::string_view who);
  [[nodiscard]] Result<Assigned> assign_unknown(UnknownId unknown, const Whom& whom, std::string_view who);
  // The face is not whom it was told or said to be: its like are not named so any more, and its visit is nobody's whose
  // name is known. kInvalidArgument of an unknown face.
  [[nodiscard]] Result<Changed> reject_face(FaceId face, std::string_view who);
  [[nodiscard]] Result<Changed> ignore_face(FaceId face, std::string_view who);
  // For good; with `ignored` false seen again.
  [[nodiscard]] Result<Changed> ignore_unknown(UnknownId unknown, bool ignored, std::string_view who);
  [[nodiscard]] Result<Changed> not_a_face(FaceId face, std::string_view who);
  // Nobody has said anything of the face.
  [[nodiscard]] Result<Changed> clear_mark(FaceId face, std::string_view who);

  // --- Settings
  // One change of the log. Without recognition's pack kUnsupported for all but the retention; kNotFound for that where
  // nothing is kept; kMismatch for a class that cannot be changed here (FaceStore::changeable_retention).
  [[nodiscard]] Result<Changed> change_settings(const SettingsChange& change, std::string_view who);
  // Of at most kEffectFaces faces; nothing is changed. kUnsupported without recognition, or where no share of strangers
  // decides; kNotFound where nothing is kept.
  [[nodiscard]] Result<NamingEffect> effect_of(const SettingsChange& change, const WorkLimit& limit = {}) const;
  static constexpr std::size_t kEffectFaces = 500;

  // --- Another network (DeskParts::manifest's, `by` a recogniser of an empty gallery of it): the gallery, with ids,
  // names and the share of strangers, and all that is kept are made anew by it from the pictures. Cannot be taken back.
  // Where it is cut short after the gallery was replaced, kept faces lack embeddings until it is done again. The store
  // is nobody else's meanwhile. kNotFound where nothing is kept, or no picture.
  [[nodiscard]] Result<Rebuilt> rebuild(const recognize::FaceRecognizer& by, const RebuildOptions& options,
                                        std::string_view who);

  // Takes a change back, as far as what it made is still so: what was said or changed since stays. It is a change
  // itself and can be undone likewise. kNotFound for no such change;
  // kInvalidArgument for one that was undone already, or cannot be (an erasure); kMismatch where what it changed has
  // changed since in a way that leaves nothing to take back, saying so.
  [[nodiscard]] Result<Changed> undo(ChangeId change, std::string_view who);

  class Work;  // internal to the module

 private:
  std::unique_ptr<Work> work_;
};

}  // namespace facepipe::people
