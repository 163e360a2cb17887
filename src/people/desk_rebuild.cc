// Tested by desk_rebuild_test.cc
#include <algorithm>
#include <filesystem>
#include <functional>
#include <unordered_map>

#include "base/file_lock.h"
#include "base/id.h"
#include "people/desk_work.h"
#include "people/gallery_ops.h"

namespace facepipe::people {
namespace {

using embed::Embedding;
using gallery::Gallery;
using recognize::FaceRecognizer;

constexpr std::string_view kRebuildAction = "people.rebuild";
constexpr std::string_view kRebuiltEvent = "people.rebuilt";

// An embedding and, of the network for cut faces, the same picture's; that one is empty where there is none.
struct RenewedEmbedding {
  std::vector<float> own;
  std::vector<float> cut;
};

// What crops become by the network; nothing for one that cannot be read.
class CropEmbedder {
 public:
  CropEmbedder(const FaceRecognizer& by, const image::DecodeLimits& limits, const RebuildOptions& options,
               std::size_t total)
      : by_(by), limits_(limits), progress_(options.progress), total_(total) {}

  Result<std::vector<std::optional<Embedding>>> embed(const std::vector<faces::Crop>& crops) {
    std::vector<recognize::Probe> inputs;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < crops.size(); ++i) {
      auto input = guarded([&] { return input_of(crops[i]); });
      if (input) {
        inputs.push_back(*std::move(input));
        places.push_back(i);
      } else if (input.error().code == ErrorCode::kExhausted || input.error().code == ErrorCode::kInternal) {
        return std::move(input).error();
      }
    }
    FACEPIPE_ASSIGN(auto embeddings, by_.embed(inputs));
    std::vector<std::optional<Embedding>> all(crops.size());
    for (std::size_t i = 0; i < places.size(); ++i) {
      all[places[i]] = std::move(embeddings[i]);
    }
    done_ += all.size();
    if (progress_) {
      progress_(done_, std::max(done_, total_));
    }
    return all;
  }

 private:
  Result<recognize::Probe> input_of(const faces::Crop& crop) const {
    FACEPIPE_ASSIGN(const recognize::Probe probe, probe_of(crop, limits_));
    return by_.prepare(probe);
  }

  const FaceRecognizer& by_;
  const image::DecodeLimits limits_;
  const std::function<void(std::size_t, std::size_t)> progress_;
  const std::size_t total_;
  std::size_t done_ = 0;
};

// The new embedding of each picture, and of what is known by its old one.
struct Renewed {
  std::vector<std::pair<PictureId, std::vector<float>>> pictures;
  std::unordered_map<std::uint64_t, RenewedEmbedding> by_print;  // of the old one

