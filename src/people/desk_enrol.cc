// Enrolment. Tested by people_desk_test.cc.
#include <algorithm>

#include "base/id.h"
#include "people/desk_work.h"

namespace facepipe::people {
namespace {

constexpr std::string_view kAction = "picture.add";
constexpr std::string_view kEvent = "picture.added";
constexpr std::string_view kNewEvent = "person.added";

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
    decided.cut_embeddings[picture.record.id] = std::move(candidate.cut_embedding);
    picture.crop = std::move(candidate.crop);
    const EmbeddingRef ref{EmbeddingRef::Kind::kPicture, static_cast<std::uint64_t>(picture.record.id)};
    decided.note.forward.gallery.push_back(
        {.kind = GalleryOp::Kind::kAdd, .person = target.id, .name = target.name, .embedding = ref, .number = {}});
    decided.note.back.gallery.push_back(
        {.kind = GalleryOp::Kind::kTake, .person = target.id, .name = {}, .embedding = ref, .number = {}});
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
                        FACEPIPE_ASSIGN(const Target target, find_or_make(gallery, whom));
                        FACEPIPE_TRY(gallery.check_compatible(how.recognizer.gallery().origin()));
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
    return GalleryOp{.kind = GalleryOp::Kind::kStrangers, .person = {}, .name = {}, .embedding = {}, .number = share};
  };
  decided.note.forward.gallery.insert(decided.note.forward.gallery.begin(), op(parts_.strangers));
  decided.note.back.gallery.push_back(op(gallery.strangers()));
  return {};
}

Result<Added> PeopleDesk::add_pictures(const Whom& whom, std::span<const PictureToAdd> pictures,
                                       const AddOptions& options, std::string_view who, const WorkLimit& limit) {
  FACEPIPE_ASSIGN(const auto recognizer, work_->recognizer());
  FACEPIPE_TRY(find_or_make(recognizer->gallery(), whom));  // before the work
  FACEPIPE_ASSIGN(const bool judges, work_->judges(recognizer->gallery()));
  FACEPIPE_ASSIGN(auto cut_faces, work_->cut_faces(recognizer->gallery(), judges));
  const Enrolling how{work_->parts(), *recognizer, std::move(cut_faces), judges, options};
  std::vector<Candidate> candidates;
  for (const PictureToAdd& picture : pictures) {
    FACEPIPE_ASSIGN(Candidate candidate, candidate_of(how, picture, limit));
    candidates.push_back(std::move(candidate));
  }
  return work_->enrol(whom, how, std::move(candidates), who);
}

Result<Added> PeopleDesk::enrol_faces(const Whom& whom, std::span<const FaceId> faces, const AddOptions& options,
                                      std::string_view who) {
  FACEPIPE_ASSIGN(faces::FaceStore* const store, work_->store());
  FACEPIPE_ASSIGN(const auto recognizer, work_->recognizer());
  FACEPIPE_TRY(find_or_make(recognizer->gallery(), whom));
  FACEPIPE_ASSIGN(const bool judges, work_->judges(recognizer->gallery()));
  FACEPIPE_ASSIGN(auto cut_faces, work_->cut_faces(recognizer->gallery(), judges));
  const Enrolling how{work_->parts(), *recognizer, std::move(cut_faces), judges, options};
  std::vector<Candidate> candidates;
  for (const FaceId id : faces) {
    FACEPIPE_ASSIGN(const faces::FaceRecord face, store->face(id));
    FACEPIPE_ASSIGN(faces::Crop crop, store->face_crop(id));
    FACEPIPE_ASSIGN(Candidate candidate, candidate_of(how, face, std::move(crop)));
    candidates.push_back(std::move(candidate));
  }
  return work_->enrol(whom, how, std::move(candidates), who);
}

}  // namespace facepipe::people
