// Tested by tests/e2e/test_evaluate.py.
#include "evaluate_namer.h"

#include <memory>
#include <utility>

#include "recognize/naming.h"

namespace facepipe::app {
namespace {

// The gallery's file in memory: galleries are not copied.
Result<gallery::Gallery> copy_of(const gallery::Gallery& gallery) {
  return gallery::gallery_from_bytes(gallery::gallery_to_bytes(gallery));
}

// What is known of the face when the network has told its norm.
recognize::Quality quality_of(const Photograph& photograph, std::optional<float> norm,
                              const recognize::NamingRule& rule) {
  recognize::Quality quality = *photograph.quality;
  recognize::add_norm(norm, rule.norm, quality);
  return quality;
}

}  // namespace

bool RosterNamer::is_cut(std::size_t i) const {
  const auto& quality = photographs_->all[i].quality;
  return quality && recognize::is_deeply_cut(*quality);
}

Result<RosterNamer> RosterNamer::create(const EvaluateOptions& options, const EvaluateModels& models,
                                        const Roster& roster, const Photographs& photographs) {
  RosterNamer namer(roster, photographs);
  auto network = recognize::CutFaceNetwork::of(models.models.pack);
  const bool has_rule =
      recognize::naming_rule(recognize::new_gallery(models.manifest(), models.mode), models.manifest()).has_value();
  if (network && has_rule) {
    FACEPIPE_TRY(namer.embed_cut(options, models, *network));
  }
  FACEPIPE_ASSIGN(const gallery::KnownPeople people, namer.enrol(models));
  FACEPIPE_ASSIGN(auto gallery, copy_of(people.gallery()));
  FACEPIPE_ASSIGN(namer.recognizer_,
                  recognize::FaceRecognizer::create(models.embedder, models.manifest(), std::move(gallery)));
  if (!namer.has_companion()) {
    return namer;
  }
  std::optional<Error> failure;
  recognize::name_cut_faces(
      *namer.recognizer_, std::move(network), [&people] { return copy_of(*people.companion()); },
      [&failure](const Error& error) { failure = error; });
  static_cast<void>(namer.recognizer_->for_cut_faces());  // made now, while what it is made of is there
  if (failure) {
    return *failure;
  }
  return namer;
}

// Nobody needs them of photographs that are not enrolled and not cut.
Status RosterNamer::embed_cut(const EvaluateOptions& options, const EvaluateModels& models,
                              const recognize::CutFaceNetwork& network) {
  std::vector<std::size_t> wanted;
  std::vector<std::filesystem::path> files;
  bool any_cut = false;
  for (std::size_t i = 0; i < roster_->roles.size(); ++i) {
    const bool enrolled = roster_->roles[i] == evaluate::Role::kEnrolled;
    if (!photographs_->all[i].embedding.empty() && (enrolled || is_cut(i))) {
      wanted.push_back(i);
      files.push_back(roster_->files.files[i]);
      any_cut = any_cut || !enrolled;
    }
  }
  if (!any_cut) {
    return {};
  }
  FACEPIPE_ASSIGN(Photographs embedded, embed_cut_photographs(options, models, network, files));
  cut_embeddings_.resize(roster_->roles.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (embedded.all[i].embedding.empty()) {
      return Error{ErrorCode::kUnavailable, files[i].string() + ": has no face any more: changed meanwhile"};
    }
    cut_embeddings_[wanted[i]] = std::move(embedded.all[i]);
  }
  return {};
}

Result<gallery::KnownPeople> RosterNamer::enrol(const EvaluateModels& models) {
  gallery::KnownPeople people(recognize::new_gallery(models.manifest(), models.mode));
  const auto rule = recognize::naming_rule(people.gallery(), models.manifest());
  if (has_companion()) {
    const model::Manifest& second = *models.manifest().cut_faces;
    people.begin_companion({second.model_id, second.preprocessing, second.embedding_size});
  }
  for (std::size_t i = 0; i < roster_->roles.size(); ++i) {
    const Photograph& photograph = photographs_->all[i];
    if (roster_->roles[i] != evaluate::Role::kEnrolled || photograph.embedding.empty()) {
      continue;
    }
    if (rule && !recognize::may_be_enrolled(quality_of(photograph, photograph.norm, *rule))) {
      ++refused_;
      continue;
    }
    enrolled_[i] = true;
    FACEPIPE_TRY(people.add(roster_->files.person[i], photograph.embedding,
                            has_companion() ? cut_embeddings_[i].embedding : std::vector<float>()));
  }
  if (people.gallery().people().empty()) {
    return Error{ErrorCode::kInvalidArgument,
                 "expected people with several photographs with a face that can be told in each, to enrol half of "
                 "them; found nobody"};
  }
  return people;
}

std::optional<float> RosterNamer::threshold_of_cut() const {
  const recognize::FaceRecognizer& namer = recognizer_->for_cut_faces();
  return namer.rule() ? recognize::threshold_of_cut(*namer.rule()) : namer.threshold();
}

Result<NamedFace> RosterNamer::name(std::size_t i) const {
  const Photograph& photograph = photographs_->all[i];
  const auto& rule = recognizer_->rule();
  const recognize::FaceRecognizer& namer = rule ? recognizer_->for_face(photograph.quality) : *recognizer_;
  const Photograph& embedded = &namer == &*recognizer_ ? photograph : cut_embeddings_[i];
  NamedFace named;
  named.cut = is_cut(i);
  FACEPIPE_ASSIGN(named.identity, namer.identify(embedded.embedding));
  FACEPIPE_ASSIGN(const auto nearest, recognize::nearest_people(namer.gallery(), namer.rule(), embedded.embedding, 1));
  named.nearest = namer.gallery().people()[nearest.front().person].name;
  named.distance = *named.identity.distance;
  if (rule) {
    const recognize::Quality quality = quality_of(photograph, embedded.norm, *namer.rule());
    named.identity = recognize::judged(named.identity, quality, *namer.rule());
    named.refused = !quality.usable || quality.score < namer.rule()->min_quality;
    if (*named.identity.threshold != rule->threshold) {
      named.distance += rule->threshold - *named.identity.threshold;
    }
  }
  return named;
}

}  // namespace facepipe::app