  [[nodiscard]] const RenewedEmbedding* find(std::span<const float> old) const {
    const auto found = by_print.find(print_of(old));
    return found != by_print.end() ? &found->second : nullptr;
  }
};

// By the network for cut faces, if there is one.
Result<std::vector<std::optional<Embedding>>> embed_cut(CropEmbedder* embedder, const std::vector<faces::Crop>& crops) {
  return embedder != nullptr ? embedder->embed(crops) : std::vector<std::optional<Embedding>>(crops.size());
}

Status renew_pictures(faces::FaceStore& store, CropEmbedder& embedder, CropEmbedder* cut_embedder, Renewed& renewed) {
  return faces::each_page(
      recognize::kMaxFacesPerRun, [&](const faces::PageRequest& page) { return store.pictures(std::nullopt, page); },
      [&](const std::vector<faces::PictureRecord>& pictures) -> Status {
        std::vector<faces::Crop> crops;
        for (const faces::PictureRecord& picture : pictures) {
          FACEPIPE_ASSIGN(crops.emplace_back(), store.picture_crop(picture.id));
        }
        FACEPIPE_ASSIGN(auto cut, embed_cut(cut_embedder, crops));
        FACEPIPE_ASSIGN(const auto embeddings, embedder.embed(crops));
        for (std::size_t i = 0; i < pictures.size(); ++i) {
          FACEPIPE_ASSIGN(const std::vector<float> old, store.picture_embedding(pictures[i].id));
          if (embeddings[i]) {
            renewed.by_print.emplace(print_of(old),
                                     RenewedEmbedding{*embeddings[i], std::move(cut[i]).value_or(Embedding())});
            renewed.pictures.emplace_back(pictures[i].id, *embeddings[i]);
          }
        }
        return {};
      });
}

// Kept faces with their crop, and what it becomes.
template <typename Take>
Status embed_faces(faces::FaceStore& store, const faces::FaceFilter& filter, CropEmbedder& embedder, const Take& take) {
  return faces::each_page(
      recognize::kMaxFacesPerRun, [&](const faces::PageRequest& page) { return store.faces(filter, page); },
      [&](const std::vector<faces::FaceRecord>& found) -> Status {
        std::vector<const faces::FaceRecord*> kept;
        std::vector<faces::Crop> crops;
        for (const faces::FaceRecord& face : found) {
          auto crop = face.has_crop ? store.face_crop(face.id) : Error{ErrorCode::kNotFound, {}};
          if (crop) {
            kept.push_back(&face);
            crops.push_back(*std::move(crop));
          } else if (crop.error().code != ErrorCode::kNotFound) {
            return std::move(crop).error();
          }
        }
        FACEPIPE_ASSIGN(auto embeddings, embedder.embed(crops));
        return take(kept, embeddings);
      });
}

// Faces that were said not to be somebody's: what the gallery has rejected came of them, or of pictures.
Status renew_rejected(faces::FaceStore& store, CropEmbedder& embedder, CropEmbedder* cut_embedder, Renewed& renewed) {
  faces::FaceFilter rejected;
  rejected.mark = faces::Mark::kRejected;
  return embed_faces(store, rejected, embedder,
                     [&](const std::vector<const faces::FaceRecord*>& faces,
                         const std::vector<std::optional<Embedding>>& embeddings) -> Status {
                       for (std::size_t i = 0; i < faces.size(); ++i) {
                         const auto old = store.face_embedding(faces[i]->id);
                         if (old && embeddings[i]) {
                           FACEPIPE_ASSIGN(faces::Crop crop, store.face_crop(faces[i]->id));
                           FACEPIPE_ASSIGN(auto cut, embed_cut(cut_embedder, {std::move(crop)}));
                           renewed.by_print.emplace(
                               print_of(*old),
                               RenewedEmbedding{*embeddings[i], std::move(cut.front()).value_or(Embedding())});
                         } else if (!old && old.error().code != ErrorCode::kNotFound) {
                           return old.error();
                         }
                       }
                       return {};
                     });
}

// One person, as much as can be had.
Status renew_person(const Gallery& old, const gallery::Person& person, const std::vector<std::size_t>& rows,
                    const Renewed& renewed, gallery::KnownPeople& people, Rebuilt& rebuilt) {
  const Gallery& gallery = people.gallery();
  RebuildLoss loss{.name = person.name, .embeddings = 0, .of = rows.size(), .rejected = 0};
  for (const std::size_t row : rows) {
    const RenewedEmbedding* const embedding = renewed.find(old.embedding(row));
    if (embedding == nullptr) {
      ++loss.embeddings;
    } else if (gallery.find(person.id)) {
      FACEPIPE_TRY(people.add(person.id, embedding->own, embedding->cut));
    } else {
      FACEPIPE_TRY(people.restore(person.id, person.name, embedding->own, embedding->cut));
    }
  }
  for (const std::vector<float>& rejected : old.rejected(person.id)) {
    const RenewedEmbedding* const embedding = renewed.find(rejected);
    if (embedding == nullptr || !gallery.find(person.id)) {
      ++loss.rejected;
    } else {
      FACEPIPE_TRY(people.reject(person.id, embedding->own, embedding->cut));
    }
  }
  if (loss.embeddings + loss.rejected > 0) {
    rebuilt.losses.push_back(std::move(loss));
  }
  return {};
}

// The stated share of strangers, or the same as before where the new network has a rule for it; the same quality; a
// companion where there is one, and `cut_origin`, of the network for cut faces.
Result<gallery::KnownPeople> renew_gallery(const Gallery& old, const Renewed& renewed, const model::Manifest& manifest,
                                           const model::Preprocessing& mode, std::optional<double> strangers,
                                           const gallery::GalleryOrigin* cut_origin, Rebuilt& rebuilt) {
  Gallery gallery = recognize::new_gallery(manifest, mode);
  FACEPIPE_TRY(gallery.set_min_quality(old.min_quality()));
  if (strangers) {
    FACEPIPE_TRY(recognize::set_strangers(gallery, manifest, *strangers));
  } else if (old.strangers()) {
    const Status stated = recognize::set_strangers(gallery, manifest, *old.strangers());
    if (!stated && stated.error().code != ErrorCode::kUnsupported) {
      return stated.error();
    }
  }
  gallery::KnownPeople people(std::move(gallery));
  if (cut_origin != nullptr && recognize::naming_rule(people.gallery(), manifest)) {
    people.begin_companion(*cut_origin);
  }
  std::vector<std::vector<std::size_t>> rows(old.people().size());
  for (std::size_t row = 0; row < old.embedding_count(); ++row) {
    rows[old.owner(row)].push_back(row);
  }
  for (std::size_t place = 0; place < rows.size(); ++place) {
    FACEPIPE_TRY(renew_person(old, old.people()[place], rows[place], renewed, people, rebuilt));
  }
  rebuilt.people = people.gallery().people().size();
  rebuilt.embeddings = people.gallery().embedding_count();
  return people;
}

// Centroids of the groups of unknown faces, of what their faces became.
class Groups {
 public:
  void add(faces::UnknownId group, std::span<const float> embedding) {
    std::vector<float>& sum = sums_[group];
    sum.resize(embedding.size());
    std::ranges::transform(sum, embedding, sum.begin(), std::plus());
  }
  [[nodiscard]] Status write(faces::FaceStore& store) const {
    return faces::each_page(
        recognize::kMaxFacesPerRun, [&](const faces::PageRequest& page) { return store.unknowns(true, page); },
        [&](const std::vector<faces::UnknownRecord>& groups) -> Status {
          faces::Batch batch;
          for (const faces::UnknownRecord& group : groups) {
            const auto sum = sums_.find(group.id);
            const float length = sum != sums_.end() ? static_cast<float>(embed::length_of(sum->second)) : 0;
            if (length > 0) {
              faces::UnknownRecord& renewed = batch.unknowns.emplace_back(group);
              renewed.centroid = sum->second;
              std::ranges::for_each(renewed.centroid, [length](float& value) { value /= length; });
            }
          }
          if (batch.unknowns.empty()) {
            return {};
          }
          const auto written = store.write(batch);
          return written ? Status{} : Status(written.error());
        });
  }

