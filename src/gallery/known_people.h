// The people as they are changed: a gallery and, where its pack has a network for cut faces, its companion, a gallery
// of the same people by that network, in a file of its own beside the first. Every change goes to both.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/seal.h"
#include "gallery/gallery.h"

namespace facepipe::gallery {

// "FILE.cut"
[[nodiscard]] std::filesystem::path companion_file(const std::filesystem::path& gallery_file);

// Of the gallery's people those whom the companion has not by id and name, with as many embeddings and rejected
// pictures. Takes one pass over each.
[[nodiscard]] std::vector<Person> missing_in(const Gallery& gallery, const Gallery& companion);
// Is nobody missing, and nobody else there? Only such a companion may name anybody: another is behind or ahead by what
// a program did that was killed, or that knew of none.
[[nodiscard]] bool agree(const Gallery& gallery, const Gallery& companion);

// Not thread-safe. A person's rows, and their rejected pictures, have one order in both.
class KnownPeople {
 public:
  explicit KnownPeople(Gallery gallery, std::optional<Gallery> companion = std::nullopt)
      : gallery_(std::move(gallery)), companion_(std::move(companion)) {}

  [[nodiscard]] const Gallery& gallery() const { return gallery_; }
  // For what is the gallery's alone: threshold, share of strangers, model. People are changed by what follows.
  [[nodiscard]] Gallery& settings() { return gallery_; }
  // Null: there is none.
  [[nodiscard]] const Gallery* companion() const { return companion_ ? &*companion_ : nullptr; }
  // An empty one in place of any other, of a gallery without people: of one that has some it would not agree.
  void begin_companion(const GalleryOrigin& origin) { companion_.emplace(origin); }
  // Lets go of what a program that was killed, or that knew of no companion, left in it: people of whom the two do not
  // have the same. Who has another name alone is given the gallery's. True: something was.
  bool reconcile();
  // It was: the companion's file has what is gone.
  [[nodiscard]] bool reconciled() const { return reconciled_; }

  // As Gallery's. `cut_embedding`: the same picture's by the companion's network; without it a companion lets go of the
  // person. A companion that the change cannot be made in is an error of the change, and both are of no use then.
  [[nodiscard]] Status add(std::string_view name, std::span<const float> embedding,
                           std::span<const float> cut_embedding = {});
  [[nodiscard]] Status add(PersonId person, std::span<const float> embedding,
                           std::span<const float> cut_embedding = {});
  [[nodiscard]] Status restore(PersonId id, std::string_view name, std::span<const float> first_embedding,
                               std::span<const float> cut_embedding = {});
  [[nodiscard]] Status remove(PersonId person);
  [[nodiscard]] Status remove_embedding(PersonId person, std::size_t row);
  [[nodiscard]] Status rename(PersonId person, std::string_view name);
  [[nodiscard]] Status reject(PersonId person, std::span<const float> embedding,
                              std::span<const float> cut_embedding = {});
  // That no more: the one at `place` < gallery().rejected(person).size().
  [[nodiscard]] Status unreject(PersonId person, std::size_t place);

  // By the companion's network, a copy: of a row of the gallery, or of a rejected picture. Empty: it is not there.
  [[nodiscard]] std::vector<float> cut_embedding(std::size_t row) const;
  [[nodiscard]] std::vector<float> cut_rejected(PersonId person, std::size_t place) const;
  // Whom the companion does not have at all; nobody without one.
  [[nodiscard]] std::vector<Person> unaccompanied() const;
  // Somebody whom the companion lets go of comes back: one embedding a row of theirs, in order. Of a person who has
  // rejected pictures that cannot be, nor without a companion: nothing happens.
  [[nodiscard]] Status accompany(PersonId person, std::span<const std::vector<float>> cut_embeddings);

 private:
  // Is the person in the companion?
  [[nodiscard]] bool accompanied(PersonId person) const { return companion_ && companion_->find(person); }
  // The companion after an embedding was added.
  [[nodiscard]] Status follow_addition(PersonId person, std::span<const float> cut_embedding);

  Gallery gallery_;
  std::optional<Gallery> companion_;
  bool reconciled_ = false;
};

// load_gallery_to_edit, and its companion's file if there is one; reconciled. Errors of either file.
[[nodiscard]] Result<KnownPeople> load_people(const std::filesystem::path& file, const SealingKey* key);
// The companion first: whoever sees the changed gallery finds the companion that goes with it. Without one a file of an
// earlier gallery's is removed in the end. The caller holds the lock of `file`.
[[nodiscard]] Status save_people(const KnownPeople& people, const std::filesystem::path& file, const SealingKey* key);

}  // namespace facepipe::gallery
