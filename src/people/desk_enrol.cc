// Enrolment. Tested by people_desk_test.cc.
#include <algorithm>

#include "base/id.h"
#include "people/desk_work.h"

namespace facepipe::people {
namespace {

constexpr std::string_view kAction = "picture.add";
constexpr std::string_view kEvent = "picture.added";
constexpr std::string_view kNewEvent = "person.added";

// Pictures from outside.
Result<std::vector<Candidate>> candidates_of(const Enrolling& how, std::span<const PictureToAdd> pictures,
                                             const WorkLimit& limit) {
  std::vector<Candidate> candidates;
  for (const PictureToAdd& picture : pictures) {
    FACEPIPE_ASSIGN(Candidate candidate, candidate_of(how, picture, limit));
    candidates.push_back(std::move(candidate));
  }
  return candidates;
}

// Of what is rejected nothing is kept but the embedding, in the gallery. So a change that is cut short between the log
// and the gallery cannot be completed: the log has it, and there is nothing to take back.
Decided decide_rejection(const Target& person, const gallery::Gallery& gallery, std::vector<Candidate>& candidates) {
  Decided decided;
  decided.action = "picture.reject";
  decided.event = "picture.rejected";
  decided.note.person = person.id;
  decided.note.name = person.name;
  for (Candidate& candidate : candidates) {
    if (candidate.outcome.refusal != Refusal::kNone) {
      continue;
    }
    decided.note.pictures += 1;
    const std::span<const std::vector<float>> before = gallery.rejected(person.id);
    if (std::ranges::find(before, candidate.embedding) != before.end()) {
      continue;
    }
    const EmbeddingRef ref{EmbeddingRef::Kind::kRow, print_of(candidate.embedding)};
    const auto op = [&](GalleryOp::Kind kind) {
      return GalleryOp{.kind = kind, .person = person.id, .embedding = ref};
    };
    decided.note.forward.gallery.push_back(op(GalleryOp::Kind::kReject));
    decided.note.back.gallery.push_back(op(GalleryOp::Kind::kUnreject));
    decided.fresh[ref] = {std::move(candidate.embedding), std::move(candidate.cut_embedding)};
  }
  decided.more.emplace_back("pictures", std::to_string(decided.note.pictures));
  return decided;
}

// Before the work, and again when it is done: somebody else may have been quicker.
Result<Target> target_of(const gallery::Gallery& gallery, const Whom& whom, const AddOptions& options) {
  FACEPIPE_ASSIGN(Target target, find_or_make(gallery, whom));
  if (options.only_new && !target.is_new) {
    return Error{ErrorCode::kAlreadyExists,
                 "there is somebody of that name already: add pictures to them, or choose another name"};
  }
  return target;
}

}  // namespace

void add_candidates(const Target& target, Clock::TimePoint now, bool keeps, std::vector<Candidate>& candidates,
                    Decided& decided) {
  decided.note.person = target.id;
  decided.note.name = target.name;
  for (Candidate& candidate : candidates) {
    if (candidate.outcome.refusal != Refusal::kNone) {
      continue;
    }
    faces::NewPicture picture;
    picture.record.id = PictureId{random_id()};
    picture.record.person = target.id;
    picture.record.time = now;
    picture.record.source = candidate.outcome.label;
    picture.record.face = candidate.face;
    picture.record.quality = candidate.outcome.quality;
    picture.record.reasons = candidate.outcome.reasons;
    picture.embedding = candidate.embedding;
    picture.crop = std::move(candidate.crop);
    const EmbeddingRef ref{EmbeddingRef::Kind::kPicture, static_cast<std::uint64_t>(picture.record.id)};
    decided.fresh[ref] = {std::move(candidate.embedding), std::move(candidate.cut_embedding)};
    decided.note.forward.gallery.push_back(
        {.kind = GalleryOp::Kind::kAdd, .person = target.id, .name = target.name, .embedding = ref});
    decided.note.back.gallery.push_back({.kind = GalleryOp::Kind::kTake, .person = target.id, .embedding = ref});
    candidate.outcome.picture = keeps ? picture.record.id : PictureId{print_of(picture.embedding)};
    decided.pictures.push_back(std::move(picture));
    decided.note.pictures += 1;
  }
}

Result<Added> PeopleDesk::Work::enrol(const Whom& whom, const Enrolling& how, std::vector<Candidate> candidates,
                                      std::string_view who) {
  FACEPIPE_TRY(embed_candidates(how, candidates));
  Added added;
  FACEPIPE_ASSIGN(const Changed changed,
                  change(
                      [&](const gallery::Gallery& gallery) -> Result<Decided> {
                        FACEPIPE_ASSIGN(const Target target, target_of(gallery, whom, how.options));
                        FACEPIPE_TRY(gallery.check_compatible(how.recognizer->gallery().origin()));
                        Decided decided;
                        decided.action = kAction;
                        decided.event = target.is_new ? kNewEvent : kEvent;
                        add_candidates(target, now(), parts_.store != nullptr, candidates, decided);
                        if (!decided.note.forward.gallery.empty()) {
                          added.person = target.id;
                          added.is_new = target.is_new;
                          FACEPIPE_TRY(state_strangers(gallery, decided));
                        }
                        added.name = target.name;
                        decided.more.emplace_back("pictures", std::to_string(decided.note.pictures));
                        return decided;
                      },
                      who));
  static_cast<Changed&>(added) = changed;
  for (Candidate& candidate : candidates) {
    added.pictures.push_back(std::move(candidate.outcome));
  }
  return added;
}

// With the first enrolment that comes.
Status PeopleDesk::Work::state_strangers(const gallery::Gallery& gallery, Decided& decided) const {
  if (!parts_.strangers || parts_.strangers == gallery.strangers()) {
    return {};
  }
  gallery::Gallery tried(gallery.origin());
  FACEPIPE_TRY(recognize::set_strangers(tried, *parts_.manifest, *parts_.strangers));
  const auto op = [](const std::optional<double>& share) {
    return GalleryOp{.kind = GalleryOp::Kind::kStrangers, .number = share};
  };
  decided.note.forward.gallery.insert(decided.note.forward.gallery.begin(), op(parts_.strangers));
  decided.note.back.gallery.push_back(op(gallery.strangers()));
  return {};
}

Result<Added> PeopleDesk::add_pictures(const Whom& whom, std::span<const PictureToAdd> pictures,
                                       const AddOptions& options, std::string_view who, const WorkLimit& limit) {
  FACEPIPE_ASSIGN(const Enrolling how, work_->enrolling(options));
  FACEPIPE_TRY(target_of(how.recognizer->gallery(), whom, options));
  FACEPIPE_ASSIGN(std::vector<Candidate> candidates, candidates_of(how, pictures, limit));
  return work_->enrol(whom, how, std::move(candidates), who);
}

Result<Added> PeopleDesk::enrol_faces(const Whom& whom, std::span<const FaceId> faces, const AddOptions& options,
                                      std::string_view who) {
  FACEPIPE_ASSIGN(faces::FaceStore* const store, work_->store());
  FACEPIPE_ASSIGN(const Enrolling how, work_->enrolling(options));
  FACEPIPE_TRY(target_of(how.recognizer->gallery(), whom, options));
  std::vector<Candidate> candidates;
  for (const FaceId id : faces) {
    FACEPIPE_ASSIGN(const faces::FaceRecord face, store->face(id));
    FACEPIPE_ASSIGN(faces::Crop crop, store->face_crop(id));
    FACEPIPE_ASSIGN(Candidate candidate, candidate_of(how, face, std::move(crop)));
    candidates.push_back(std::move(candidate));
  }
  return work_->enrol(whom, how, std::move(candidates), who);
}

Result<Added> PeopleDesk::reject_pictures(PersonId person, std::span<const PictureToAdd> pictures,
                                          const AddOptions& options, std::string_view who, const WorkLimit& limit) {
  AddOptions whatever = options;
  whatever.force = true;  // a face that cannot be told can be taken for somebody all the same
  FACEPIPE_ASSIGN(const Enrolling how, work_->enrolling(whatever));
  FACEPIPE_TRY(find_person(how.recognizer->gallery(), person));
  FACEPIPE_ASSIGN(std::vector<Candidate> candidates, candidates_of(how, pictures, limit));
  FACEPIPE_TRY(embed_candidates(how, candidates));
  Added rejected;
  FACEPIPE_ASSIGN(static_cast<Changed&>(rejected),
                  work_->change(
                      [&](const gallery::Gallery& gallery) -> Result<Decided> {
                        FACEPIPE_ASSIGN(const std::size_t found, find_person(gallery, person));
                        FACEPIPE_TRY(gallery.check_compatible(how.recognizer->gallery().origin()));
                        rejected.name = gallery.people()[found].name;
                        Decided decided = decide_rejection({person, rejected.name, false}, gallery, candidates);
                        if (decided.note.pictures > 0) {
                          rejected.person = person;
                        }
                        return decided;
                      },
                      who));
  for (Candidate& candidate : candidates) {
    rejected.pictures.push_back(std::move(candidate.outcome));
  }
  return rejected;
}

}  // namespace facepipe::people