 private:
  std::unordered_map<faces::UnknownId, std::vector<float>> sums_;
};

Status renew_faces(faces::FaceStore& store, CropEmbedder& embedder, Rebuilt& rebuilt) {
  Groups groups;
  FACEPIPE_TRY(embed_faces(store, {}, embedder,
                           [&](const std::vector<const faces::FaceRecord*>& faces,
                               std::vector<std::optional<Embedding>>& embeddings) -> Status {
                             faces::Batch batch;
                             for (std::size_t i = 0; i < faces.size(); ++i) {
                               if (!embeddings[i]) {
                                 ++rebuilt.faces_without;
                                 continue;
                               }
                               if (faces[i]->unknown) {
                                 groups.add(*faces[i]->unknown, *embeddings[i]);
                               }
                               batch.face_embeddings.emplace_back(faces[i]->id, *std::move(embeddings[i]));
                             }
                             rebuilt.faces += batch.face_embeddings.size();
                             const auto written = store.write(batch);
                             return written ? Status{} : Status(written.error());
                           }));
  return groups.write(store);
}

}  // namespace

Result<Rebuilt> PeopleDesk::Work::rebuild(const FaceRecognizer& by, const RebuildOptions& options,
                                          std::string_view who) {
  FACEPIPE_ASSIGN(faces::FaceStore* const store, this->store());
  FACEPIPE_ASSIGN(const FileLock lock, FileLock::acquire(parts_.gallery.path()));
  FACEPIPE_TRY(complete_last());
  FACEPIPE_ASSIGN(const gallery::KnownPeople before, parts_.gallery.load_to_edit());
  const Gallery& old = before.gallery();
  FACEPIPE_ASSIGN(const faces::StoreCounts counts, store->counts());
  CropEmbedder embedder(by, parts_.decode.limits, options, static_cast<std::size_t>(counts.pictures + counts.crops));
  std::shared_ptr<const FaceRecognizer> cut_faces;
  std::optional<CropEmbedder> cut_embedder;
  if (parts_.cut_faces) {
    FACEPIPE_ASSIGN(cut_faces, parts_.cut_faces());
    cut_embedder.emplace(*cut_faces, parts_.decode.limits, RebuildOptions{}, 0);
  }
  CropEmbedder* const cut = cut_embedder ? &*cut_embedder : nullptr;
  Renewed renewed;
  FACEPIPE_TRY(renew_pictures(*store, embedder, cut, renewed));
  if (old.any_rejected()) {
    FACEPIPE_TRY(renew_rejected(*store, embedder, cut, renewed));
  }
  Rebuilt rebuilt;
  FACEPIPE_ASSIGN(const gallery::KnownPeople people,
                  renew_gallery(old, renewed, *parts_.manifest, by.gallery().origin().preprocessing, parts_.strangers,
                                cut_faces ? &cut_faces->gallery().origin() : nullptr, rebuilt));
  if (people.gallery().people().empty()) {
    return Error{ErrorCode::kNotFound, "no picture of anybody is kept that the gallery could be made of"};
  }
  if (options.trial || (!rebuilt.losses.empty() && !options.force)) {
    return rebuilt;
  }
  Decided decided;
  decided.action = kRebuildAction;
  decided.event = kRebuiltEvent;
  decided.note.pictures = renewed.pictures.size();
  decided.renewed = std::move(renewed.pictures);
  FACEPIPE_TRY(replace(people, std::move(decided), who));
  rebuilt.made = true;
  // From here on nothing is wrong if it is cut short: a face without its embedding is like nobody.
  FACEPIPE_TRY(renew_faces(*store, embedder, rebuilt));
  return rebuilt;
}

Result<Rebuilt> PeopleDesk::rebuild(const FaceRecognizer& by, const RebuildOptions& options, std::string_view who) {
  if (!work_->parts().manifest) {
    return Error{ErrorCode::kUnsupported, "a gallery is made anew by a pack: there is none"};
  }
  return work_->rebuild(by, options, who);
}

}  // namespace facepipe::people
