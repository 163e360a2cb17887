// What the parts of PeopleDesk share: internal to the module.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/file_lock.h"
#include "base/json_writer.h"
#include "faces/pages.h"
#include "people/edit.h"
#include "people/enrolment.h"
#include "people/gallery_ops.h"
#include "people/people_desk.h"
#include "people/picture_health.h"

namespace facepipe::people {

// That a change brings: by the gallery's network and, if it is to be had, by the one for cut faces.
struct FreshEmbedding {
  embed::Embedding own;
  embed::Embedding cut;
};

// A change, decided and not made.
struct Decided {
  std::string action;  // of the log, and the type of the event: "person.rename"
  std::string event;   // "person.renamed"
  ChangeNote note;
  std::vector<faces::NewPicture> pictures;                               // new ones
  std::map<EmbeddingRef, FreshEmbedding> fresh;                          // theirs, and of pictures that are rejected
  std::vector<faces::PictureId> dropped;                                 // for good
  std::vector<std::pair<faces::PictureId, std::vector<float>>> renewed;  // embeddings by another network (rebuild.h)
  std::vector<std::pair<std::string, std::string>> more;  // fields of the event beside the person: key and text
  std::optional<ChangeId> undoes;
};

[[nodiscard]] Error nothing_kept();

// NewChange::action of PeopleDesk::merge.
inline constexpr std::string_view kMergeAction = "person.merge";

class PeopleDesk::Work {
 public:
  explicit Work(DeskParts parts);

  [[nodiscard]] const DeskParts& parts() const { return parts_; }
  [[nodiscard]] Clock::TimePoint now() const { return clock_.now(); }
  // kNotFound where nothing is kept.
  [[nodiscard]] Result<faces::FaceStore*> store() const;
  // The gallery as it is, for questions; an empty one where there is none.
  [[nodiscard]] Result<std::shared_ptr<const gallery::Gallery>> read() const;
  [[nodiscard]] Result<std::shared_ptr<const recognize::FaceRecognizer>> recognizer() const;
  // What pictures are looked at with. kUnsupported without the parts.
  [[nodiscard]] Result<Enrolling> enrolling(const AddOptions& options) const;
  [[nodiscard]] Result<bool> judges(const gallery::Gallery& gallery) const;
  // DeskParts::cut_faces, where the gallery has a companion or begins one; null where not.
  [[nodiscard]] Result<std::shared_ptr<const recognize::FaceRecognizer>> cut_faces(const gallery::Gallery& gallery,
                                                                                   bool judges) const;

  // The gallery's. kTimeout.
  [[nodiscard]] Result<FileLock> lock() const;
  // Under the gallery's lock: decides by the gallery as it is, and does it.
  using Decide = std::function<Result<Decided>(const gallery::Gallery& gallery)>;
  [[nodiscard]] Result<Changed> change(const Decide& decide, std::string_view who);
  // Of what is kept alone: the gallery is not looked at.
  [[nodiscard]] Result<Changed> change_kept(const Decided& decided, std::string_view who);
  // Embeds the candidates and makes those that are not refused the person's.
  [[nodiscard]] Result<Added> enrol(const Whom& whom, const Enrolling& how, std::vector<Candidate> candidates,
                                    std::string_view who);
  // Faces and visits are said to be one person's, who is enrolled by the best of them if new.
  [[nodiscard]] Result<Assigned> assign(const std::vector<faces::FaceRecord>& faces, const std::set<VisitId>& visits,
                                        const Whom& whom, std::string_view action, std::string_view who);
  [[nodiscard]] Result<Changed> mark(FaceId face, faces::Mark mark, std::string_view action, std::string_view event,
                                     std::string_view who);
  // Of an erasure, by which nothing is left to take back: the log's entry, the gallery, the store. How many records.
  [[nodiscard]] Result<std::int64_t> erase(PersonId person, std::string_view who);
  [[nodiscard]] Status reconcile();
  // In the place of the gallery that there is, or of none, for whoever holds its lock. `decided` says the rest of the
  // change, which cannot be taken back.
  [[nodiscard]] Result<Changed> replace(const gallery::KnownPeople& people, Decided decided, std::string_view who);
  [[nodiscard]] Result<Rebuilt> rebuild(const recognize::FaceRecognizer& by, const RebuildOptions& options,
                                        std::string_view who);

  // How each row of a person came: by a kept picture, or as an embedding alone.
  struct Row {
    std::size_t row = 0;
    std::uint64_t print = 0;
    std::optional<faces::PictureRecord> picture;
    [[nodiscard]] EmbeddingRef ref() const;
  };
  [[nodiscard]] Result<std::vector<Row>> rows(const gallery::Gallery& gallery, PersonId person,
                                              const std::vector<std::size_t>& rows) const;
  [[nodiscard]] Result<std::vector<Row>> rows(const gallery::Gallery& gallery, PersonId person) const;
  // Of a picture by its id, with its person. kNotFound of one that nobody is known by.
  [[nodiscard]] Result<std::pair<PersonId, Row>> find_picture(const gallery::Gallery& gallery, PictureId picture) const;
  // Of the person at that place of the gallery, whose rows these are.
  [[nodiscard]] Result<std::shared_ptr<const PictureHealth::Found>> health(
      const std::shared_ptr<const gallery::Gallery>& gallery, std::size_t person, std::span<const std::size_t> rows,
      HealthWork& work) const;
  // Of what is kept, and what `decided` brings.
  [[nodiscard]] FindEmbedding finder(const Decided* decided = nullptr) const;

