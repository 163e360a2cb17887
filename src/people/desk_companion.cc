// What a change does to the gallery, and to its companion for cut faces with it. Tested by desk_companion_test.cc.
#include <filesystem>

#include "image/decode.h"
#include "people/desk_work.h"

namespace facepipe::people {
namespace {

// That one change brings back to the companion: some 20 ms each, under the gallery's lock.
constexpr std::size_t kMostBroughtBack = 64;

// Of a kept crop; empty if there is none, or it gives none.
std::vector<float> embedding_of(const recognize::FaceRecognizer& network, const Result<faces::Crop>& crop,
                                const image::DecodeLimits& limits) {
  const auto probe = crop ? probe_of(*crop, limits) : crop.error();
  if (!probe) {
    return {};
  }
  auto embeddings = network.embed({&*probe, 1});
  return embeddings ? std::move(embeddings->front()) : embed::Embedding();
}

}  // namespace

Result<std::shared_ptr<const recognize::FaceRecognizer>> PeopleDesk::Work::cut_faces(const gallery::Gallery& gallery,
                                                                                     bool judges) const {
  std::error_code ignored;
  const bool begins = gallery.people().empty() && judges;
  if (!parts_.cut_faces ||
      !(begins || std::filesystem::exists(gallery::companion_file(parts_.gallery.path()), ignored))) {
    return std::shared_ptr<const recognize::FaceRecognizer>();
  }
  return parts_.cut_faces();
}

Result<gallery::KnownPeople> PeopleDesk::Work::load_to_edit() const {
  auto people = parts_.gallery.load_to_edit();
  if (people || people.error().code != ErrorCode::kNotFound) {
    return people;
  }
  FACEPIPE_ASSIGN(gallery::Gallery made, load(std::move(people).error()));
  return gallery::KnownPeople(std::move(made));
}

FindCutEmbedding PeopleDesk::Work::cut_finder(const gallery::KnownPeople& people, const Decided& decided) const {
  return [this, &people, &decided](const EmbeddingRef& ref) -> std::vector<float> {
    const auto network = parts_.cut_faces ? parts_.cut_faces() : Error{};
    if (!network || !people.companion()->check_compatible((*network)->gallery().origin())) {
      return {};
    }
    if (const auto fresh = decided.fresh.find(ref); fresh != decided.fresh.end()) {
      return fresh->second.cut;
    }
    if (parts_.store == nullptr || ref.kind == EmbeddingRef::Kind::kRow) {
      return {};
    }
    return embedding_of(**network,
                        ref.kind == EmbeddingRef::Kind::kFace ? parts_.store->face_crop(FaceId{ref.id})
                                                              : parts_.store->picture_crop(PictureId{ref.id}),
                        parts_.decode.limits);
  };
}

Result<std::size_t> PeopleDesk::Work::apply_to(gallery::KnownPeople& people, const Decided& decided, Apply how) const {
  if (parts_.manifest) {
    people.settings().adopt_model_id(parts_.manifest->model_id);
  }
  if (parts_.cut_faces && people.gallery().people().empty()) {
    FACEPIPE_ASSIGN(const bool begins, judges(people.gallery()));
    if (begins) {
      FACEPIPE_ASSIGN(const auto network, parts_.cut_faces());
      people.begin_companion(network->gallery().origin());
    }
  }
  const FindCutEmbedding find_cut = cut_finder(people, decided);
  FACEPIPE_ASSIGN(const std::size_t done, apply(decided.note.forward.gallery, people, finder(&decided), find_cut, how));
  FACEPIPE_TRY(accompany(people, find_cut));
  return done;
}

// One whom this cannot be done for leaves the companion idle: then nobody else is looked at.
Status PeopleDesk::Work::accompany(gallery::KnownPeople& people, const FindCutEmbedding& find_cut) const {
  const gallery::Gallery& gallery = people.gallery();
  if (people.companion() == nullptr || !parts_.cut_faces || parts_.store == nullptr ||
      people.companion()->people().size() == gallery.people().size()) {
    return {};
  }
  std::size_t left = kMostBroughtBack;
  for (const gallery::Person& person : people.unaccompanied()) {
    if (person.embedding_count > left || !gallery.rejected(person.id).empty()) {
      return {};
    }
    left -= person.embedding_count;
    FACEPIPE_ASSIGN(const auto rows, this->rows(gallery, person.id));
    std::vector<std::vector<float>> embeddings;
    for (const Row& row : rows) {
      embeddings.push_back(row.picture ? find_cut(row.ref()) : std::vector<float>());
      if (embeddings.back().empty()) {
        return {};
      }
    }
    FACEPIPE_TRY(people.accompany(person.id, embeddings));
  }
  return {};
}

}  // namespace facepipe::people