 private:
  [[nodiscard]] Result<std::vector<Candidate>> best_of(const Enrolling& how,
                                                       std::vector<faces::FaceRecord> faces) const;
  [[nodiscard]] Status state_strangers(const gallery::Gallery& gallery, Decided& decided) const;
  // A new one where there is no file.
  [[nodiscard]] Result<gallery::Gallery> load(Result<gallery::Gallery> loaded) const;
  [[nodiscard]] Result<gallery::KnownPeople> load_to_edit() const;
  // The operations, by the gallery and its companion; people whom the companion lacks come back to it where that is
  // possible. As people::apply.
  [[nodiscard]] Result<std::size_t> apply_to(gallery::KnownPeople& people, const Decided& decided, Apply how) const;
  [[nodiscard]] FindCutEmbedding cut_finder(const gallery::KnownPeople& people, const Decided& decided) const;
  [[nodiscard]] Status accompany(gallery::KnownPeople& people, const FindCutEmbedding& find_cut) const;
  [[nodiscard]] Status remove_from_gallery(PersonId person);
  // All of it but the log's entry; may be done again.
  [[nodiscard]] Result<std::int64_t> erase_everywhere(PersonId person);
  [[nodiscard]] Result<Changed> make(Decided decided, gallery::KnownPeople& people, std::string_view who);
  [[nodiscard]] Result<faces::Written> write(const Decided& decided, std::string_view who);
  [[nodiscard]] Status take_back(const Decided& decided, ChangeId change);
  // False: the change did not touch the gallery, so that one before it may be half done.
  [[nodiscard]] Result<bool> complete(const faces::ChangeRecord& change);
  [[nodiscard]] Status complete_last();

  const DeskParts parts_;
  const Clock& clock_;
  std::optional<KeptVisits> kept_visits_;
  VisitDesk* visits_ = nullptr;
  mutable PictureHealth health_;
  std::atomic<bool> unfinished_ = false;  // the gallery's last change is in the log and could not be made
};

// Somebody who is there, by id or name. kNotFound.
[[nodiscard]] Result<std::size_t> find_person(const gallery::Gallery& gallery, const Whom& whom);
// The same; of a name that nobody has, whom it will be (kInvalidArgument for a name that cannot be).
struct Target {
  PersonId id{};
  std::string name;
  bool is_new = false;
};
[[nodiscard]] Result<Target> find_or_make(const gallery::Gallery& gallery, const Whom& whom);

// The faces that one change touches, the newest first: more are left as they are.
inline constexpr std::size_t kMostFaces = 10'000;

// What enrolment adds to a decision: pictures, rows and what takes them back. `add_candidates` fills outcomes' ids.
void add_candidates(const Target& target, Clock::TimePoint now, bool keeps, std::vector<Candidate>& candidates,
                    Decided& decided);

// In the middle where nobody looked at it.
[[nodiscard]] float quality_of(const faces::FaceRecord& face);

// What would leave a record as it is.
[[nodiscard]] VisitCorrection as_it_is(const faces::VisitRecord& visit);
[[nodiscard]] UnknownCorrection as_it_is(const faces::UnknownRecord& unknown);

// Nothing: it is not kept any more.
template <typename Record>
[[nodiscard]] Result<std::optional<Record>> if_there(Result<Record> found) {
  if (found) {
    return std::optional<Record>(*std::move(found));
  }
  return found.error().code == ErrorCode::kNotFound ? Result<std::optional<Record>>(std::optional<Record>())
                                                    : Result<std::optional<Record>>(found.error());
}

// Records that are said to be the target's, with visits and groups. What is there already is left out.
class Saying {
 public:
  Saying(faces::FaceStore& store, std::string_view who) : store_(store), who_(who) {}
  void mark(const faces::FaceRecord& face, faces::Mark mark, std::optional<PersonId> person, bool leaves_group);
  // The visit is that person's, or nobody's.
  [[nodiscard]] Status correct(VisitId visit, const std::optional<Target>& person);
  // So many faces, those that are marked to, and visits have left the group.
  [[nodiscard]] Status leave_group(UnknownId unknown, int faces, int visits);
  [[nodiscard]] Status ignore_group(UnknownId unknown, bool ignored);
  // All that is `from`'s.
  [[nodiscard]] Status becomes(PersonId from, const Target& into);
  Edit forward;
  Edit back;

 private:
  [[nodiscard]] Result<std::optional<FaceId>> best_left(UnknownId group, FaceId best_so_far) const;
  faces::FaceStore& store_;
  std::string who_;
};

}  // namespace facepipe::people
